"""Small random scenarios with several tasks: few enough schedules that every single one can be run."""

from __future__ import annotations

from random import Random
from typing import Any

from gupkit.errors import ScenarioError
from gupkit.scenario import Scenario

FILES = {"f": [0x61, 0x62], "c": {"pages": [0x30], "cached": False}, "m": {"pages": [0x70], "memfd": True}}
START: tuple[list[dict[str, Any]], ...] = (
    [{"mmap": {"as": "A", "pages": 2}}, {"store": {"at": "A[0]", "byte": 1}}],
    [{"mmap": {"as": "A", "pages": 2, "file": "f", "share": "shared"}}],
    [{"mmap": {"as": "A", "pages": 2, "file": "f", "prot": "r", "ro": True}}],
    [{"mmap": {"as": "A", "pages": 1, "file": "c", "share": "shared"}}],
    [{"mmap": {"as": "A", "pages": 1, "file": "m", "share": "shared"}}],
    [{"mmap": {"as": "A", "pages": 1}}, {"store": {"at": "A[0]", "byte": 1}}, {"fork": {"as": "C"}}],
)
"""How a scenario begins."""
STEPS: tuple[dict[str, Any], ...] = (
    {"store": {"at": "A[0]", "byte": 7}},
    {"load": {"at": "A[0]"}, "expect": {"byte": 1}},
    {"mem_write": {"at": "A[0]", "byte": 9}},
    {"madvise": {"at": "A", "advice": "DONTNEED"}},
    {"munmap": {"at": "A[0]"}},
    {"mprotect": {"at": "A", "prot": "r"}},
    {"fork": {"as": "D"}},
    {"gup": {"as": "p", "at": "A", "flags": ["WRITE"]}},
    {"gup": {"as": "q", "at": "A[0]"}},
    {"gup": {"as": "p", "at": "A[0]", "nonblocking": 1}},
    {"gup": {"as": "p", "at": "A[0]", "lock": "none"}},
    {"page_store": {"pin": "p[0]", "byte": 3}},
    {"page_load": {"pin": "q[0]"}},
    {"set_page_dirty_lock": {"pin": "p"}},
    {"put_page": {"pin": "p"}},
    {"put_page": {"pin": "q"}},
    {"vmsplice": {"at": "A[0]", "pipe": "z"}},
    {"pipe_read": {"pipe": "z"}},
    {"uring_register": {"at": "A[0]", "as": "u"}},
    {"odirect_read": {"at": "A[0]", "file": "f"}},
    {"odirect_write": {"at": "A[0]", "file": "f"}},
    {"pread": {"file": "f"}, "expect": {"bytes": "61"}},
    {"pwrite": {"file": "f", "byte": 5}},
    {"ftruncate": {"file": "f", "length": 0}},
    {"writeback": {"file": "f"}},
    {"invalidate_inode_pages2": {"file": "f"}},
    {"drop_caches": {}},
    {"reclaim": {"at": "A"}},
    {"reclaim": {"pages": 2}},
    {"fail_alloc": {}},
    {"lock_page": {"at": "A[0]"}},
    {"unlock_page": {"at": "A[0]"}},
    {"down_read": {}},
    {"up_read": {}},
    {"exit": {}},
)
"""What may come then, by anybody."""


def scenario(seed: int, length: int = 4) -> Scenario:
    """A scenario of ``length`` random steps after its beginning, by P, T2, T3 or C; now and then with an open race."""
    random = Random(seed)
    steps = [dict(step) for step in random.choice(START)]
    wanted = len(steps) + length
    while len(steps) < wanted:
        (op, args), *beside = random.choice(STEPS).items()
        step: dict[str, Any] = {op: {**args, "by": random.choice(("P", "P", "T2", "T2", "T3", "C"))}, **dict(beside)}
        if random.random() < 0.12:
            (other, more), *_ = random.choice(STEPS).items()
            step["race"] = [{"at": "any", "do": [{other: {**more, "by": "T4"}}]}]
        if _fits(steps, step):
            steps.append(step)
    return Scenario.load({"title": f"small {seed}", "files": FILES, "steps": steps})


def _fits(steps: list[dict[str, Any]], step: dict[str, Any]) -> bool:
    try:
        Scenario.load({"title": "t", "files": FILES, "steps": [*steps, step]})
    except ScenarioError:
        return False
    return True
