"""The lines of /proc/PID/maps as VMAs.

Kernel source: fs/proc/task_mmu.c, ``show_map_vma`` (2.6 to 6.18 print the same six columns).
"""

from __future__ import annotations

from gupkit.trace.snapshot import PAGE_SHIFT, Vma

TASK_SIZE = (1 << 47) - (1 << PAGE_SHIFT)
"""The first byte beyond a process's own addresses (x86-64, four levels): the last page below 1 << 47 stays unused."""

_DELETED = " (deleted)"


def parse_maps(text: bytes) -> tuple[Vma, ...]:
    r"""Every VMA of a /proc/PID/maps, in address order.

    Lines beyond :data:`TASK_SIZE` are left out: ``[vsyscall]`` is no VMA of the process (the kernel prints that
    line for everybody), and four levels of tables do not reach what a process with five levels has up there.

    >>> [vma.name for vma in parse_maps(b"1000-3000 rw-p 00000000 00:00 0   [heap]\n")]
    ['[heap]']
    """
    # Not splitlines(), nor text mode: a file's name may hold \r and its like. Only a newline is escaped.
    vmas = (parse_line(line) for line in text.split(b"\n") if line)
    return tuple(vma for vma in vmas if vma.end <= TASK_SIZE)


def parse_line(line: bytes) -> Vma:
    r"""One line of /proc/PID/maps, without its newline. Raises ValueError for anything else.

    ``file`` is the path as the kernel prints it, ``(deleted)`` included; None for memory without a file.
    ``name`` is its last part, or what the kernel calls the region (``[stack]``), or empty.
    Flags are those that the line tells: a MAY flag other than MAYSHARE it does not.

    >>> vma = parse_line(b"7f0000000000-7f0000002000 r-xp 00003000 fe:00 42   /usr/lib/libc.so.6")
    >>> vma.name, vma.flags, vma.pgoff
    ('libc.so.6', ('READ', 'EXEC'), 3)
    """
    columns = line.split(None, 5)
    span, perms, offset = (column.decode("ascii") for column in columns[:3])
    start, end = (int(address, 16) for address in span.split("-"))
    # Names are bytes on Linux; what is not UTF-8 is shown as \xNN, which every picture and file can hold.
    shown = columns[5].decode("utf-8", "backslashreplace") if len(columns) > 5 else ""
    file, name = _names(shown, perms)
    return Vma(start, end, _flags(perms, shown), name, file, int(offset, 16) >> PAGE_SHIFT)


def _flags(perms: str, shown: str) -> tuple[str, ...]:
    flags = [flag for letter, flag in zip(perms, ("READ", "WRITE", "EXEC"), strict=False) if letter != "-"]
    if perms[3] == "s":
        # The letter tells VM_MAYSHARE. VM_SHARED is missing where the file was opened for reading only,
        # and such a mapping can never be writable.
        flags += ["SHARED", "MAYSHARE"] if "WRITE" in flags else ["MAYSHARE"]
    if shown == "[stack]":
        flags.append("GROWSDOWN")
    return tuple(flags)


def _names(shown: str, perms: str) -> tuple[str | None, str]:
    """The file, or None, and what a reader calls the region."""
    if not shown or shown.startswith("["):
        return None, shown
    file = shown.replace("\\012", "\n")
    if not shown.startswith("/"):  # anon_inode:[perf_event], socket:[1234], …
        return file, shown
    if shown == "/dev/zero" + _DELETED and perms[3] == "s":
        return file, "[shared anonymous]"  # MAP_SHARED without a file lives in a nameless tmpfs file
    return file, shown.removesuffix(_DELETED).rsplit("/", 1)[-1] + (_DELETED if shown.endswith(_DELETED) else "")
