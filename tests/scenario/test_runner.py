"""Running a scenario: every op of the format is performed, and its result has the shape the format gives it."""

from functools import cache
from typing import Any

import pytest

from gupkit.errors import BackendError, GupkitError
from gupkit.scenario import Scenario
from gupkit.scenario.ops import OPS
from gupkit.scenario.runner import run
from gupkit.trace import Trace
from tests.scenario.story import result, story, unmet

EVERY_OP = """
- mmap: {as: A, pages: 4}
- mmap: {as: F, pages: 2, file: f, share: shared}
- store: {at: "A[0]", byte: 0x42}
- load: {at: "A[0]"}
- mincore: {at: A}
- mlock: {at: "A[0:2]"}
- munlock: {at: A}
- mlock2: {at: "A[3]"}
- munlock: {at: A}
- store: {at: F, byte: 0x51}
- msync: {at: F}
- madvise: {at: "A[3]", advice: DONTNEED}
- mprotect: {at: "A[3]", prot: r}
- fork: {as: C}
- process_vm_writev: {of: C, at: "A[0]", byte: 7, length: 2}
- process_vm_readv: {of: C, iov: [["A[0]", 4097], ["A[2]", 2]]}
- mem_write: {of: C, at: "A[3]", byte: 8, length: 5000}
- mem_read: {of: C, at: "A[0]", length: 5000}
- exit: {by: C}
- vmsplice: {at: "A[0:2]", pipe: x}
- pipe_read: {pipe: x}
- odirect_write: {at: "A[0]", file: f, offset: 1}
- odirect_read: {at: "A[1]", file: f}
- uring_register: {at: "A[0]", as: ring}
- uring_unregister: {as: ring}
- pread: {file: f, length: 8192}
- pwrite: {file: f, byte: 0x70, length: 3}
- fsync: {file: f}
- fadvise_dontneed: {file: f}
- drop_caches: {}
- ftruncate: {file: f, length: 4096}
- gup: {as: pins, at: "A[0:2]", flags: [WRITE], vmas_array: true, nonblocking: 1}
- page_store: {pin: "pins[0]", byte: 0x11}
- page_load: {pin: "pins[0]"}
- set_page_dirty: {pin: "pins[0]"}
- lock_page: {pin: "pins[1]"}
- unlock_page: {at: "A[1]"}
- set_page_dirty_lock: {pin: pins}
- put_page: {pin: "pins[0]"}
- unpin_user_page: {pin: "pins[1]"}
- down_read: {}
- up_read: {}
- down_write: {by: T2}
- up_write: {by: T2}
- pread: {file: cold}
- writeback: {file: cold}
- invalidate_mapping_pages: {file: cold}
- invalidate_inode_pages2: {file: cold}
- reclaim: {at: "A[0]"}
- fail_alloc: {}
- gup: {at: "A[2]", flags: [WRITE, FORCE], get: false}
- gup: {at: "A[3]", flags: [WRITE]}
- hwpoison: {at: "A[1]"}
- insmod: {needs: [__get_user_pages, no_such_symbol]}
- insmod: {needs: [__get_user_pages]}
- sigkill: {}
- gup: {at: A}
- munmap: {at: A}
"""


@cache
def everything() -> Trace:
    """The run of all ops."""
    return story(EVERY_OP)


def of(op: str, which: int = 0) -> dict[str, Any]:
    """The result of the n-th step with this op."""
    return dict([step.result for step in everything().steps if step.op == op][which])


def test_every_op_is_performed() -> None:
    """The story has every op of the format, and each gives an answer."""
    trace = everything()
    assert {step.op for step in trace.steps} == set(OPS)
    assert trace.problem == ""
    assert [step.op for step in trace.steps if not step.result] == []


def test_every_result_is_ret_errno_or_signal() -> None:
    """Exactly one of `ret`, `errno` and `signal` is in each result, and ret is a plain number."""
    for step in everything().steps:
        assert len(step.result.keys() & {"ret", "errno", "signal"}) == 1, step
        assert type(step.result.get("ret", 0)) is int


