"""Every op of the format, one row each: the schema, the checks and the documentation are made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from . import args as kinds
from . import vocabulary as words
from .args import Kind

REQUIRED: Final = object()
"""The default of an argument that has none."""


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument of an op: its key in the file, its kind, what it is when left out, and what it means."""

    name: str
    kind: Kind
    default: Any = REQUIRED
    doc: str = ""

    @property
    def required(self) -> bool:
        """It must be given."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Op:
    """An op: its arguments besides ``by``, what it does, and who can do it."""

    name: str
    doc: str
    args: tuple[Arg, ...] = ()
    acts: bool = True
    """A task does it, which must be alive; False: the kernel, a device or nobody in particular."""
    sim_only: bool = False
    """Only the simulated kernel can do it; no user can."""
    since: str | None = None
    """The kernel version that brought it to users; None: there in every era."""
    one_of: tuple[str, ...] = ()
    """Exactly one of these optional arguments must be given."""

    def arg(self, name: str) -> Arg | None:
        """The argument called ``name``, or None."""
        return next((arg for arg in self.args if arg.name == name), None)


AT = Arg("at", kinds.PLACE, doc="where")
AT_MAYBE = Arg("at", kinds.PLACE, None, "where")
AS = Arg("as", kinds.NEW_NAME, doc="the name it is known by from here on")
BYTE = Arg("byte", kinds.BYTE, doc="the value written")
FILE = Arg("file", kinds.FILE, doc="a file of this scenario")
OF = Arg("of", kinds.PROCESS, None, "whose memory; left out, that of `by`")
PIN = Arg("pin", kinds.PIN, doc="one pin, `pins[0]`, or all of a name, `pins`")
PIN_MAYBE = Arg("pin", kinds.PIN, None, "the page that a pin holds")
OFFSET = Arg("offset", kinds.OFFSET, 0, "first page of the file")
LENGTH = Arg("length", kinds.LENGTH, 1, "how many bytes")
PIPE = Arg("pipe", kinds.PIPE, doc="the pipe's name; the first use makes it")
IOV = Arg("iov", kinds.IOV, None, "several places, each with its length in bytes")
WHOLE_FILE = Arg("pages", kinds.COUNT, None, "how many pages; left out, all from `offset` on")

_MEMORY = (
    Op("mmap", "map memory or a file", (
        AS,
        Arg("pages", kinds.COUNT, doc="length in pages"),
        Arg("addr", kinds.ADDRESS, None, "a fixed address instead of the next free place"),
        Arg("prot", kinds.PROT, "rw", "what may be done there; empty is PROT_NONE"),
        Arg("share", kinds.choice(("private", "shared")), "private", "MAP_PRIVATE or MAP_SHARED"),
        Arg("file", kinds.FILE, None, "the file mapped; left out, anonymous memory"),
        OFFSET,
        Arg("ro", kinds.YES_NO, False, "the file was opened for reading only"),
        Arg("flags", kinds.several(words.MAP_FLAGS), (), "MAP_ flags"),
        Arg("kind", kinds.choice(words.VMA_KINDS), "normal", "a special mapping; simulated kernel only"),
    )),
    Op("munmap", "unmap", (AT,)),
    Op("mprotect", "change what may be done there", (AT, Arg("prot", kinds.PROT, doc="as of mmap"))),
    Op("madvise", "give the kernel advice", (AT, Arg("advice", kinds.choice(words.ADVICE), doc="without MADV_"))),
    Op("mlock", "fault in and keep resident", (AT,)),
    Op("munlock", "undo mlock", (AT,)),
    Op("mlock2", "keep resident what is touched (MLOCK_ONFAULT)", (AT,), since="4.4"),
    Op("msync", "write a shared mapping back to its file", (AT,)),
    Op("mincore", "ask which pages are resident", (AT,)),
    Op("load", "the CPU reads a byte", (AT,)),
    Op("store", "the CPU writes a byte", (AT, BYTE)),
    Op("fork", "make a process", (Arg("as", kinds.NEW_NAME, "C", "the child's name"),)),
    Op("exit", "end the process"),
)
_OTHERS_MEMORY = (
    Op("process_vm_readv", "read another process's memory", (AT_MAYBE, IOV, LENGTH, OF), since="3.2",
       one_of=("at", "iov")),
    Op("process_vm_writev", "write another process's memory", (AT_MAYBE, IOV, LENGTH, OF, BYTE), since="3.2",
       one_of=("at", "iov")),
    Op("mem_read", "read /proc/PID/mem", (AT, LENGTH, OF)),
    Op("mem_write", "write /proc/PID/mem, which forces", (AT, LENGTH, OF, BYTE)),
    Op("vmsplice", "put pages into a pipe by reference: a read pin", (AT, PIPE)),
    Op("pipe_read", "read what the pipe's pages hold now, and let go of them", (PIPE,)),
    Op("odirect_read", "read a file into memory past the page cache", (AT, FILE, OFFSET)),
    Op("odirect_write", "write memory to a file past the page cache", (AT, FILE, OFFSET)),
    Op("uring_register", "register a fixed buffer: a long-term write pin", (AT, AS), since="5.1"),
    Op("uring_unregister", "let go of a registered buffer",
       (Arg("as", kinds.NEW_NAME, doc="the name given at uring_register"),), since="5.1"),
)
_FILES = tuple(
    Op(name, doc, extra, acts=False)
    for name, doc, extra in (
        ("pread", "read a file", (FILE, OFFSET, LENGTH)),
        ("pwrite", "write a file", (FILE, OFFSET, LENGTH, BYTE)),
        ("ftruncate", "set a file's size", (FILE, Arg("length", kinds.FILE_SIZE, doc="the new size in bytes"))),
        ("fsync", "write a file's dirty pages to disk", (FILE,)),
        ("fadvise_dontneed", "ask that clean cached pages be dropped", (FILE, OFFSET, LENGTH)),
        ("drop_caches", "drop every clean page-cache page that nobody uses", ()),
    )
)
_GUP = Op("gup", "call __get_user_pages or one of its family, as kernel code would", (
    Arg("as", kinds.NEW_NAME, None, "the name of the pages; left out, nobody can name them again"),
    AT,
    Arg("pages", kinds.ANY_INTEGER, None, "nr_pages; left out, those that `at` spans"),
    Arg("flags", kinds.several(words.FOLL_FLAGS), (), "gup_flags, without FOLL_"),
    Arg("nonblocking", kinds.integer(0, 1), None, "left out, NULL; 1, a pointer to 1"),
    Arg("api", kinds.choice(words.GUP_APIS), "__get_user_pages", "the function called"),
    OF,
    Arg("pages_array", kinds.YES_NO, True, "pages is not NULL"),
    Arg("vmas_array", kinds.YES_NO, False, "vmas is not NULL"),
    Arg("get", kinds.YES_NO, True, "add GET (PIN for pin_*) when there is a pages array"),
    Arg("lock", kinds.choice(("read", "write", "none")), None,
        "how mmap_sem is held; left out, read, and none for *_fast and *_unlocked"),
), sim_only=True)
_HOLDER = tuple(
    Op(name, doc, (PIN, *extra), acts=False, sim_only=True)
    for name, doc, extra in (
        ("page_load", "the holder of a pin reads a byte", ()),
        ("page_store", "the holder of a pin writes a byte", (BYTE,)),
        ("set_page_dirty", "mark dirty; the page must be locked or its file held", ()),
        ("set_page_dirty_lock", "lock, mark dirty, unlock", ()),
        ("put_page", "drop the reference", ()),
        ("unpin_user_page", "drop a FOLL_PIN reference", ()),
    )
)
_LOCKS = tuple(
    Op(name, doc, (OF,), sim_only=True)
    for name, doc in (
        ("down_read", "take mmap_sem for reading"), ("up_read", "release it"),
        ("down_write", "take mmap_sem for writing"), ("up_write", "release it"),
    )
)
_CACHE = tuple(
    Op(name, doc, (FILE, OFFSET, WHOLE_FILE), acts=False, sim_only=True)
    for name, doc in (
        ("invalidate_inode_pages2", "unmap and drop pages of a file, whoever uses them"),
        ("invalidate_mapping_pages", "drop pages of a file that nobody uses"),
        ("writeback", "write dirty pages of a file to disk"),
    )
)
_PAGE = tuple(
    Op(name, doc, (AT_MAYBE, PIN_MAYBE), sim_only=True, one_of=("at", "pin"))
    for name, doc in (
        ("lock_page", "take the page lock"), ("unlock_page", "release it"),
        ("hwpoison", "the memory of the page fails"),
    )
)
_MACHINE = (
    Op("reclaim", "unmap, swap out and free what can be", (
        AT_MAYBE, Arg("pages", kinds.COUNT, None, "how many to free, whichever they are"),
    ), sim_only=True, one_of=("at", "pages")),
    Op("sigkill", "a SIGKILL becomes pending", (OF,), sim_only=True),
    Op("fail_alloc", "an allocation of a data page fails", (
        Arg("after", kinds.NTH, 1, "which, counted from here"),
    ), acts=False, sim_only=True),
    Op("insmod", "load a module that needs symbols", (
        Arg("needs", kinds.SYMBOLS, doc="the symbols"),
        Arg("license", kinds.Kind("a licence", {"type": "string", "minLength": 1}, str), "GPL", "MODULE_LICENSE"),
        Arg("before_export", kinds.YES_NO, False, "into the kernel just before the export was added"),
    ), acts=False, sim_only=True),
)

OPS: dict[str, Op] = {
    op.name: op
    for op in (*_MEMORY, *_OTHERS_MEMORY, *_FILES, _GUP, *_HOLDER, *_LOCKS, *_CACHE, *_PAGE, *_MACHINE)
}
"""Every op by name, in the order of the format's table."""
