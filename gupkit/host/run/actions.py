"""Doing one op on this machine's Linux: each function asks a servant for one system call, or touches a byte."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from ...errors import BackendError
from ...trace.snapshot import PAGE_SHIFT, PAGE_SIZE
from . import numbers as n
from .files_ops import FILE_ACTIONS
from .servant import Reply, Servant
from .stage import STRUCTS
from .stub import Ops
from .world import HostWorld

Result = dict[str, Any]
SIGNALS = {n.SIGSEGV: "SIGSEGV", n.SIGBUS: "SIGBUS"}
_STRUCT_PAGES = STRUCTS >> PAGE_SHIFT
_PIPE_BYTES = 1 << 20


class Done(NamedTuple):
    """What came of an op as the format tells it, and the (minor, major) faults; None where they are not told."""

    result: Result
    faults: tuple[int, int] | None = None


Action = Callable[[HostWorld, Servant, Any], Done]


def perform(world: HostWorld, op: str, by: str, args: Any) -> Done:
    """Do the op. Raises BackendError if the machine cannot, GupkitError for a place that is not there."""
    if op in FILE_ACTIONS:
        return Done(FILE_ACTIONS[op](world, args))
    return ACTIONS[op](world, world.task(by), args)


def error_name(number: int) -> str:
    """The name of an error number, without its sign.

    >>> error_name(14)
    'EFAULT'
    """
    return errno.errorcode.get(number, f"E{number}")


def _told(reply: Reply, **more: Any) -> Done:
    """A reply as the format has it; ``more`` belongs to the answer if there is one."""
    faults = (reply.minor, reply.major)
    if reply.signal:
        return Done({"signal": SIGNALS[reply.signal]}, faults)
    if reply.result < 0:
        return Done({"errno": error_name(-reply.result)}, faults)
    return Done({"ret": reply.result, **more}, faults)


def _sampled(data: bytes) -> str:
    return data[::PAGE_SIZE].hex()


def _pages(length: int) -> int:
    """Pages of the buffer for ``length`` bytes of data behind the structures."""
    return _STRUCT_PAGES + (length + PAGE_SIZE - 1 >> PAGE_SHIFT)


def _fits(world: HostWorld, length: int) -> None:
    if length > world.crew.stage.room:
        raise BackendError(f"one call on the host moves {world.crew.stage.room:,} bytes at most, not {length:,}")


# --- mappings


def _mmap(world: HostWorld, servant: Servant, args: Any) -> Done:
    start, pages = args["addr"], args["pages"]
    flags = n.MAP_SHARED if args["share"] == "shared" else n.MAP_PRIVATE
    for name in args["flags"]:
        flags |= n.MAP_FLAGS[name]
    if start is None:
        start = world.next_place(servant)
        flags |= n.MAP_FIXED_NOREPLACE
    else:
        world.check_place(servant, start, pages)
        flags |= n.MAP_FIXED
    fd = _fd(world, args)
    if fd < 0:
        flags |= n.MAP_ANONYMOUS
    prot = sum(n.PROT[letter] for letter in args["prot"])
    reply = world.crew.syscall(
        servant, "mmap", start, pages << PAGE_SHIFT, prot, flags, fd, args["offset"] << PAGE_SHIFT
    )
    if reply.result == start:
        world.bind(servant, args["as"], start, pages, args["file"])
        return Done({"ret": 0}, (reply.minor, reply.major))
    return _told(reply)


def _fd(world: HostWorld, args: Any) -> int:
    if not args["file"]:
        return -1
    file = world.files[args["file"]]
    return file.opened(os.O_RDONLY) if args["ro"] else file.fd


def _ranged(name: str, more: Callable[[Any], tuple[int, ...]] = lambda args: ()) -> Action:
    """A system call on a range of addresses, with further arguments made of the op's."""

    def action(world: HostWorld, servant: Servant, args: Any) -> Done:
        return _told(world.crew.syscall(servant, name, *world.span(args["at"]), *more(args)))

    return action