@pytest.mark.parametrize(
    ("op", "which", "wanted"),
    [
        ("store", 0, {"ret": 0, "byte": 0x42}),
        ("load", 0, {"ret": 0, "byte": 0x42}),
        ("mincore", 0, {"ret": 0, "vec": [1, 0, 0, 0]}),
        ("mlock", 0, {"ret": 0}),
        ("process_vm_writev", 0, {"ret": 2}),
        ("process_vm_readv", 0, {"ret": 4099, "bytes": "0700"}),
        ("mem_write", 0, {"ret": 4096}),
        ("mem_read", 0, {"ret": 5000, "bytes": "07"}),
        ("vmsplice", 0, {"ret": 8192}),
        ("pipe_read", 0, {"ret": 8192, "bytes": "4200"}),
        ("odirect_write", 0, {"ret": 4096}),
        ("odirect_read", 0, {"ret": 4096}),
        ("uring_register", 0, {"ret": 0}),
        ("pread", 0, {"ret": 8192, "bytes": "5142"}),
        ("pwrite", 0, {"ret": 3}),
        ("page_load", 0, {"ret": 0, "byte": 0x11}),
        ("gup", 0, {"ret": 2, "nonblocking": 1, "lock_after": "read", "fault_results": []}),
        ("gup", 1, {"errno": "ENOMEM", "lock_after": "read", "fault_results": [[1, 1, 17]]}),
        ("gup", 2, {"errno": "EFAULT", "lock_after": "read", "fault_results": []}),
        ("gup", 3, {"errno": "ERESTARTSYS", "lock_after": "read", "fault_results": []}),
        ("insmod", 0, {"errno": "ENOENT", "unknown": ["no_such_symbol"]}),
        ("insmod", 1, {"ret": 0}),
        ("invalidate_mapping_pages", 0, {"ret": 2}),
        ("reclaim", 0, {"ret": 1}),
    ],
)  # fmt: skip
def test_results(op: str, which: int, wanted: dict[str, Any]) -> None:
    """Each op's result is what the format says it tells."""
    got = of(op, which)
    if op == "gup" and which == 1:
        got["fault_results"] = [[r, f, foll & 0x11] for r, f, foll in got["fault_results"]]
    assert got == wanted


def test_bytes_are_sampled() -> None:
    """`bytes` is the first byte and the byte at every further 4096, in hex, even for one byte."""
    assert result("- pread: {file: f}") == {"ret": 1, "bytes": "61"}
    assert result("- pread: {file: f, length: 12289}") == {"ret": 12289, "bytes": "61626364"}
    assert result("- pread: {file: f, offset: 9}") == {"ret": 0, "bytes": ""}
    assert result("- pread: {file: f, offset: 3, length: 9999}") == {"ret": 4096, "bytes": "64"}


def test_signals() -> None:
    """A CPU access that fails is told as a signal: SIGSEGV at a hole, SIGBUS beyond the end of a file."""
    assert result("- load: {at: 0x1000}") == {"signal": "SIGSEGV"}
    assert result("- mmap: {as: A, pages: 9, file: f}\n- store: {at: 'A[4]', byte: 1}") == {"signal": "SIGBUS"}


def test_faults_are_told_of_acting_tasks_only() -> None:
    """`faults` is in the steps of a task that acts; not for fork, exit, or ops on files by nobody."""
    told = {step.op: bool(step.faults) for step in everything().steps}
    nobody = {op for op, row in OPS.items() if not row.acts}
    assert {op for op, has in told.items() if not has} == nobody | {"fork", "exit"}


def test_page_fields() -> None:
    """A page that is present tells all its fields; the entry's bits are the table's."""
    trace = story("""
- mmap: {as: A, pages: 4}
- store: {at: "A[0]", byte: 7}
- load: {at: "A[1]"}
- store: {at: "A[2]", byte: 9}
- reclaim: {at: "A[2]"}
- mmap: {as: F, pages: 1, file: f, prot: r}
- load: {at: F}
- mprotect: {at: "A[0]", prot: ""}
""")
    before, after = (dict(trace.steps[i].pages) for i in (6, 7))
    assert before["P:A[0]"] == {
        "present": True, "frame": "f0", "zero": False, "file": False, "swapped": False, "exclusive": True,
        "mapcount": 1, "refcount": 1, "pte": {"write": True, "dirty": True, "young": True}, "byte": 7,
    }  # fmt: skip
    assert before["P:A[1]"]["zero"]
    assert before["P:A[1]"]["frame"] == "Z"
    assert not before["P:A[1]"]["pte"]["write"]
    assert before["P:A[2]"] == {"present": False, "swapped": True}
    assert "P:A[3]" not in before
    assert before["P:F[0]"]["file"]
    assert (before["P:F[0]"]["refcount"], before["P:F[0]"]["byte"]) == (2, 0x61)
    assert "byte" not in after["P:A[0]"]


