"""C3 and C10: each reference once, and the frame as long as it is held."""

from gupkit.contract import check
from gupkit.contract.parts import FOLL_GET, FOLL_PIN, FOLL_WRITE
from gupkit.kernel import Kernel
from gupkit.kernel.gup import __get_user_pages as gup
from gupkit.kernel.page import Page
from gupkit.kernel.pgtable import PAGE_SIZE
from gupkit.trace import Recorder
from tests.contract.judged import builtin, judged, mapped, pinned, put, trace


def test_a_leak_is_reported_from_the_pin_to_the_end() -> None:
    """C3: a page never put is found at the end, and its cause is the pin."""
    run = trace(*mapped(), pinned(), {"munmap": {"at": "A"}})
    (place,) = check(run)["C3"].where
    assert (place.pin, place.event, run.step_at(place.cause + 1).op) == ("pins[0]", len(run.events) - 1, "gup")


def test_each_holder_puts_his_own() -> None:
    """C3: two holders of one page who put once each keep it; one who puts twice breaks it at once."""
    both = (*mapped(), pinned(name="a"), pinned(name="b"))
    assert judged(*both, put("a"), put("b"))["C3"].verdict == "kept"
    finding = judged(*both, put("a"), put("a"))["C3"]
    assert ("a[0] is put once more" in finding.sentence, finding.where[0].step) == (True, 5)


def test_touching_after_the_put_breaks_c3() -> None:
    """Done with it means done with it: reading and writing through a pin that was put are both faults."""
    for touch in ({"page_load": {"pin": "pins[0]"}}, {"page_store": {"pin": "pins[0]", "byte": 1}}):
        finding = judged(*mapped(), pinned("WRITE"), put(), touch)["C3"]
        assert (finding.verdict, finding.where[0].step) == ("broken", 4)


def test_what_a_pipe_holds_is_no_leak() -> None:
    """C3: pages in a pipe are given back when it is read; until then nobody has forgotten them."""
    assert judged(*mapped(), {"vmsplice": {"at": "A[0]", "pipe": "p"}})["C3"].verdict == "not reached"
    findings = judged(*mapped(), {"vmsplice": {"at": "A[0]", "pipe": "p"}}, {"pipe_read": {"pipe": "p"}})
    assert findings["C3"].verdict == "kept"


def test_a_put_without_a_reference_breaks_c3() -> None:
    """A page that was handed out without FOLL_GET is not its caller's to put."""
    assert judged(*mapped(), pinned(get=False), put())["C3"].verdict == "broken"


def test_the_vsyscall_page_is_put_like_any_other() -> None:
    """C3 knows the reference to the kernel's own page, of which no trace point tells."""
    gate = pinned(at="0xffffffffff600000")
    assert judged(*mapped(), gate, put())["C3"].verdict == "kept"
    assert judged(*mapped(), gate)["C3"].verdict == "broken"


def test_the_last_reference_is_named() -> None:
    """C10 says when the pin was all that kept the frame."""
    finding = judged(*mapped(), pinned(), {"munmap": {"at": "A"}}, put())["C10"]
    assert (finding.verdict, "the last thing that kept it" in finding.sentence) == ("kept", True)


def test_rebinding_a_name_loses_the_old_pages() -> None:
    """C3: the same name for new pages leaves the old ones unput."""
    finding = judged(*mapped(2), pinned(at="A[0]"), pinned(at="A[1]"), put())["C3"]
    assert (finding.verdict, len(finding.where)) == ("broken", 1)


def test_a_foll_pin_is_not_put_with_put_page() -> None:
    """C3: a FOLL_PIN counts for many references, of which put_page gives one back; unpin_user_page gives all."""
    taken = (*mapped(), pinned("WRITE", "PIN"))
    assert judged(*taken, put(), era="5.8")["C3"].verdict == "broken"
    assert judged(*taken, {"unpin_user_page": {"pin": "pins"}}, era="5.8")["C3"].verdict == "kept"


def test_a_page_that_is_not_counted_is_no_leak() -> None:
    """C3: 6.18 hands the zero page out to FOLL_PIN without counting, so nothing is owed for it."""
    k = Kernel(era="6.18")
    p = k.spawn("P")
    a = k.mmap(p, pages=1, prot="r")
    with Recorder(k) as recorder, p.mm.mmap_sem.read():
        assert gup(p, p.mm, a, 1, FOLL_PIN, [], None, None) == 1
    findings = check(recorder.trace())
    assert (findings["C7"].verdict, findings["C3"].verdict) == ("kept", "not reached")


def test_who_was_robbed_has_no_debt() -> None:
    """C3: the holder whose reference another one put owes nothing any more; only the put too many is reported."""
    (place,) = check(builtin("double-put"))["C3"].where
    assert place.pin == "mine[0]"


def test_each_task_puts_what_it_took() -> None:
    """C3 and C10: a system call that is interrupted by another holder of the page puts its own reference, not his."""
    race = [{"at": "access_process_vm", "do": [pinned(by="T2")]}]
    steps = (*mapped(), {"mem_write": {"at": "A[0]", "byte": 1}, "race": race}, put())
    assert judged(*steps)["C3"].verdict == "kept"


def test_a_write_by_hand_after_the_put_is_found() -> None:
    """C3: by hand, pins have no names; a write to a frame that another process has by now is the late holder's."""
    k = Kernel()
    p, q = k.spawn("P"), k.spawn("Q")
    a = k.mmap(p, pages=1)
    pages: list[Page] = []
    with Recorder(k) as recorder:
        with p.mm.mmap_sem.read():
            gup(p, p.mm, a, 1, FOLL_WRITE | FOLL_GET, pages, None, None)
        k.page_store(pages[0], 1)
        k.munmap(p, a, PAGE_SIZE)
        k.put_page(pages[0])
        b = k.mmap(q, pages=1)
        k.store(q, b, b"q")
        k.page_store(pages[0], 2)
    assert k.load(q, b) == b"\2"
    (place,) = check(recorder.trace())["C3"].where
    assert (place.address, "touched after it was put" in place.text) == (a, True)


def test_a_write_by_a_holder_unknown_is_not_laid_at_another_s_door() -> None:
    """C3: somebody held the page before the recording began; his write is not that of one who has put his own."""
    k = Kernel()
    p = k.spawn("P")
    a = k.mmap(p, pages=1)
    before: list[Page] = []
    pages: list[Page] = []
    with p.mm.mmap_sem.read():
        gup(p, p.mm, a, 1, FOLL_WRITE | FOLL_GET, before, None, None)
    with Recorder(k) as recorder:
        with p.mm.mmap_sem.read():
            gup(p, p.mm, a, 1, FOLL_WRITE | FOLL_GET, pages, None, None)
        k.put_page(pages[0])
        k.page_store(before[0], 2)
    assert check(recorder.trace())["C3"].verdict == "kept"
