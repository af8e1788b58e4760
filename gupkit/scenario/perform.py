"""Doing one op on the simulated kernel: each function turns arguments into a call, and its answer into a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernel import Errno, Signal, Task
from ..kernel.module import ModuleLoad
from ..kernel.page import Page
from .call_gup import call_gup
from .model import Step
from .observe import sampled
from .world import World

Result = dict[str, Any]
Performer = Callable[[World, Task, Any], Any]


def perform(world: World, step: Step) -> Result:
    """Do the op; its answer as the format says: ``{"ret": n}``, ``{"errno": name}``, ``{"signal": name}``, and more."""
    try:
        answer = PERFORMERS[step.op](world, world.task(step.by), step.args)
    except Signal as signal:
        return {"signal": signal.name}
    return as_result(answer)


def as_result(answer: Any) -> Result:
    """An answer of the kernel as a result.

    >>> as_result(Errno.EFAULT), as_result(3), as_result(b"ab")
    ({'errno': 'EFAULT'}, {'ret': 3}, {'ret': 2, 'bytes': '61'})
    """
    if isinstance(answer, Errno):
        return {"errno": answer.name}
    if isinstance(answer, bytes):
        return {"ret": len(answer), "bytes": sampled(answer)}
    if isinstance(answer, dict):
        return answer
    return {"ret": int(answer or 0)}


def _mmap(world: World, task: Task, args: Any) -> Any:
    address = world.kernel.mmap(
        task, args["addr"], pages=args["pages"], prot=args["prot"], share=args["share"],
        file=world.file(args["file"]) if args["file"] else None, offset=args["offset"], ro=args["ro"],
        flags=args["flags"], kind=args["kind"], name=args["as"],
    )  # fmt: skip
    if not isinstance(address, Errno):
        world.regions[args["as"]] = (address, args["pages"])
        return 0
    return address


def _ranged(name: str, *extra: str) -> Performer:
    """An op on a range of addresses: the kernel's method of that name, with further arguments."""

    def run(world: World, task: Task, args: Any) -> Any:
        return getattr(world.kernel, name)(task, *world.span(args["at"]), *(args[key] for key in extra))

    return run


def _mincore(world: World, task: Task, args: Any) -> Any:
    vector = world.kernel.mincore(task, *world.span(args["at"]))
    return vector if isinstance(vector, Errno) else {"ret": 0, "vec": vector}


def _load(world: World, task: Task, args: Any) -> Any:
    return {"ret": 0, "byte": world.kernel.load(task, world.span(args["at"])[0])[0]}


def _store(world: World, task: Task, args: Any) -> Any:
    world.kernel.store(task, world.span(args["at"])[0], bytes([args["byte"]]))
    return {"ret": 0, "byte": args["byte"]}


def _fork(world: World, task: Task, args: Any) -> Any:
    world.kernel.fork(task, args["as"])
    return 0


def _iov(world: World, args: Any) -> list[tuple[int, int]]:
    if args["iov"] is not None:
        return [(world.span(at)[0], length) for at, length in args["iov"]]
    return [(world.span(args["at"])[0], args["length"])]


def _other(world: World, args: Any) -> Task | None:
    return world.task(args["of"]) if args["of"] else None


def _readv(world: World, task: Task, args: Any) -> Any:
    return world.kernel.process_vm_readv(task, _iov(world, args), _other(world, args))


def _writev(world: World, task: Task, args: Any) -> Any:
    return world.kernel.process_vm_writev(task, _iov(world, args), args["byte"], _other(world, args))


def _mem_read(world: World, task: Task, args: Any) -> Any:
    data = world.kernel.mem_read(task, world.span(args["at"])[0], args["length"], _other(world, args))
    return data if isinstance(data, Errno) else {"ret": len(data), "bytes": data[:1].hex()}


def _mem_write(world: World, task: Task, args: Any) -> Any:
    data = bytes([args["byte"]]) * args["length"]
    return world.kernel.mem_write(task, world.span(args["at"])[0], data, _other(world, args))


def _direct(name: str) -> Performer:
    def run(world: World, task: Task, args: Any) -> Any:
        return getattr(world.kernel, name)(task, *world.span(args["at"]), world.file(args["file"]), args["offset"])

    return run


def _pipe_read(world: World, task: Task, args: Any) -> Any:
    return world.kernel.pipe_read(task, args["pipe"])


def _unregister(world: World, task: Task, args: Any) -> Any:
    return world.kernel.uring_unregister(task, args["as"])


def _pwrite(world: World, task: Task, args: Any) -> Any:
    return world.kernel.pwrite(world.file(args["file"]), args["offset"], bytes([args["byte"]]) * args["length"])


