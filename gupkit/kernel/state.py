"""Saving a machine and putting it back: whatever a later operation could find is as it was.

A state holds values, not copies of objects: restoring writes them back into the same pages, VMAs, tasks and files, so
that whoever points to one of them still does. What came into being after the save is forgotten. Both cost some
microseconds for each object that exists, and work between operations only: a call under way has variables of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ..errors import GupkitError
from .page import Page
from .vma import VMA

if TYPE_CHECKING:
    from .machine import Machine

OWN = (
    "clock", "current", "files", "tasks", "vm_area_cachep", "low_pages", "page_lockers", "nr_hugepages", "pipes",
    "buffers",
)  # fmt: skip
"""Fields of the machine itself that operations change. The others say who watches, or never change."""
PAGE_FIELDS = tuple(name for name in Page.__slots__ if name not in ("kernel", "pfn"))
VMA_FIELDS = tuple(VMA.__slots__)
_page_values = attrgetter(*PAGE_FIELDS)
_vma_values = attrgetter(*VMA_FIELDS)


@dataclass(frozen=True, slots=True)
class State:
    """One moment of one machine: pages and VMAs with their fields, everything else with its attributes."""

    machine: Machine
    own: dict[str, Any]
    pages: list[tuple[Page, tuple[Any, ...]]]
    vmas: list[tuple[VMA, type, tuple[Any, ...]]]
    others: list[tuple[Any, dict[str, Any]]]


def save(machine: Machine) -> State:
    """The machine as it is now. GupkitError in the middle of an operation."""
    _between_operations(machine, "saved")
    pages = [(page, _page_values(page)) for page in _pages(machine)]
    vmas = list(_vmas(machine))
    return State(
        machine,
        {name: _copy(getattr(machine, name)) for name in OWN},
        pages,
        [(vma, type(vma), _vma_values(vma)) for vma in vmas],
        [(thing, _copy(vars(thing))) for thing in _others(machine, vmas, pages)],
    )


def restore(state: State) -> None:
    """Put the machine back to a state of its own; a state can be restored as often as one likes.

    GupkitError in the middle of an operation.
    """
    machine = state.machine
    _between_operations(machine, "restored")
    for name, value in state.own.items():
        setattr(machine, name, _copy(value))
    for thing, values in state.others:
        if vars(thing) != values:  # comparing is cheaper than copying, and most things are as they were
            vars(thing).update(_copy(values))
    for page, fields in state.pages:
        if _page_values(page) != fields:
            _set(page, PAGE_FIELDS, fields)
        if type(page) is not machine.page_class:
            machine.watch_page(page)
    for vma, kind, fields in state.vmas:
        vma.__class__ = kind
        _set(vma, VMA_FIELDS, fields)


def _between_operations(machine: Machine, what: str) -> None:
    if machine.depth:
        raise GupkitError(f"a machine cannot be {what} while an operation is under way: wait until it has ended")


def _set(thing: Page | VMA, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
    """Write fields past everybody who watches: nothing happens, it only is as it was."""
    for name, value in zip(names, values, strict=True):
        object.__setattr__(thing, name, value)


CONTAINERS = frozenset({dict, list, set, deque})


def _copy(value: Any) -> Any:
    """A container of one's own. Maps may hold further containers (page tables, pipes), lists hold none that change."""
    if type(value) not in CONTAINERS:
        return value
    copy = value.copy()
    if type(copy) is dict:
        for key, item in copy.items():
            if type(item) in CONTAINERS:
                copy[key] = _copy(item)
    return copy


def _pages(machine: Machine) -> Iterator[Page]:
    yield from machine.zone.mem_map
    yield from machine.low_pages.values()


def _vmas(machine: Machine) -> Iterator[VMA]:
    """Every VMA in use, and those the slab keeps for the next user."""
    yield machine.gate_vma
    for mm in {task.mm for task in machine.tasks.values()}:
        yield from mm.mmap
    yield from machine.vm_area_cachep


def _others(machine: Machine, vmas: list[VMA], pages: list[tuple[Page, tuple[Any, ...]]]) -> set[Any]:
    """Whatever else can change: address spaces and their locks, tasks, files and caches, the allocator, swap, disk."""
    things: set[Any] = {machine.zone, machine.disk, machine.swap, machine.debug}
    for task in machine.tasks.values():
        things |= {task, task.mm, task.mm.mmap_sem}
    mappings: set[Any] = {page.mapping for page, _ in pages} | {vma.anon_vma for vma in vmas}
    mappings |= {inode.mapping for inode in machine.files.values()}
    mappings |= {vma.vm_file.mapping for vma in vmas if vma.vm_file is not None}
    mappings.discard(None)
    return things | mappings | {mapping.host for mapping in mappings if not mapping.is_anon}
