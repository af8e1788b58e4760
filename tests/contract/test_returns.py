"""C4, C5, C18, C20: what a call answers, and whom it charges."""

from gupkit.contract import check
from tests.contract.judged import FILE, judged, mapped, pinned, put, trace


def test_asking_again_is_told() -> None:
    """C4 says what the second call answered, if the caller asked from where the first one stopped."""
    steps = ({"mmap": {"as": "A", "pages": 2}}, pinned(at="A", pages=4), pinned(at="A[2]", pages=2, name="rest"), put())
    finding = judged(*steps)["C4"]
    assert (finding.verdict, "-EFAULT" in finding.sentence) == ("kept", True)


def test_putting_more_than_came_breaks_c4() -> None:
    """A caller who puts twice what a short return gave breaks C4 and C3."""
    findings = judged({"mmap": {"as": "A", "pages": 2}}, pinned(at="A", pages=4), put(), put())
    assert [findings[c].verdict for c in ("C3", "C4")] == ["broken", "broken"]


def test_a_full_return_is_not_short() -> None:
    """C4 is about short returns only."""
    assert judged(*mapped(), pinned())["C4"].verdict == "not reached"


def test_an_error_at_the_first_page_keeps_c5() -> None:
    """A hole at once is a negative errno, as promised."""
    finding = judged(*mapped(), pinned(at="A[7]"))["C5"]
    assert (finding.verdict, "-EFAULT" in finding.sentence) == ("kept", True)


def test_resident_pages_charge_nobody() -> None:
    """C18 is not reached by a call that takes no fault."""
    assert judged(*mapped(), pinned("WRITE"), put())["C18"].verdict == "not reached"


def test_a_thread_pays_for_itself() -> None:
    """C18 is not exercised when a thread runs the call and is the one charged."""
    steps = ({"mmap": {"as": "A", "pages": 1}}, {"gup": {"as": "pins", "at": "A", "by": "T2"}}, put())
    assert judged(*steps)["C18"].verdict == "not exercised"


def test_later_kernels_charge_the_runner() -> None:
    """C18: from 5.9 on whoever runs the call is charged, so a forced write by another surprises nobody."""
    steps = ({"mmap": {"as": "A", "pages": 1}}, {"mem_write": {"at": "A[0]", "byte": 1}})
    assert judged(*steps)["C18"].verdict == "exercised"
    assert judged(*steps, era="5.10")["C18"].verdict == "not exercised"


def test_get_without_an_array_breaks_c20() -> None:
    """References that nobody has a name for are taken, and leak."""
    findings = judged(*mapped(), {"gup": {"at": "A[0]", "flags": ["GET"], "pages_array": False}})
    assert [findings[c].verdict for c in ("C3", "C20")] == ["broken", "broken"]


def test_a_call_that_had_to_begin_again_leaves_the_other_one_alone() -> None:
    """C5: an injected call that sleeps for a page lock is undone and made again; each of the two is judged once."""
    region = {"mmap": {"as": "B", "pages": 1, "file": "f1", "share": "shared"}}
    locked = {"lock_page": {"at": "B[0]"}}
    race = [{"at": "cond_resched", "do": [{"gup": {"as": "other", "at": "B[0]", "by": "T2", "flags": ["WRITE"]}}]}]
    steps = (*mapped(), region, {"load": {"at": "B[0]"}}, locked, {"madvise": {"at": "B", "advice": "DONTNEED"}},
             {**pinned(), "race": race}, {"unlock_page": {"pin": "pins[0]"}})  # fmt: skip
    run = trace(*steps, files=FILE)
    assert any(event.name == "blocked" and event["again"] for event in run.events)
    assert [place.address for place in check(run)["C5"].places][:1] == [run[-1].processes["P"].vmas[0].start]