def _file(name: str, *keys: str) -> Performer:
    """An op on a file: the kernel's method of that name, with further arguments."""

    def run(world: World, task: Task, args: Any) -> Any:
        return getattr(world.kernel, name)(world.file(args["file"]), *(args[key] for key in keys))

    return run


def _page_load(world: World, task: Task, args: Any) -> Any:
    held = world.held(args["pin"])
    return {"ret": 0, "byte": world.kernel.page_load(held[0].page)} if held else Errno.EINVAL


def _page_store(world: World, task: Task, args: Any) -> Any:
    for pin in world.held(args["pin"]):
        world.kernel.page_store(pin.page, args["byte"])
    return {"ret": 0, "byte": args["byte"]}


def _each_pin(name: str) -> Performer:
    """An op on one pin or on all of a name."""

    def run(world: World, task: Task, args: Any) -> Any:
        for pin in world.held(args["pin"]):
            if name in ("put_page", "unpin_user_page"):
                pin.held -= 1
            getattr(world.kernel, name)(pin.page)
        return 0

    return run


def _lock(name: str) -> Performer:
    def run(world: World, task: Task, args: Any) -> Any:
        other = _other(world, args)
        getattr(world.kernel, name)(task, other.mm if other else None)
        return 0

    return run


def _meant(world: World, task: Task, args: Any) -> Page | None:
    return world.page(args["pin"] if args["pin"] is not None else args["at"], task.name)


def _lock_page(world: World, task: Task, args: Any) -> Any:
    page = _meant(world, task, args)
    return Errno.EINVAL if page is None else world.kernel.lock_page(task, page)


def _unlock_page(world: World, task: Task, args: Any) -> Any:
    page = _meant(world, task, args)
    return Errno.EINVAL if page is None else world.kernel.unlock_page(page)


def _hwpoison(world: World, task: Task, args: Any) -> Any:
    page = _meant(world, task, args)
    return Errno.EINVAL if page is None else world.kernel.hwpoison(page)


def _reclaim(world: World, task: Task, args: Any) -> Any:
    if args["at"] is None:
        return world.kernel.reclaim(pages=args["pages"])
    return world.kernel.reclaim(task, *world.span(args["at"]))


def _insmod(world: World, task: Task, args: Any) -> Any:
    load: ModuleLoad = world.kernel.insmod(list(args["needs"]), args["license"], args["before_export"])
    return {"errno": load.ret.name, "unknown": list(load.unknown)} if isinstance(load.ret, Errno) else 0


PERFORMERS: dict[str, Performer] = {
    "mmap": _mmap,
    **{name: _ranged(name) for name in ("munmap", "mlock", "munlock", "mlock2", "msync")},
    "mprotect": _ranged("mprotect", "prot"),
    "madvise": _ranged("madvise", "advice"),
    "mincore": _mincore,
    "load": _load,
    "store": _store,
    "fork": _fork,
    "exit": lambda world, task, args: world.kernel.exit(task),
    "process_vm_readv": _readv,
    "process_vm_writev": _writev,
    "mem_read": _mem_read,
    "mem_write": _mem_write,
    "vmsplice": _ranged("vmsplice", "pipe"),
    "pipe_read": _pipe_read,
    "odirect_read": _direct("odirect_read"),
    "odirect_write": _direct("odirect_write"),
    "uring_register": _ranged("uring_register", "as"),
    "uring_unregister": _unregister,
    "pread": _file("pread", "offset", "length"),
    "pwrite": _pwrite,
    "ftruncate": _file("ftruncate", "length"),
    "fsync": _file("fsync"),
    "fadvise_dontneed": _file("fadvise_dontneed", "offset", "length"),
    "drop_caches": lambda world, task, args: world.kernel.drop_caches(),
    "gup": call_gup,
    "page_load": _page_load,
    "page_store": _page_store,
    "put_page": _each_pin("put_page"),
    "unpin_user_page": _each_pin("unpin_user_page"),
    "set_page_dirty": _each_pin("set_page_dirty"),
    "set_page_dirty_lock": _each_pin("set_page_dirty_lock"),
    **{name: _lock(name) for name in ("down_read", "up_read", "down_write", "up_write")},
    **{
        name: _file(name, "offset", "pages")
        for name in ("invalidate_inode_pages2", "invalidate_mapping_pages", "writeback")
    },
    "lock_page": _lock_page,
    "unlock_page": _unlock_page,
    "hwpoison": _hwpoison,
    "reclaim": _reclaim,
    "sigkill": lambda world, task, args: world.kernel.sigkill(_other(world, args) or task),
    "fail_alloc": lambda world, task, args: world.kernel.fail_alloc(args["after"]),
    "insmod": _insmod,
}
"""Every op of the format."""
