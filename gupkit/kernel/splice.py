"""Two ways in which any user can make the kernel hold on to pages: a pipe, and registered buffers.

Source: fs/splice.c vmsplice_to_pipe (2.6.39); io_uring/rsrc.c io_sqe_buffer_register (5.1 on).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from .errno import Errno
from .flags import FOLL_GET, FOLL_LONGTERM, FOLL_PIN, FOLL_TOUCH, FOLL_WRITE
from .gup import __get_user_pages
from .gup_fast import gup_fast
from .gup_locked import locked_loop
from .page import Page, put_page, unpin_user_page
from .pgtable import PAGE_MASK, PAGE_SIZE
from .vma import find_vma_intersection

if TYPE_CHECKING:
    from .machine import Machine

PIPE_BUFFERS = 16
"""Pages a pipe can hold."""


class PipeBuffer(NamedTuple):
    """A part of a page, as it is now and not as it was when it was spliced; ``owner`` names the mm it came from."""

    page: Page
    offset: int
    length: int
    owner: str = ""


def vmsplice(machine: Machine, pipe: deque[PipeBuffer], address: int, length: int) -> int | Errno:
    """Put the running task's pages themselves into a pipe, with a *read* pin; the bytes taken, or -errno.

    Fewer when the pipe is full; -EAGAIN when it was full already.
    """
    first = address & PAGE_MASK
    count = (address + length - first + PAGE_SIZE - 1) // PAGE_SIZE
    room = min(count, PIPE_BUFFERS - len(pipe))
    if room <= 0:
        return Errno.EAGAIN
    pages: list[Any] = []
    ret = gup_fast(machine, first, room, FOLL_GET, pages)
    if ret <= 0:
        return Errno(ret) if ret else Errno.EFAULT
    taken = 0
    for page in pages:
        offset = (address + taken) % PAGE_SIZE
        chunk = min(length - taken, PAGE_SIZE - offset)
        pipe.append(PipeBuffer(page, offset, chunk, machine.running_task().mm.name))
        taken += chunk
    return taken


def pipe_read(pipe: deque[PipeBuffer]) -> bytes:
    """Read the pipe empty: what the pages hold *now*; the pins are given back."""
    out = b""
    while pipe:
        page, offset, length, _ = pipe.popleft()
        out += page.content.read(offset, length)
        put_page(page)
    return out


def register_buffer(machine: Machine, address: int, length: int) -> list[Page] | Errno:
    """Pin a buffer for writing for as long as it stays registered; all of it or nothing."""
    first = address & PAGE_MASK
    count = (address + length - first + PAGE_SIZE - 1) // PAGE_SIZE
    task = machine.running_task()
    vma = find_vma_intersection(task.mm, first, first + 1)
    refuses = machine.era.registered_file == "refused by io_uring"
    pages: list[Any] = []
    flags = FOLL_TOUCH | FOLL_WRITE | FOLL_LONGTERM | (FOLL_PIN if machine.era.pin_bias else FOLL_GET)
    with task.mm.mmap_sem.read():
        if refuses:
            ret = __get_user_pages(task, task.mm, first, count, flags, pages, None, None)
        else:
            ret = locked_loop(task, task.mm, first, count, flags, pages)[0]
    refused = refuses and vma is not None and vma.vm_file is not None
    if ret == count and not refused:
        return pages
    for page in pages:
        unpin_user_page(page)
    return Errno.EOPNOTSUPP if refused else Errno.EFAULT if ret >= 0 else Errno(ret)