def _mincore(world: HostWorld, servant: Servant, args: Any) -> Done:
    address, length = world.span(args["at"])
    count = length + PAGE_SIZE - 1 >> PAGE_SHIFT
    _fits(world, count)
    stage = world.crew.stage
    reply = world.crew.syscall(servant, "mincore", address, length, stage.data, pages=_pages(count))
    return _told(reply, vec=[byte & 1 for byte in stage.get(stage.data, count)])


# --- touches


def _load(world: HostWorld, servant: Servant, args: Any) -> Done:
    reply = servant.call(Ops.LOAD, args=(world.span(args["at"])[0],))
    return _told(reply._replace(result=0), byte=reply.result)


def _store(world: HostWorld, servant: Servant, args: Any) -> Done:
    reply = servant.call(Ops.STORE, args=(world.span(args["at"])[0], args["byte"]))
    return _told(reply._replace(result=0), byte=args["byte"])


# --- processes


def _fork(world: HostWorld, servant: Servant, args: Any) -> Done:
    world.add(args["as"], world.crew.fork(servant), servant)
    return Done({"ret": 0})


def _exit(world: HostWorld, servant: Servant, args: Any) -> Done:
    world.crew.exit(servant)
    if servant.leader is servant:
        world.drop_rings(servant)
    return Done({"ret": 0})


# --- other processes' memory


def _iovecs(world: HostWorld, args: Any) -> list[tuple[int, int]]:
    if args["iov"] is not None:
        return [(world.span(at)[0], length) for at, length in args["iov"]]
    return [(world.span(args["at"])[0], args["length"])]


def _process_vm(world: HostWorld, servant: Servant, args: Any, name: str) -> tuple[Reply, int]:
    """The reply, and how many bytes were asked for."""
    stage = world.crew.stage
    remote = _iovecs(world, args)
    total = sum(length for _, length in remote)
    _fits(world, total)
    if name == "process_vm_writev":
        stage.put(stage.data, bytes([args["byte"]]) * total)
    flat = [number for pair in [(stage.data, total), *remote] for number in pair]
    stage.put(stage.buffer, struct.pack(f"={len(flat)}Q", *flat))
    whose = world.task(args["of"]) if args["of"] else servant
    iovec = stage.buffer + 16
    call = (whose.leader.pid, stage.buffer, 1, iovec, len(remote), 0)
    return world.crew.syscall(servant, name, *call, pages=_pages(total)), total


def _readv(world: HostWorld, servant: Servant, args: Any) -> Done:
    reply, _ = _process_vm(world, servant, args, "process_vm_readv")
    stage = world.crew.stage
    return _told(reply, bytes=_sampled(stage.get(stage.data, max(reply.result, 0))))


def _writev(world: HostWorld, servant: Servant, args: Any) -> Done:
    return _told(_process_vm(world, servant, args, "process_vm_writev")[0])


def _memory(world: HostWorld, servant: Servant, args: Any, name: str) -> Reply:
    """Read or write /proc/PID/mem. Whoever had it open gets 0 for a process that is gone, and so does the op."""
    stage = world.crew.stage
    whose = world.task(args["of"]) if args["of"] else servant
    try:
        fd = world.memory(servant, whose)
    except (FileNotFoundError, ProcessLookupError):
        return Reply(0, 0, 0, 0)
    _fits(world, args["length"])
    address = world.span(args["at"])[0]
    return world.crew.syscall(servant, name, fd, stage.data, args["length"], address, pages=_pages(args["length"]))


def _mem_read(world: HostWorld, servant: Servant, args: Any) -> Done:
    reply = _memory(world, servant, args, "pread64")
    stage = world.crew.stage
    return _told(reply, bytes=stage.get(stage.data, min(max(reply.result, 0), 1)).hex())


def _mem_write(world: HostWorld, servant: Servant, args: Any) -> Done:
    stage = world.crew.stage
    stage.put(stage.data, bytes([args["byte"]]) * args["length"])
    return _told(_memory(world, servant, args, "pwrite64"))


# --- pins that a user can take