def test_labels_follow_first_sight() -> None:
    """Frames are told under labels in the order of first sight; a shared frame has one label in both processes."""
    trace = story("""
- mmap: {as: A, pages: 2}
- store: {at: "A[1]", byte: 1}
- fork: {}
- store: {at: "A[1]", byte: 2}
""")
    assert trace.steps[2].pages["P:A[1]"]["frame"] == trace.steps[2].pages["C:A[1]"]["frame"] == "f0"
    assert trace.steps[3].pages["P:A[1]"]["frame"] == "f1"
    assert not trace.steps[2].pages["C:A[1]"]["exclusive"]
    assert trace.steps[3].pages["C:A[1]"]["exclusive"]


def test_a_poisoned_page_is_left_out() -> None:
    """An entry for bad memory is neither present nor swapped, and a touch of it is SIGBUS."""
    trace = story('- mmap: {as: A, pages: 1}\n- store: {at: A, byte: 1}\n- hwpoison: {at: A}\n- load: {at: A}')
    assert trace.steps[2].pages == {}
    assert trace.steps[3].result == {"signal": "SIGBUS"}


def test_since() -> None:
    """An op newer than the era says since when it exists; the others say nothing."""
    since = {step.op: step.since for step in everything().steps}
    assert {op: version for op, version in since.items() if version} == {
        "mlock2": "4.4", "process_vm_readv": "3.2", "process_vm_writev": "3.2", "uring_register": "5.1",
        "uring_unregister": "5.1", "unpin_user_page": "5.6",
    }  # fmt: skip


def test_advice_of_the_future_is_einval() -> None:
    """MADV_POPULATE_* and MADV_GUARD_* answer EINVAL on an era before them; MADV_PAGEOUT runs and says since when."""
    trace = story("""
- mmap: {as: A, pages: 1}
- madvise: {at: A, advice: POPULATE_READ}
- madvise: {at: A, advice: GUARD_INSTALL}
- madvise: {at: A, advice: PAGEOUT}
""")
    assert [dict(step.result) for step in trace.steps[1:]] == [{"errno": "EINVAL"}, {"errno": "EINVAL"}, {"ret": 0}]
    assert [step.since for step in trace.steps] == [None, "5.14", "6.13", "5.4"]


@pytest.mark.parametrize("api", ["get_user_pages", "get_user_pages_fast", "__get_user_pages_fast", "pin_user_pages",
                                 "get_user_pages_unlocked", "get_user_pages_locked", "pin_user_pages_fast",
                                 "get_user_pages_remote", "get_user_pages_fast_only", "get_dump_page"])  # fmt: skip
def test_every_function_pins_a_resident_page(api: str) -> None:
    """Each function of the family, or its twin in this era, pins a page that is there, and leaves no lock behind."""
    trace = story(f"""
- mmap: {{as: A, pages: 1}}
- store: {{at: A, byte: 5}}
- gup: {{as: pins, at: A, api: {api}}}
  expect: {{ret: 1, refcount: {{"pins[0]": 2}}}}
- page_load: {{pin: "pins[0]"}}
  expect: {{byte: 5}}
- put_page: {{pin: pins}}
  expect: {{leaked: 0, refcount: {{"A[0]": 1}}}}
""")
    assert not unmet(trace)
    assert trace[-1].processes["P"].mmap_sem.held == "none"


def test_gup_without_arrays() -> None:
    """Without a pages array nothing is pinned; with an array but no GET the pages come unpinned."""
    trace = story("""
- mmap: {as: A, pages: 2}
- gup: {at: A, flags: [WRITE], pages_array: false, vmas_array: true}
  expect: {ret: 2, refcount: {"A[0]": 1}, present: A}
- gup: {as: pins, at: A, get: false}
  expect: {ret: 2, refcount: {"pins[0]": 1}, leaked: 0}
""")
    assert not unmet(trace)
    assert [e["kind"] for e in trace.events if e.name == "BUG"] == ["bad arguments"]


def test_get_without_an_array_leaks() -> None:
    """GET without a pages array takes references that nobody can give back."""
    trace = story("""
- mmap: {as: A, pages: 2}
- gup: {at: A, flags: [WRITE, GET], pages_array: false}
  expect: {ret: 2, leaked: 2, refcount: {"A[0]": 2}}
""", check=False)  # fmt: skip
    assert not unmet(trace)


