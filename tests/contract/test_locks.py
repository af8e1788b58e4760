"""C1, C2, C16, C17, C21: who holds mmap_sem, how, and until when."""

import pytest

from gupkit.contract import check
from gupkit.kernel import FOLL, Kernel
from gupkit.trace import Recorder
from tests.contract.judged import COLD, judged, mapped, pinned, put, trace

COLD_A = {"mmap": {"as": "A", "pages": 1, "prot": "r", "file": "cold", "share": "shared"}}


def test_another_tasks_lock_is_not_ones_own() -> None:
    """C1 is broken when only somebody else holds mmap_sem: he may let it go at any time."""
    steps = (*mapped(), {"down_read": {"by": "T2"}}, pinned(lock="none"), {"up_read": {"by": "T2"}}, put())
    assert judged(*steps)["C1"].verdict == "broken"


@pytest.mark.parametrize("lock", ["read", "write"])
def test_either_lock_will_do_without_nonblocking(lock: str) -> None:
    """C1 is kept by a reader and by the writer; C2 is not reached without a pointer."""
    findings = judged(*mapped(), pinned(lock=lock), put())
    assert (findings["C1"].verdict, findings["C2"].verdict) == ("kept", "not reached")


@pytest.mark.parametrize(("lock", "verdict"), [("read", "kept"), ("write", "broken"), ("none", "broken")])
def test_nonblocking_wants_a_reader(lock: str, verdict: str) -> None:
    """C2 asks how the lock is held when the call begins, whether or not it had to wait."""
    assert judged(*mapped(), pinned(lock=lock, nonblocking=1), put())["C2"].verdict == verdict


def test_a_core_dump_needs_no_lock() -> None:
    """C1 is kept by get_dump_page, which is called when no other thread lives."""
    assert judged(*mapped(), pinned(api="get_dump_page", lock="none"), put())["C1"].verdict == "kept"


def test_a_second_release_breaks_c16() -> None:
    """After *nonblocking came back 0 the lock is gone: releasing it is the fault, and where it is found."""
    findings = judged(COLD_A, {"down_read": {}}, pinned(nonblocking=1, lock="none"), {"up_read": {}}, files=COLD)
    assert (findings["C16"].verdict, [p.step for p in findings["C16"].where]) == ("broken", [3])


def test_taking_the_lock_again_keeps_c16() -> None:
    """A caller that takes the lock again and then releases it has looked at the flag."""
    steps = ({"down_read": {}}, pinned(nonblocking=1, lock="none"), {"down_read": {}}, {"up_read": {}})
    assert judged(COLD_A, *steps, files=COLD)["C16"].verdict == "kept"


def test_the_flag_must_be_1_before() -> None:
    """C16: the call never sets the flag to 1, so a caller who passes 0 learns nothing."""
    assert judged(*mapped(), pinned(nonblocking=0), put())["C16"].verdict == "broken"


@pytest.mark.parametrize(
    ("api", "verdict"), [("get_user_pages_fast", "broken"), ("__get_user_pages_fast", "not reached")]
)
def test_the_walk_alone_may_be_called_under_the_lock(api: str, verdict: str) -> None:
    """C17 is about the variant that takes the lock when it must; __get_user_pages_fast never does."""
    steps = (*mapped(), {"down_read": {}}, pinned("WRITE", api=api), {"up_read": {}}, put())
    assert judged(*steps)["C17"].verdict == verdict


def test_a_system_call_that_pins_fast_keeps_c17() -> None:
    """C17 sees the kernel's own callers too: vmsplice pins without the lock."""
    steps = ({"vmsplice": {"at": "A[0]", "pipe": "p"}}, {"pipe_read": {"pipe": "p"}})
    assert judged(*mapped(), *steps)["C17"].verdict == "kept"


def test_a_lock_that_is_never_released_breaks_c21() -> None:
    """At the end of the run nobody may hold mmap_sem; the cause is where it was taken."""
    run = trace(*mapped(), {"down_write": {}})
    (place,) = check(run)["C21"].where
    assert (place.verdict, run.events[place.cause].name) == ("broken", "down_write")


def test_an_op_injected_into_ones_own_call_is_not_user_space() -> None:
    """C21: what happens inside a call of the same task is no return to user space."""
    race = [{"at": "cond_resched", "do": [{"madvise": {"at": "A", "advice": "DONTNEED"}}]}]
    findings = judged(*mapped(), {**pinned(), "race": race}, put())
    assert findings["C21"].verdict == "kept"


def test_a_machine_driven_by_hand_is_judged_too() -> None:
    """Without any scenario the same clauses hold: the lock, the put, the end."""
    k = Kernel()
    p = k.spawn("P")
    a = k.mmap(p, pages=2)
    gup = getattr(k.gup, "__get_user_pages")
    with Recorder(k) as recorder:
        pages: list = []
        with p.mm.mmap_sem.read():
            gup(p, p.mm, a, 2, FOLL.WRITE | FOLL.GET, pages, None, None)
        gup(p, p.mm, a, 1, FOLL.WRITE | FOLL.GET, [], None, None)
        for page in pages:
            k.put_page(page)
    findings = check(recorder.trace())
    assert [findings[c].verdict for c in ("C1", "C3", "C5", "C21")] == ["broken", "broken", "kept", "not reached"]
    assert "event" in str(findings).splitlines()[1]


def test_a_lock_taken_twice_is_released_twice() -> None:
    """C16: who held mmap_sem twice has one left after the call let one go, and may release it."""
    steps = ({"down_read": {}}, {"down_read": {}}, pinned(nonblocking=1, lock="none"), {"up_read": {}})
    assert judged(COLD_A, *steps, files=COLD)["C16"].verdict == "kept"


def test_a_task_that_had_to_wait_is_watched_like_any_other() -> None:
    """C21: a step that waited for the lock is over when it has run; what its task does next is judged for itself."""
    waits = ({"down_read": {}}, {"munmap": {"at": "B", "by": "T2"}}, {"up_read": {}})
    steps = ({"down_read": {"by": "T2"}}, {"load": {"at": "A[0]", "by": "T2"}}, {"up_read": {"by": "T2"}})
    findings = judged(*mapped(), {"mmap": {"as": "B", "pages": 1}}, *waits, *steps)
    assert [place.step for place in findings["C21"].where] == [7]
