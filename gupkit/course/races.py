"""Stories that a kernel is tried on, as it is written and in every other order; and what came of it, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..api import explore, run
from ..errors import GupkitError
from ..kernel.eras import V2_6_39, V6_18, Era
from ..scenario import Scenario
from .model import Rule
from .tables import REMEMBER, Table, by_table, fork_answer

Steps = list[dict[str, Any]]
NEW = 0x7A


def mending(rule: Rule, table: Table) -> Era:
    """2.6.39 with a student's rule for forced writes."""
    return V2_6_39.but("yours", forced_write=by_table(rule, table))


def forking(rule: Rule, table: Table) -> Era:
    """6.18 with a student's rules for write faults and for fork, and with the sheet's weight of a pin."""
    return V6_18.but(
        "yours", pin_bias=rule["bias"], mprotect_keeps_write=False,
        anon_reuse=lambda page: fork_answer(rule, table, "may_take_over", page),
        fork_copies_pinned=lambda page: fork_answer(rule, table, "fork_copies", page),
    )  # fmt: skip


def broken(rule: Rule) -> Era:
    """The sheet's kernel with the hole."""
    around = {"one": 1, "all": 16}[rule["around"]]
    return V2_6_39.but("the sheet's", fault_around_pages=around, **(
        {"forced_write": REMEMBER} if rule["hole"] == "remember" else {}
    ))  # fmt: skip


# --- stories


def _write(byte: int) -> Steps:
    return [{"mem_write": {"at": "A[0]", "byte": byte}, "expect": {"ret": 1}}]


def _load(byte: int, by: str = "P", at: str = "A[0]") -> Steps:
    return [{"load": {"by": by, "at": at}, "expect": {"byte": byte}}]


def _file(byte: int) -> Steps:
    return [{"pread": {"file": "letter"}, "expect": {"bytes": f"{byte:02x}"}}]


def _store(byte: int) -> Steps:
    return [{"store": {"at": "A[0]", "byte": byte}}]


def _bare(byte: int) -> Steps:
    return [{"mem_write": {"at": "A[0]", "byte": byte}}]


def _heard(byte: int) -> Steps:
    return [{"pipe_read": {"by": "C", "pipe": "p"}, "expect": {"bytes": f"{byte:02x}"}}]


def _get(api: str = "get_user_pages", **more: Any) -> Steps:
    return [{"gup": {"as": "pins", "at": "A[0]", "api": api, **more}}]


def _same(*places: str) -> Steps:
    return [{"load": {"at": "A[0]"}, "expect": {"same_frame": ["A[0]", *places]}}]


READ_ONLY: Steps = [{"mmap": {"as": "A", "pages": 1, "prot": "r", "file": "letter", "ro": True}}]
ZEROS: Steps = [{"mmap": {"as": "A", "pages": 1, "prot": "r"}}, {"load": {"at": "A[0]"}}]
UNTOUCHED: Steps = [{"mmap": {"as": "Z", "pages": 1}}, *_load(0, at="Z[0]")]
ONE: Steps = [{"mmap": {"as": "A", "pages": 1}}]
GIVE_UP: Steps = [{"madvise": {"by": "T2", "at": "A", "advice": "DONTNEED"}}]
READ: Steps = [{"load": {"by": "T3", "at": "A[0]"}}]
FORK: Steps = [{"fork": {"as": "C"}}]
STRIPPED: Steps = [{"mprotect": {"at": "A", "prot": "r"}}, {"mprotect": {"at": "A", "prot": "rw"}}]
PUT: Steps = [{"put_page": {"pin": "pins"}}]
SPLICED: Steps = [{"vmsplice": {"by": "C", "at": "A[0]", "pipe": "p"}}, {"munmap": {"by": "C", "at": "A"}}]

