"""C12 to C15: writing through a pin, and saying so."""

import pytest

from tests.contract.judged import FILE, judged, mapped, pinned, put

SHARED = {"mmap": {"as": "A", "pages": 1, "file": "f1", "share": "shared"}}
PRIVATE = {"mmap": {"as": "A", "pages": 1, "file": "f1"}}
WRITE = {"page_store": {"pin": "pins[0]", "byte": 0x77}}
LOCK, UNLOCK = ({op: {"pin": "pins[0]"}} for op in ("lock_page", "unlock_page"))
MARK = {"set_page_dirty": {"pin": "pins"}}
MARK_LOCKED = {"set_page_dirty_lock": {"pin": "pins"}}


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ([{"mmap": {"as": "A", "pages": 1}}], "zero page"),
        ([PRIVATE], "page cache's page of f1"),
        ([*mapped(), {"fork": {}}], "mapped 2 times"),
        ([*mapped(), {"munmap": {"at": "B"}}], "own"),
    ],
)
def test_whose_page_was_written(before: list[dict], words: str) -> None:
    """C12 says whose page it was that was written without FOLL_WRITE."""
    if words == "own":
        before = [{"mmap": {"as": "B", "pages": 1}}, *before]
    finding = judged(*before, pinned(), WRITE, put(), files=FILE)["C12"]
    assert (finding.verdict, words in finding.sentence) == ("broken", True)


def test_writing_with_leave_keeps_c12() -> None:
    """C12 looks at the pin that is used: another pin of the page, taken for reading, does not matter."""
    both = (*mapped(), pinned("WRITE"), pinned(name="reader"))
    assert judged(*both, WRITE, put(), put("reader"))["C12"].verdict == "kept"
    store = {"page_store": {"pin": "reader[0]", "byte": 1}}
    assert judged(*both, store, put(), put("reader"))["C12"].verdict == "broken"


ORDERS = {
    "write, mark, put": ((WRITE, MARK_LOCKED, put()), "kept", "kept"),
    "write, put": ((WRITE, put()), "broken", "broken"),
    "write, put, mark": ((WRITE, put(), MARK_LOCKED), "kept", "broken"),
    "mark, write, put": ((MARK_LOCKED, WRITE, put()), "broken", "kept"),
    "write, mark, write, put": ((WRITE, MARK_LOCKED, WRITE, put()), "broken", "kept"),
    "write, mark": ((WRITE, MARK_LOCKED), "kept", "not reached"),
    "write": ((WRITE,), "broken", "not reached"),
    "put": ((put(),), "not reached", "not reached"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_order_of_write_mark_and_put(order: str) -> None:
    """C13 asks for a mark after the last write, C14 for a mark before the put."""
    steps, after, before = ORDERS[order]
    findings = judged(SHARED, pinned("WRITE"), *steps, files=FILE)
    assert (findings["C13"].verdict, findings["C14"].verdict) == (after, before)


def test_the_kernels_own_mark_is_not_the_holders() -> None:
    """C13: that reclaim or an unmap marks the page for reasons of its own does not pay the holder's debt."""
    steps = (SHARED, pinned("WRITE"), WRITE, {"munmap": {"at": "A"}}, put())
    assert judged(*steps, files=FILE)["C13"].verdict == "broken"


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ((MARK_LOCKED,), "kept"),
        ((MARK,), "kept"),
        (({"munmap": {"at": "A"}}, MARK), "broken"),
        (({"munmap": {"at": "A"}}, MARK_LOCKED), "kept"),
        (({"munmap": {"at": "A"}}, LOCK, MARK, UNLOCK), "kept"),
        (({"ftruncate": {"file": "f1", "length": 0}}, MARK), "kept"),
    ],
)
def test_what_keeps_the_file_in_place(steps: tuple[dict, ...], verdict: str) -> None:
    """C15 is kept under the page lock, or while a mapping keeps the file, or when there is no file to lose."""
    assert judged(SHARED, pinned("WRITE"), *steps, put(), files=FILE)["C15"].verdict == verdict