@pytest.mark.parametrize(("lock", "held"), [("read", "read"), ("write", "write"), ("none", "none")])
def test_gup_holds_the_lock_it_is_told(lock: str, held: str) -> None:
    """`lock` says how mmap_sem is held during the call, and it is free afterwards."""
    trace = story(f"- mmap: {{as: A, pages: 1}}\n- gup: {{at: A, pages_array: false, lock: {lock}}}", check=False)
    assert trace.steps[1].result["lock_after"] == held
    assert trace[-1].processes["P"].mmap_sem.held == "none"


def test_gup_of_another_process() -> None:
    """`of` says whose memory: the faults are charged to that process, the pin is of its page."""
    trace = story("""
- mmap: {as: A, pages: 1}
- fork: {}
- gup: {as: pins, at: A, of: C, flags: [WRITE]}
  expect: {ret: 1, present: "C:A", absent: "A", same_frame: ["C:A[0]", "pins[0]"]}
- put_page: {pin: pins}
""")
    assert not unmet(trace)
    assert trace[-1].processes["C"].min_flt == 1


def test_any_number_of_pages() -> None:
    """`pages` may be any integer: zero and less give 0, more than the region has ends at its end."""
    trace = story("""
- mmap: {as: A, pages: 2}
- gup: {at: A, pages: 0}
- gup: {at: A, pages: -3}
- gup: {at: 0x1000, pages: -1}
- gup: {as: pins, at: "A[1]", pages: 9}
""")
    assert [step.result.get("ret") for step in trace.steps[1:]] == [0, 0, 0, 1]


def test_pins_may_be_bound_again() -> None:
    """The name of a gup may be used again: then it means the new pins, and the old ones are leaked unless put."""
    trace = story("""
- mmap: {as: A, pages: 2}
- gup: {as: pins, at: "A[0]", flags: [WRITE]}
- gup: {as: pins, at: "A[1]", flags: [WRITE]}
  expect: {same_frame: ["pins[0]", "A[1]"], leaked: 1}
- put_page: {pin: pins}
""")
    assert not unmet(trace)


def test_buffers_may_be_bound_again() -> None:
    """The name of a registered buffer may be used again; when its process ends nothing stays pinned."""
    trace = story("""
- mmap: {as: A, pages: 2}
- uring_register: {at: "A[0]", as: r}
- uring_register: {at: "A[1]", as: r}
- exit: {}
""")
    assert not [frame for frame in trace[-1].frames.values() if frame.kind == "anon"]


def test_put_page_of_all() -> None:
    """`put_page` of a name gives back every pin of it; one pin can be put alone before."""
    trace = story("""
- mmap: {as: A, pages: 3}
- gup: {as: pins, at: A, flags: [WRITE]}
- put_page: {pin: "pins[2]"}
  expect: {refcount: {"A[2]": 1, "A[1]": 2}}
- gup: {as: q, at: "A[0:2]"}
- put_page: {pin: q}
  expect: {refcount: {"A[0]": 2, "A[1]": 2}, leaked: 2}
""")
    assert not unmet(trace)


def test_pins_are_named_in_the_snapshots() -> None:
    """A held reference appears in the snapshot under its name, with where it was taken; a put one is gone."""
    trace = story('- mmap: {as: A, pages: 2}\n- gup: {as: pins, at: A, flags: [WRITE]}\n- put_page: {pin: "pins[0]"}')
    pins = {pin.name: pin for pin in trace[trace.steps[1].last].pins}
    assert set(pins) == {"pins[0]", "pins[1]"}
    assert pins["pins[1]"].write
    assert pins["pins[1]"].address == trace[-1].processes["P"].vmas[0].start + 4096
    assert [pin.name for pin in trace[-1].pins] == ["pins[1]"]


def test_leaked_counts_what_pipes_and_buffers_do_not_hold() -> None:
    """References in a pipe or a registered buffer are not leaks; those of a gup are."""
    trace = story("""
- mmap: {as: A, pages: 2}
- vmsplice: {at: "A[0]", pipe: x}
- uring_register: {at: "A[1]", as: r}
- gup: {as: pins, at: A}
  expect: {leaked: 2}
""")
    assert not unmet(trace)


def test_what_a_race_expects_of_the_end_is_judged() -> None:
    """A put that is never enough, inside another op: at the end one page is left, and the step around it says so."""
    trace = story("""
- mmap: {as: A, pages: 1}
- gup: {as: p, at: A}
- gup: {as: q, at: A}
- store: {by: T2, at: "A[0]", byte: 7}
  race: [{at: down_read, do: [{put_page: {pin: p}, expect: {leaked: 0}}]}]
""")
    assert unmet(trace) == {3: ("in the race, put_page: expected 0 pages never put at the end, got 1",)}


