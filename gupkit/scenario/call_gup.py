"""The ``gup`` op: calling one of the family as kernel code would, with the lock and the arrays it was told to use."""

from __future__ import annotations

from typing import Any

from ..kernel import Cell, Errno, Task
from ..kernel import flags as canon
from ..kernel.gup_api import call
from ..kernel.page import Page, put_page
from ..kernel.sched import Blocked
from ..kernel.vma import writes_file
from .world import HeldPin, World


def call_gup(world: World, task: Task, args: Any) -> dict[str, Any]:
    """Call it, name what came, and tell ``ret`` or ``errno``, ``nonblocking``, ``lock_after``, ``fault_results``."""
    kernel = world.kernel
    target = world.task(args["of"]) if args["of"] else task
    cell = None if args["nonblocking"] is None else Cell(args["nonblocking"])
    pages: list[Any] | None = [] if args["pages_array"] else None
    vmas: list[Any] | None = [] if args["vmas_array"] else None
    faults: list[list[int]] = []

    def note(name: str, fields: dict[str, Any], place: str) -> None:
        if name == "handle_mm_fault" and "foll_flags" in fields and kernel.depth == depth:
            faults.append([fields["ret"], fields["fault_flags"], fields["foll_flags"]])

    with kernel.running(task):
        depth = kernel.depth
        kernel.listen(note)
        sem = target.mm.mmap_sem
        try:
            _take(sem, args["lock"])
            ret = int_or_errno(_call(world, args, target, pages, vmas, cell))
            lock_after = sem.held
            _name_pins(world, args, target, ret, pages)
            if not _released_by_call(args, cell):
                _release(sem, args["lock"], task)
        except Blocked:
            for page in pages or ():
                if isinstance(page, Page) and page.pins > 0:
                    put_page(page)
            if task in sem.readers and args["lock"] == "read":
                sem.up_read()
            raise
        finally:
            kernel.unlisten(note)
    return _result(ret, cell, lock_after, faults)


def _flags(args: Any) -> tuple[str, ...]:
    return tuple(args["flags"])


def _result(ret: int, cell: Cell | None, lock_after: str, faults: list[list[int]]) -> dict[str, Any]:
    out: dict[str, Any] = {"errno": ret.name} if isinstance(ret, Errno) else {"ret": int(ret)}
    if cell is not None:
        out["nonblocking"] = cell.value
    return out | {"lock_after": lock_after, "fault_results": faults}


def _take(sem: Any, lock: str) -> None:
    if lock == "read":
        sem.down_read()
    elif lock == "write":
        sem.down_write()


def _released_by_call(args: Any, cell: Cell | None) -> bool:
    """The call avoided a wait, and so let mmap_sem go (with NOWAIT it keeps it and sets the flag all the same)."""
    return cell is not None and cell.value == 0 and "NOWAIT" not in _flags(args)


def _release(sem: Any, lock: str, task: Task) -> None:
    if lock == "read" and task in sem.readers:
        sem.up_read()
    elif lock == "write" and sem.writer is task:
        sem.up_write()


def gup_flags(world: World, args: Any) -> int:
    """The flags of the step that the era has, in the simulated kernel's own numbers.

    ``__get_user_pages`` itself adds none: GET comes with a pages array unless the step says otherwise.
    """
    known = world.kernel.FOLL.__members__
    value = 0
    for name in _flags(args):
        if name in known:
            value |= getattr(canon, f"FOLL_{name}", 0)
    if args["pages_array"] and args["get"] and args["api"] == "__get_user_pages":
        value |= canon.FOLL_GET
    return value


def _call(
    world: World, args: Any, target: Task, pages: list[Any] | None, vmas: list[Any] | None, cell: Cell | None
) -> int:
    """The call, by the same door as kernel code of the era takes."""
    start, length = world.span(args["at"])
    nr_pages = (length + 4095) // 4096 if args["pages"] is None else args["pages"]
    if args["api"] == "get_dump_page":
        page = world.kernel.gup.get_dump_page(start)
        if page is not None and pages is not None:
            pages.append(page)
        return 1 if page is not None else 0
    return call(
        world.kernel, str(args["api"]), start, nr_pages, gup_flags(world, args), pages, tsk=target, mm=target.mm,
        vmas=vmas, locked=cell,
    )  # fmt: skip


def int_or_errno(ret: int) -> int:
    """The answer, an error number as such."""
    return ret if ret >= 0 else Errno(ret)


def _name_pins(world: World, args: Any, target: Task, ret: int, pages: list[Any] | None) -> None:
    if args["as"] is None:
        return
    start, _ = world.span(args["at"])
    held = int(bool(args["get"] or "GET" in _flags(args)) or args["api"] != "__get_user_pages")
    write = "WRITE" in _flags(args)
    dma = bool(world.kernel.era.pin_bias) and ("PIN" in _flags(args) or args["api"].startswith("pin_"))
    world.pins[args["as"]] = [
        HeldPin(page, target.mm.name, at, write, held, page.serial, dma, writes_file(target.mm, at))
        for i, page in enumerate((pages or [])[: max(int(ret), 0)])
        if isinstance(page, Page)
        for at in [(start & ~4095) + i * 4096]
    ]
