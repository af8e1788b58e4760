"""C6 to C9: what is mapped at the instant, and what becomes of it."""

from gupkit.contract import check
from tests.contract.judged import COLD, FILE, builtin, judged, mapped, pinned, put

VMAS = {"vmas_array": True}


def test_vmas_go_stale_when_the_region_changes() -> None:
    """C6: a region cut in two by mprotect is another region."""
    change = {"mprotect": {"at": "A[0]", "prot": "r"}}
    assert judged(*mapped(2), pinned(at="A", **VMAS), change, put())["C6"].verdict == "exercised"


def test_another_region_does_not_matter() -> None:
    """C6: what happens to regions that vmas[] does not name is no matter."""
    other = ({"mmap": {"as": "B", "pages": 1}}, {"munmap": {"at": "B"}})
    assert judged(*mapped(), pinned(**VMAS), *other, put())["C6"].verdict == "not exercised"


def test_without_an_array_c6_is_not_reached() -> None:
    """Nobody has a pointer that could go stale."""
    assert judged(*mapped(), pinned(), put(), {"munmap": {"at": "A"}})["C6"].verdict == "not reached"


def test_pages_have_instants_of_their_own() -> None:
    """C7 is kept when the first page goes while the call is busy with the second, and says so."""
    finding = check(builtin("instant"))["C7"]
    assert (finding.verdict, "no picture of one instant" in finding.sentence) == ("kept", True)


def test_dirty_cow_names_address_and_frame() -> None:
    """C7: the place says which address got which frame."""
    trace = builtin("dirty-cow")
    (place,) = check(trace)["C7"].where
    assert place.address == trace[-1].processes["P"].vmas[0].start
    assert trace[-1].frames[place.pfn].file == "f1"


def test_later_kernels_keep_c7_in_the_race_of_dirty_cow() -> None:
    """C7: the same race at each moment of the forced write finds nothing in 4.9, and one moment in 2.6.39."""
    def broken(era: str, nth: int) -> bool:
        race = [{"at": "cond_resched", "nth": nth, "do": [{"madvise": {"by": "T2", "at": "A", "advice": "DONTNEED"}}]}]
        steps = ({"mmap": {"as": "A", "pages": 1, "prot": "r", "file": "f1", "ro": True}},
                 {"mem_write": {"at": "A[0]", "byte": 1}, "race": race})  # fmt: skip
        return judged(*steps, files=FILE, era=era)["C7"].verdict == "broken"

    assert [broken("2.6.39", nth) for nth in (1, 2, 3)] == [False, False, True]
    assert [broken("4.9", nth) for nth in (1, 2, 3)] == [False, False, False]


def test_a_forced_write_gets_its_copy() -> None:
    """C7 is kept by a forced write: its entry stays read-only, and the page is its own."""
    region = {"mmap": {"as": "A", "pages": 1, "prot": "r", "file": "f1"}}
    assert judged(region, pinned("WRITE", "FORCE"), put(), files=FILE)["C7"].verdict == "kept"


def test_unmapping_after_the_put_is_no_surprise() -> None:
    """C8: what happens to the mapping when the page is no longer held is nobody's business."""
    assert judged(*mapped(), pinned(), put(), {"munmap": {"at": "A"}})["C8"].verdict == "not exercised"


def test_reclaim_unmaps_and_brings_back_the_same_page() -> None:
    """C8 is exercised by reclaim and C9 is not: the touch finds the pinned page again."""
    steps = (*mapped(), pinned("WRITE"), {"reclaim": {"at": "A"}}, {"load": {"at": "A"}}, put())
    findings = judged(*steps)
    assert [findings[c].verdict for c in ("C8", "C9")] == ["exercised", "not exercised"]


def test_a_retry_looks_nothing_up() -> None:
    """C7, C8, C9 are not reached by a call that returns no page."""
    region = {"mmap": {"as": "A", "pages": 1, "prot": "r", "file": "cold", "share": "shared"}}
    findings = judged(region, pinned(nonblocking=1), files=COLD)
    assert {findings[c].verdict for c in ("C7", "C8", "C9")} == {"not reached"}


def test_a_change_under_the_lock_is_no_surprise() -> None:
    """C6: a stack that grows while the caller still holds mmap_sem is as vmas[] may expect; later growth is not."""
    stack = {"mmap": {"as": "S", "pages": 2, "flags": ["GROWSDOWN"], "addr": 0x7E0000000000}}
    call = pinned("WRITE", at="S[1]", lock="none", **VMAS)
    grow = pinned("WRITE", at="S[-9]", name="more", lock="none")
    lock, unlock = {"down_read": {}}, {"up_read": {}}
    assert judged(stack, lock, call, grow, unlock)["C6"].verdict == "not exercised"
    assert judged(stack, lock, call, unlock, lock, unlock, {**pinned("WRITE", at="S[-9]", name="more")})["C6"].reported