def test_threads_share_memory_and_are_charged_alone() -> None:
    """T2 needs no declaration, sees P's memory, and its faults are its own."""
    trace = story("""
- mmap: {as: A, pages: 2}
- store: {by: T2, at: "A[0]", byte: 3}
  expect: {faults: {minor: 1, major: 0}}
- load: {at: "A[0]"}
  expect: {byte: 3, faults: {minor: 0, major: 0}}
- gup: {by: T3, as: pins, at: "A[1]"}
  expect: {faults: {minor: 1, major: 0}}
""")
    assert not unmet(trace)
    assert set(trace[-1].processes) == {"P"}


def test_missing_pins_are_einval() -> None:
    """An op on a pin that the call did not bring, or on a page that is not mapped, answers EINVAL."""
    trace = story("""
- mmap: {as: A, pages: 2}
- gup: {as: pins, at: "A[1]", pages: 2}
- page_load: {pin: "pins[1]"}
- lock_page: {pin: "pins[1]"}
- unlock_page: {at: "A[0]"}
- hwpoison: {at: "A[0]"}
""")
    assert [dict(step.result) for step in trace.steps[2:]] == [{"errno": "EINVAL"}] * 4


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        ("ret: 2", "expected ret 2, got ret 1"),
        ("errno: EFAULT", "expected errno EFAULT, got ret 1"),
        ("faults: {minor: 3, major: 1}", "expected 3 minor faults, got 1"),
        ("present: 'A[1]'", "expected A[1] present, but 0x7f0000001000 is not"),
        ("present: 'A[1:3]'", "expected A[1:3] present, but 0x7f0000001000, 0x7f0000002000 are not"),
        ("absent: 'A[0]'", "expected A[0] absent, but 0x7f0000000000 is not"),
        ("swapped: 'A[0]'", "expected A[0] swapped, but 0x7f0000000000 is not"),
        ("same_frame: ['A[0]', 'A[1]']", "expected one frame at A[0], A[1], got frame 4102, no page"),
        ("same_frame: ['A[0]', 'file:f[0]']", "expected one frame at A[0], file:f[0], got frame 4102, frame 4096"),
        ("different_frame: ['A[0]', 'pins[0]']",
         "expected different frames at A[0], pins[0], got frame 4102, frame 4102"),
        ("refcount: {'A[0]': 1}", "expected refcount 1 of A[0], got 2"),
        ("mapcount: {'A[1]': 1}", "expected mapcount 1 of A[1], got no page"),
        ("leaked: 0", "expected 0 pages never put at the end, got 1"),
        ("nonblocking: 0", "expected nonblocking 0, got ret 1"),
    ],
)  # fmt: skip
def test_sentences_about_what_did_not_hold(expect: str, sentence: str) -> None:
    """An expectation that fails is told in one sentence: what was expected, what came, where."""
    gup = "- gup: {as: pins, at: 'A[0]', flags: [WRITE]}"
    trace = story(f"- mmap: {{as: A, pages: 3}}\n{gup}\n  expect: {{{expect}}}")
    assert sentence in trace.steps[1].unmet
    assert not trace.ok


def test_a_run_repeats_itself() -> None:
    """Two runs of a scenario are equal, event by event and page by page."""
    one, two = story(EVERY_OP), everything()
    assert list(one.events) == list(two.events)
    assert one.steps == two.steps
    assert one[-1] == two[-1]


def test_steps_own_their_snapshots() -> None:
    """Each step says where it begins and ends, without a gap; `step_at` finds it again."""
    trace = everything()
    assert trace.steps[0].first == 0
    for one, two in zip(trace.steps, trace.steps[1:], strict=False):
        assert one.last == two.first
    assert [trace.step_at(step.last) for step in trace.steps] == list(trace.steps)
    assert trace.step_at(0) is None


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({"title": "t", "needs": ["kvm"], "steps": [{"drop_caches": {}}]}, "does not offer"),
        ({"title": "t", "needs": ["swap", "root"], "steps": [{"drop_caches": {}}]}, "'root'"),
    ],
)
def test_what_the_machine_lacks_is_refused(scenario: dict[str, Any], words: str) -> None:
    """A need that this version lacks is refused before the first step."""
    with pytest.raises(BackendError) as error:
        run(Scenario.load(scenario))
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_era_is_refused() -> None:
    """The runner names the eras it has."""
    with pytest.raises(GupkitError) as error:
        run(Scenario.load({"title": "t", "steps": [{"drop_caches": {}}]}), era="1.0")
    assert "2.6.39" in str(error.value)
