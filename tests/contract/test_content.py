"""C11 and C19: what the holder and the process see."""

from tests.contract.judged import FILE, judged, mapped, pinned, put

WRITE_PIN = {"page_store": {"pin": "pins[0]", "byte": 0x77}}
READ_PIN = {"page_load": {"pin": "pins[0]"}}
STORE = {"store": {"at": "A[0]", "byte": 0x22}}
LOAD = {"load": {"at": "A[0]"}}


def test_the_process_writes_under_the_holder() -> None:
    """C11 is exercised when the process writes to the page that is held."""
    finding = judged(*mapped(), pinned("WRITE"), STORE, put())["C11"]
    assert (finding.verdict, "0x11" in finding.sentence, "0x22" in finding.sentence) == ("exercised", True, True)


def test_the_holders_own_write_is_no_surprise() -> None:
    """C11: a holder who writes knows that the content has changed."""
    assert judged(*mapped(), pinned("WRITE"), WRITE_PIN, put())["C11"].verdict == "not exercised"


def test_a_system_calls_own_write_is_no_surprise() -> None:
    """C11: process_vm_writev writes to the page that it took, and knows it."""
    write = {"process_vm_writev": {"at": "A[0]", "byte": 5}}
    assert judged(*mapped(), write)["C11"].verdict == "not exercised"


def test_a_copy_with_the_same_content_is_not_stale_yet() -> None:
    """C11 is exercised when the two frames differ in content, not when there are two."""
    steps = ({"mmap": {"as": "A", "pages": 1, "file": "f1", "share": "shared"}}, {"load": {"at": "A[0]"}}, pinned(),
             {"invalidate_inode_pages2": {"file": "f1"}}, {"load": {"at": "A[0]"}})  # fmt: skip
    assert judged(*steps, put(), files=FILE)["C11"].verdict == "not exercised"
    assert judged(*steps, STORE, put(), files=FILE)["C11"].verdict == "exercised"


def test_caches_matter_when_both_sides_touch() -> None:
    """C19 is exercised by a write of one side and then a touch of the other, in either order; not by reads alone."""
    start = (*mapped(), pinned("WRITE"))
    orders = ((WRITE_PIN, LOAD), (STORE, READ_PIN), (READ_PIN, LOAD), (LOAD, READ_PIN), (WRITE_PIN,), (STORE,))
    verdicts = [judged(*start, *touches, put())["C19"].verdict for touches in orders]
    assert verdicts == ["exercised"] * 2 + ["not exercised"] * 3 + ["not reached"]