def _vmsplice(world: HostWorld, servant: Servant, args: Any) -> Done:
    stage = world.crew.stage
    stage.put(stage.buffer, struct.pack("=2Q", *world.span(args["at"])))
    end = world.pipe(args["pipe"])[1]
    return _told(world.crew.syscall(servant, "vmsplice", end, stage.buffer, 1, n.SPLICE_F_NONBLOCK, pages=1))


def _pipe_read(world: HostWorld, servant: Servant, args: Any) -> Done:
    """Read a pipe empty; an empty one holds 0 bytes, and is not waited for."""
    stage = world.crew.stage
    end = world.pipe(args["pipe"])[0]
    reply = world.crew.syscall(servant, "read", end, stage.data, _PIPE_BYTES, pages=_pages(_PIPE_BYTES))
    if reply.result == -errno.EAGAIN:
        reply = reply._replace(result=0)
    return _told(reply, bytes=_sampled(stage.get(stage.data, max(reply.result, 0))))


def _direct(name: str) -> Action:
    def action(world: HostWorld, servant: Servant, args: Any) -> Done:
        address, length = world.span(args["at"])
        fd = world.files[args["file"]].opened(os.O_RDWR | os.O_DIRECT)
        return _told(world.crew.syscall(servant, name, fd, address, length, args["offset"] << PAGE_SHIFT))

    return action


def _register(world: HostWorld, servant: Servant, args: Any) -> Done:
    stage = world.crew.stage
    stage.put(stage.buffer, bytes(PAGE_SIZE))
    ring = world.crew.syscall(servant, "io_uring_setup", 1, stage.buffer, pages=1).result
    if ring < 0:
        raise BackendError(f"this machine makes no io_uring for the run: {os.strerror(-ring)}")
    stage.put(stage.buffer, struct.pack("=2Q", *world.span(args["at"])))
    call = (ring, n.IORING_REGISTER_BUFFERS, stage.buffer, 1)
    done = _told(world.crew.syscall(servant, "io_uring_register", *call, pages=1))
    if "errno" in done.result:
        world.crew.close_file(servant, ring)
        return done
    _drop_ring(world, args["as"])
    world.rings[args["as"]] = (servant, ring)
    return done


def _drop_ring(world: HostWorld, name: str) -> None:
    """A name is given to another buffer: the one before goes, as its last user did."""
    if name in world.rings:
        owner, fd = world.rings.pop(name)
        world.crew.close_file(owner, fd)


def _unregister(world: HostWorld, servant: Servant, args: Any) -> Done:
    if args["as"] not in world.rings:
        return Done({"errno": "EINVAL"}, (0, 0))
    fd = world.rings[args["as"]][1]
    done = _told(world.crew.syscall(servant, "io_uring_register", fd, n.IORING_UNREGISTER_BUFFERS, 0, 0))
    _drop_ring(world, args["as"])
    return done


ACTIONS: dict[str, Action] = {
    "mmap": _mmap,
    "munmap": _ranged("munmap"),
    "mprotect": _ranged("mprotect", lambda args: (sum(n.PROT[letter] for letter in args["prot"]),)),
    "madvise": _ranged("madvise", lambda args: (n.ADVICE[args["advice"]],)),
    "mlock": _ranged("mlock"),
    "munlock": _ranged("munlock"),
    "mlock2": _ranged("mlock2", lambda args: (n.MLOCK_ONFAULT,)),
    "msync": _ranged("msync", lambda args: (n.MS_SYNC,)),
    "mincore": _mincore,
    "load": _load,
    "store": _store,
    "fork": _fork,
    "exit": _exit,
    "process_vm_readv": _readv,
    "process_vm_writev": _writev,
    "mem_read": _mem_read,
    "mem_write": _mem_write,
    "vmsplice": _vmsplice,
    "pipe_read": _pipe_read,
    "odirect_read": _direct("pread64"),
    "odirect_write": _direct("pwrite64"),
    "uring_register": _register,
    "uring_unregister": _unregister,
}
"""Every op that a task of a run can do."""