STORIES: dict[str, Callable[[int, int], Steps]] = {
    "a forced write to a page of a file": lambda old, new: [*READ_ONLY, *_write(new), *_load(new), *_file(old)],
    "a forced write to a page of a file that P has read": lambda old, new: [
        *READ_ONLY, *_load(old), *_write(new), *_load(new), *_file(old),
    ],
    "a forced write to the page of zeros": lambda old, new: [*ZEROS, *_write(new), *_load(new), *UNTOUCHED],
    "a forced write to a page shared with a child": lambda old, new: [
        *ONE, *_store(old), *FORK, {"mprotect": {"at": "A", "prot": "r"}}, *_write(new), *_load(new), *_load(old, "C"),
    ],
    "two forced writes, the second to the copy that the first has made": lambda old, new: [
        *READ_ONLY, *_write(1), *_get(), *_write(new), *_same("pins[0]"), *PUT, *_file(old),
    ],
    "a pin for writing, without force, of a page shared with a child": lambda old, new: [
        *ONE, *_store(old), *FORK, *_get(flags=["WRITE"]), {"page_store": {"pin": "pins[0]", "byte": new}},
        *_load(old, "C"), *PUT,
    ],
    "a forced write to a file, and T2 gives the page up": lambda old, new: [
        *READ_ONLY, *_bare(new), *GIVE_UP, *_file(old),
    ],
    "a forced write to a file, T2 gives the page up, T3 reads it": lambda old, new: [
        *READ_ONLY, *_bare(new), *GIVE_UP, *READ, *_file(old),
    ],
    "a forced write to zeros, T2 gives the page up, T3 reads it": lambda old, new: [
        *ZEROS, *_bare(new), *GIVE_UP, *READ, *UNTOUCHED,
    ],
    "a fork, and the parent writes": lambda old, new: [
        *ONE, *_store(old), *FORK, *_store(new), *_load(old, "C"), *_load(new),
    ],
    "a fork, the child puts its page into a pipe, the parent writes": lambda old, new: [
        *ONE, *_store(old), *FORK, *SPLICED, *_store(new), *_heard(old),
    ],
    "a reference, all rights to write taken and given back, a write": lambda old, new: [
        *ONE, *_store(old), *_get(flags=["WRITE"]), *STRIPPED, *_store(new), *_same("pins[0]"), *PUT,
    ],
    "a pin, a fork, the parent writes": lambda old, new: [
        *ONE, *_store(old), *_get("pin_user_pages", flags=["WRITE"]), *FORK, *_store(new), *_same("pins[0]"),
        {"unpin_user_page": {"pin": "pins"}},
    ],
    "a fork, the child ends, the parent writes": lambda old, new: [
        *ONE, *_store(old), *FORK, {"exit": {"by": "C"}}, *_get(), *PUT, *_store(new), *_same("pins[0]"),
    ],
    "a fork of what nobody has pinned": lambda old, new: [*ONE, *_store(old), *FORK, *_same("C:A[0]")],
    "a fork of what three pipes hold": lambda old, new: [
        *ONE, *_store(old), *({"vmsplice": {"at": "A[0]", "pipe": f"p{i}"}} for i in range(3)), *FORK, *_same("C:A[0]"),
    ],
    "a fork, the parent writes, the child puts its page into a pipe": lambda old, new: [
        *ONE, *_store(old), *FORK, *_store(new), *SPLICED, *_heard(old),
    ],
    "a pin that a device writes through, T2 forks and writes": lambda old, new: [
        *ONE, *_store(old), *_get("pin_user_pages", flags=["WRITE"]), {"page_store": {"pin": "pins[0]", "byte": new}},
        {"set_page_dirty_lock": {"pin": "pins"}}, *_load(new), {"unpin_user_page": {"pin": "pins"}},
        {"fork": {"by": "T2", "as": "C"}}, {"store": {"by": "T2", "at": "A[0]+2048", "byte": 2}},
    ],
}  # fmt: skip
"""What happens → the steps, with an old and a new byte, and in them what must come out."""


def told(story: str, era: Era, switches: int, bytes_: Sequence[int]) -> str:
    """What is wrong with a story: as it is written, or else in some order with at most so many switches."""
    old, new = bytes_
    scenario = Scenario.load({"title": story, "files": {"letter": [old]}, "steps": STORIES[story](old, new)})
    ended = run(scenario, era)
    unmet = [text for step in ended.steps for text in step.unmet]
    unmet += [event.fields["text"] for event in ended.events if event.name == "BUG" and event["kind"] == "soft lockup"]
    if unmet or not switches:
        return f"something else ({unmet[0]})" if unmet else RIGHT
    violations = explore(scenario, era, max_switches=switches).violations
    if not violations:
        return RIGHT
    who = [f"{switch['do'][0]['text']} at {switch.get('at', 'the start')}" for switch in violations[0].schedule]
    return f"{' and '.join(who) or 'as it is written'}: {violations[0].problems[0].text}"


RIGHT = "all as it should be"


# --- the moment


def struck(rule: Rule, pages: Sequence[str], target: int, nth: Any, deeds: Any) -> list[int]:
    """Which pages of the file are changed, if the others strike at the ``nth`` cond_resched of a pin for writing.

    GupkitError for a moment that there is not, and for deeds that nobody does.
    """
    if type(nth) is not int or not 1 <= nth <= 60:
        raise GupkitError(f"the moment is a number from 1 on, not {str(nth)[:20]}")
    if type(deeds) is not list or not 1 <= len(deeds) <= 4 or not all(type(d) is str and d in DEEDS for d in deeds):
        raise GupkitError(f"what the others do is a list, of {' and '.join(map(repr, DEEDS))}")
    steps = moment(pages)
    pin = next(step for step in steps if "gup" in step)
    pin["race"] = [{"at": "cond_resched", "nth": nth, "do": [DEEDS[deed](target) for deed in deeds]}]
    story = {"title": "the moment", "files": {"letter": _fills(pages)}, "steps": steps}
    ended = run(Scenario.load(story), broken(rule))
    found = [step.result.get("bytes") for step in ended.steps[-len(pages) :]]
    return [i for i, fill in enumerate(_fills(pages)) if found[i] != f"{fill:02x}"]


def moment(pages: Sequence[str]) -> Steps:
    """Read-only memory of a file, each page with its past; all of it is pinned for writing, by force, and written."""
    count = len(pages)
    made: Steps = [{"mmap": {"as": "A", "pages": count, "prot": "r", "file": "letter", "ro": True}}]
    made += [{"mem_write": {"at": f"A[{i}]", "byte": 1}} for i, past in enumerate(pages) if past == "copied"]
    made += [{"load": {"at": f"A[{i}]"}} for i, past in enumerate(pages) if past == "read"]
    made += [{"gup": {"as": "pins", "at": "A", "flags": ["WRITE", "FORCE"]}}]
    made += [{"page_store": {"pin": f"pins[{i}]", "byte": NEW}} for i in range(count)]
    made += [{"put_page": {"pin": "pins"}}]
    return made + [{"pread": {"file": "letter", "offset": i}} for i in range(count)]


def _fills(pages: Sequence[str]) -> list[int]:
    return [0x41 + i for i in range(len(pages))]


DEEDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "give up": lambda page: {"madvise": {"by": "T2", "at": f"A[{page}]", "advice": "DONTNEED"}},
    "read": lambda page: {"load": {"by": "T3", "at": f"A[{page}]"}},
}
"""What the others can do at that moment: T2 gives the page up, T3 reads it."""
