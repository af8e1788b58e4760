"""What a process can do to memory: CPU accesses and system calls, the task first, addresses and lengths in bytes.

Source of each: the system call of the same name. An operation newer than the era runs as the abstract
operation it is (process_vm_readv: 3.2; mlock2: 4.4; io_uring: 5.1).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..errors import GupkitError
from .access import access_process_vm, process_vm_rw
from .compound import HPAGE_NR
from .content import PAGE_SIZE
from .direct_io import direct_read, direct_write
from .eras import Era
from .errno import Errno
from .fault import user_access
from .filemap import Inode
from .flags import PROT, VM_LOCKED, VM_SHARED
from .fork import dup_mmap
from .hugetlb import free_huge_pages
from .madvise import do_madvise
from .mlock import __mlock_vma_pages_range as mlock_vma_pages_range
from .mlock import do_mlock, do_mlock_pages, make_pages_present
from .mm_types import MmStruct
from .mmap import KIND_FLAGS, calc_vm_flags, do_munmap, extra_flags, get_unmapped_area, mmap_region
from .mprotect import do_mprotect
from .ops_file import FileOps
from .page import PG_reserved, PG_uptodate, Page, unpin_user_page, write_page
from .page_writeback import filemap_write_and_wait
from .pgtable import PAGE_MASK, PAGE_SHIFT, mk_pte, pte_at, pte_mkspecial, pte_present, set_pte_at, swp_offset
from .sched import Task
from .splice import PipeBuffer, pipe_read, register_buffer, vmsplice
from .vma import VMA, find_vma

SHARES = ("private", "shared")
MAP_FLAGS = frozenset({"POPULATE", "LOCKED", "GROWSDOWN", "NORESERVE"})
DEVICE_PFN = 0xA0
"""Where the memory of a device begins (the VGA window): frames that no allocator owns."""


class UserOps(FileOps):
    """An answer is an int ≥ 0 or bytes, or a negative Errno; load and store raise Signal."""

    def __init__(
        self, era: str | Era = "2.6.39", frames: int = 65_536, debug: bool = True, swap_slots: int | None = None
    ) -> None:
        super().__init__(era, frames, debug, swap_slots)
        self.pipes: dict[str, deque[PipeBuffer]] = {}
        self.buffers: dict[str, tuple[Task, list[Page]]] = {}

    # --- processes

    def spawn(self, name: str = "P") -> Task:
        """A process with an empty address space."""
        return self._new_task(name, MmStruct(self, name))

    def thread(self, task: Task, name: str) -> Task:
        """A thread: a task that shares the address space of ``task``."""
        new = self._new_task(name, task.mm)
        task.mm.mm_users += 1
        return new

    def _new_task(self, name: str, mm: MmStruct) -> Task:
        if name in self.tasks:
            raise GupkitError(f"there is a task {name!r} already: choose another name")
        task = self.tasks[name] = Task(self, name, 1000 + len(self.tasks), mm)
        self.current = self.current or task
        self.vmas_changed(mm)
        self.task_changed(task)
        return task

    def fork(self, task: Task, name: str = "C") -> Task:
        """A child whose private pages are the parent's until one of the two writes."""
        with self.running(task), task.mm.mmap_sem.write():
            child = self.spawn(name)
            dup_mmap(child.mm, task.mm)
            self._traced("dup_mm", child=name)
            return child

    def exit(self, task: Task) -> int:
        """The process ends, with all its threads: mappings go, and so do its registered buffers. Pipes stay."""
        with self.running(task):
            for name in [n for n, (owner, _) in self.buffers.items() if owner.mm is task.mm]:
                self.uring_unregister(task, name)
            for vma in list(task.mm.mmap):
                do_munmap(task.mm, vma.vm_start, vma.vm_end - vma.vm_start)
            task.mm.pgd.clear()
            for other in self.tasks.values():
                other.alive = other.alive and other.mm is not task.mm
            self.task_changed(self.tasks[task.mm.name])
            self.vmas_changed(task.mm)
            self._traced("exit_mmap", process=task.mm.name)
            return 0

    # --- mappings

    def mmap(
        self, task: Task, addr: int | None = None, *, pages: int, prot: str = "rw", share: str = "private",
        file: Inode | None = None, offset: int = 0, ro: bool = False, flags: Sequence[str] = (),
        kind: str = "normal", name: str = "",
    ) -> int | Errno:  # fmt: skip
        """Map ``pages`` pages: the address. ``offset`` in pages; ``ro``: the file was opened read-only;
        ``flags``: POPULATE, LOCKED, GROWSDOWN, NORESERVE; ``kind``: normal, io, pfnmap, mixedmap."""
        for what, word, known in (("kind", kind, tuple(KIND_FLAGS)), ("share", share, SHARES)):
            if word not in known:
                raise GupkitError(f"mmap {what}={word!r}: this version has {', '.join(known)}")
        if unknown := set(flags) - MAP_FLAGS:
            raise GupkitError(f"mmap flags {', '.join(sorted(unknown))}: there are {', '.join(sorted(MAP_FLAGS))}")
        with self.running(task):
            mm = task.mm
            with mm.mmap_sem.write():
                address = get_unmapped_area(mm) if addr is None else addr
                if kind == "hugetlb" and (addr_error := self._no_hugetlb(address, pages, file)):
                    return addr_error
                if share == "shared" and file is None and kind in ("normal", "hugetlb"):
                    file = self._shared_memory(f"shm:{mm.name}:{address:#x}", pages)
                vm_flags = calc_vm_flags(PROT.of(prot), share, file, ro) | extra_flags(tuple(flags)) | KIND_FLAGS[kind]
                vma = mmap_region(mm, address, pages, vm_flags, file, offset, _vma_kind(kind, file), name)
                if isinstance(vma, Errno):
                    return vma
                end = address + pages * PAGE_SIZE
                if kind not in ("normal", "hugetlb"):
                    self._map_device(vma, address, end)
                elif vma.vm_flags & VM_LOCKED:
                    mlock_vma_pages_range(task, vma, address, end, None)
                elif "POPULATE" in flags:
                    make_pages_present(task, address, end)
            self._traced("do_mmap", process=mm.name, start=address, end=end, region=name)
            return address

    def _no_hugetlb(self, address: int, pages: int, file: Inode | None) -> Errno | None:
        """Why a hugetlb mapping cannot be made: -EINVAL (not whole huge pages, or of a file), -ENOMEM (empty pool)."""
        if pages % HPAGE_NR or address % (HPAGE_NR * PAGE_SIZE) or file is not None:
            return Errno.EINVAL
        return Errno.ENOMEM if free_huge_pages(self) < pages // HPAGE_NR else None

    def _shared_memory(self, name: str, pages: int) -> Inode:
        """The unnamed file behind a shared anonymous mapping; it goes with the last mapping."""
        while name in self.files:
            name += "'"
        file = self.files[name] = Inode(self, name, [], memfd=True)
        file.size = pages * PAGE_SIZE
        file.unlinked = True
        self.cache_changed(file, 0)
        return file

    def _map_device(self, vma: VMA, start: int, end: int) -> None:
        """A driver's mapping is filled when it is made, with special entries."""
        for i, address in enumerate(range(start, end, PAGE_SIZE)):
            pfn = DEVICE_PFN + i % 32
            if pfn not in self.low_pages:
                page = self.low_pages[pfn] = Page(self, pfn)
                page.flags, page.count = PG_reserved | PG_uptodate, 1
            set_pte_at(vma.vm_mm, address, pte_mkspecial(mk_pte(pfn, vma.vm_page_prot)))

    def munmap(self, task: Task, addr: int, length: int) -> int | Errno:
        """Unmap a range: 0 or -EINVAL. Waits for everybody who holds mmap_sem."""
        with self.running(task):
            with task.mm.mmap_sem.write():
                ret = do_munmap(task.mm, addr, length)
            self._traced("do_munmap", process=task.mm.name, start=addr, end=addr + length, ret=int(ret))
            return ret

    def mprotect(self, task: Task, addr: int, length: int, prot: str) -> int | Errno:
        """Change rights: 0, -ENOMEM over a hole, -EACCES beyond what the file allows."""
        with self.running(task):
            with task.mm.mmap_sem.write():
                ret = do_mprotect(task, addr, length, PROT.of(prot))
            self._traced("mprotect_fixup", process=task.mm.name, start=addr, end=addr + length, ret=int(ret))
            return ret

    def madvise(self, task: Task, addr: int, length: int, advice: str) -> int | Errno:
        """Advise: 0, -EINVAL, -ENOMEM or -EBADF."""
        with self.running(task):
            ret = do_madvise(task, addr, length, advice)
            self._traced("madvise", process=task.mm.name, start=addr, end=addr + length, advice=advice, ret=int(ret))
            return ret

    def mlock(self, task: Task, addr: int, length: int, *, onfault: bool = False) -> int | Errno:
        """Lock a range into memory and fault it in: 0, -ENOMEM or -EAGAIN."""
        with self.running(task):
            start = addr & PAGE_MASK
            length += addr - start
            with task.mm.mmap_sem.write():
                ret = do_mlock(task.mm, start, length, on=True, onfault=onfault)
            return ret or do_mlock_pages(task, start, length)

    def mlock2(self, task: Task, addr: int, length: int) -> int | Errno:
        """Lock each page when it is first touched (MLOCK_ONFAULT)."""
        return self.mlock(task, addr, length, onfault=True)

    def munlock(self, task: Task, addr: int, length: int) -> int | Errno:
        """Unlock a range: 0 or -ENOMEM."""
        with self.running(task), task.mm.mmap_sem.write():
            return do_mlock(task.mm, addr & PAGE_MASK, length + (addr & ~PAGE_MASK), on=False)

    def msync(self, task: Task, addr: int, length: int) -> int | Errno:
        """Write the shared file pages of a range (MS_SYNC): 0, or -ENOMEM if part of it is a hole."""
        with self.running(task):
            ret: int | Errno = 0
            end = addr + length
            if addr & ~PAGE_MASK:
                return Errno.EINVAL
            while addr < end:
                vma = find_vma(task.mm, addr)
                if vma is None or vma.vm_start >= end:
                    return Errno.ENOMEM
                if vma.vm_start > addr:
                    ret, addr = Errno.ENOMEM, vma.vm_start
                if vma.vm_file is not None and vma.vm_flags & VM_SHARED:
                    filemap_write_and_wait(vma.vm_file)
                addr = vma.vm_end
            return ret

    def mincore(self, task: Task, addr: int, length: int) -> list[int] | Errno:
        """For each page 1 if it is in memory (mapped or cached), else 0; -ENOMEM at a hole."""
        with self.running(task), task.mm.mmap_sem.read():
            vector: list[int] = []
            if addr & ~PAGE_MASK:
                return Errno.EINVAL
            for address in range(addr, addr + length, PAGE_SIZE):
                vma = find_vma(task.mm, address)
                if vma is None or vma.vm_start > address:
                    return Errno.ENOMEM
                vector.append(int(self._in_core(vma, address)))
            return vector

    def _in_core(self, vma: VMA, address: int) -> bool:
        pte = pte_at(vma.vm_mm, address)
        if pte:
            return pte_present(pte) or swp_offset(pte) in self.swap.cache
        if vma.vm_file is None:
            return False
        page = vma.vm_file.mapping.pages.get(vma.vm_pgoff + (address - vma.vm_start >> PAGE_SHIFT))
        return page is not None and bool(page.flags & PG_uptodate)

    # --- touching memory

    def load(self, task: Task, addr: int, n: int = 1) -> bytes:
        """``n`` bytes as the CPU reads them; raises Signal."""
        with self.running(task):
            out = b""
            while len(out) < n:
                offset = (addr + len(out)) % PAGE_SIZE
                page = user_access(task, addr + len(out), write=False)
                out += page.content.read(offset, min(PAGE_SIZE - offset, n - len(out)))
            self._traced("load", process=task.mm.name, address=addr, byte=out[0] if out else 0)
            return out

    def store(self, task: Task, addr: int, data: bytes) -> None:
        """Write ``data`` as the CPU does; raises Signal, what came before it is written."""
        with self.running(task):
            done = 0
            while done < len(data):
                offset = (addr + done) % PAGE_SIZE
                page = user_access(task, addr + done, write=True)
                chunk = data[done : done + PAGE_SIZE - offset]
                write_page(page, offset, chunk, task.mm, addr + done)
                done += len(chunk)
            self._traced("store", process=task.mm.name, address=addr, byte=data[0] if data else 0)

    def process_vm_readv(
        self, task: Task, iov: Sequence[tuple[int, int]], of: Task | None = None
    ) -> bytes | Errno:
        """Read ranges (address, length) of ``of`` (the task itself by default): bytes, or -EFAULT."""
        with self.running(task):
            return process_vm_rw(of or task, list(iov), None)

    def process_vm_writev(
        self, task: Task, iov: Sequence[tuple[int, int]], byte: int, of: Task | None = None
    ) -> int | Errno:
        """Fill ranges of another process with a byte: bytes written, or -EFAULT."""
        with self.running(task):
            moved = process_vm_rw(of or task, list(iov), byte)
            return moved if isinstance(moved, Errno) else len(moved)

    def mem_read(self, task: Task, addr: int, length: int = 1, of: Task | None = None) -> bytes | Errno:
        """Read /proc/PID/mem: by force, so rights do not matter; bytes, or -EIO. The faults are charged to nobody."""
        with self.running(task):
            moved = access_process_vm(None, (of or task).mm, addr, length, None)
            return moved if moved or not length else Errno.EIO

    def mem_write(self, task: Task, addr: int, data: bytes, of: Task | None = None) -> int | Errno:
        """Write /proc/PID/mem: read-only private memory is copied first; bytes written, or -EIO."""
        with self.running(task):
            moved = access_process_vm(None, (of or task).mm, addr, len(data), data)
            return len(moved) if moved or not data else Errno.EIO

    # --- pins a user can take

    def vmsplice(self, task: Task, addr: int, length: int, pipe: str = "pipe") -> int | Errno:
        """Put pages into a pipe: bytes, or -EFAULT, -EAGAIN. Each page is pinned until it is read out."""
        with self.running(task):
            return vmsplice(self, self.pipes.setdefault(pipe, deque()), addr, length)

    def pipe_read(self, task: Task, pipe: str = "pipe") -> bytes:
        """Read a pipe empty."""
        with self.running(task):
            return pipe_read(self.pipes.setdefault(pipe, deque()))

    def odirect_read(self, task: Task, addr: int, length: int, file: Inode, offset: int = 0) -> int | Errno:
        """Read a file into memory past the page cache: bytes, -EINVAL or -EFAULT. ``offset`` in pages."""
        with self.running(task):
            return direct_read(self, addr, length, file, offset * PAGE_SIZE)

    def odirect_write(self, task: Task, addr: int, length: int, file: Inode, offset: int = 0) -> int | Errno:
        """Write memory to a file past the page cache: bytes, -EINVAL or -EFAULT. ``offset`` in pages."""
        with self.running(task):
            return direct_write(self, addr, length, file, offset * PAGE_SIZE)

    def uring_register(self, task: Task, addr: int, length: int, name: str) -> int | Errno:
        """Register a buffer: its pages are pinned for writing until ``uring_unregister``. 0 or -EFAULT.

        A name that is taken goes to the newer buffer; the older one is released when the process ends.
        """
        with self.running(task):
            pages = register_buffer(self, addr, length)
            if isinstance(pages, Errno):
                return pages
            if name in self.buffers:
                self.buffers[f"{name} (older, {self.clock})"] = self.buffers.pop(name)
            self.buffers[name] = (task, pages)
            return 0

    def uring_unregister(self, task: Task, name: str) -> int | Errno:
        """Give the pins of a registered buffer back: 0, or -EINVAL if there is none of that name."""
        with self.running(task):
            if name not in self.buffers:
                return Errno.EINVAL
            for page in self.buffers.pop(name)[1]:
                unpin_user_page(page)
            return 0

    def _traced(self, name: str, **fields: object) -> None:
        if self.tracing:
            self.emit(name, **fields)


def _vma_kind(kind: str, file: Inode | None) -> str:
    if kind != "normal":
        return kind
    if file is None:
        return "anon"
    return "shmem" if file.memfd else "file"
