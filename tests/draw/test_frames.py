"""The frame grid: a box for each reference, with the key of whoever holds it."""

from gupkit import run
from gupkit.draw import Rect, Scene, Text, frames
from gupkit.draw.framerefs import Holders, Reference
from gupkit.draw.thin import MANY_FRAMES
from gupkit.trace.snapshot import Frame, Pin, Process, Pte, Snapshot
from tests.draw.machines import put, small


def references(scene: Scene) -> list[tuple[str, str]]:
    """Label and key of every reference that is drawn."""
    return [(s.label, s.key) for s in scene.shapes if isinstance(s, Rect) and s.role == "reference"]


def texts(scene: Scene) -> list[str]:
    """All that is written beside the boxes."""
    return [s.text for s in scene.shapes if isinstance(s, Text)]


def test_each_reference_is_linked_to_its_holder() -> None:
    """A mapping has the key of its entry, the cache that of its slot, the swap cache its slot's, a pin its own."""
    found = references(frames(small()))
    for wanted in (
        ("map", "pte:P:0x7f1234567000"), ("pin", "pin:pins[0]"), ("map", "pte:Q:0x7f1234568000"),
        ("cache", "file:disk.txt:1"), ("swap cache", "swap:3"), ("map", "pte:P:0x402000"), ("pin", "pin:late"),
    ):  # fmt: skip
        assert wanted in found


def test_the_boxes_add_up_to_the_count() -> None:
    """In every snapshot of a run with pins, cache and copies, a frame has as many references drawn as are counted."""
    for snapshot in (*run("invalidate"), *run("fork-pin", "6.18")):
        holders = Holders(snapshot)
        for frame in snapshot.frames.values():
            if frame.kind != "zero":
                assert sum(one.adds for one in holders.of(frame)) == frame.refcount


def test_a_foll_pin_is_counted_as_the_kernel_counts_it() -> None:
    """FOLL_PIN adds 1024; where only some pins of a frame are such, their names are not made up."""
    pins = (Pin("a[0]", 7), Pin("b[0]", 7))
    scene = frames(Snapshot(frames={7: Frame(7, "anon", 2049, 1, 2)}, pins=pins))
    assert references(scene) == [("map", ""), ("FOLL_PIN (1024)", "pin:a[0]"), ("FOLL_PIN (1024)", "pin:b[0]")]
    scene = frames(Snapshot(frames={7: Frame(7, "anon", 1026, 1, 2)}, pins=pins))
    assert references(scene) == [("map", ""), ("pin", ""), ("FOLL_PIN (1024)", "")]


def test_a_count_nobody_can_explain_is_shown_as_such() -> None:
    """What is counted beyond the known holders is a box with a question mark; a count too small is marked unequal."""
    scene = frames(Snapshot(frames={7: Frame(7, "anon", 3, 1), 8: Frame(8, "anon", 1, 1, 1)}))
    assert ("2 ?", "") in references(scene)
    heads = [s.label for s in scene.shapes if isinstance(s, Rect) and s.role == "frame"]
    assert heads == ["A pfn 7: count 3 ≠", "A pfn 8: count 1 ≠"]


def test_many_references_are_counted_by_kind() -> None:
    """A frame that a dozen processes map has one box for all of them, which names a few."""
    processes = {}
    for number in range(12):
        pgd: dict = {}
        put(pgd, 0x1000, Pte(pfn=7, present=True))
        processes[f"P{number}"] = Process(f"P{number}", number, pgd=pgd)
    pins = tuple(Pin(f"pins[{i}]", 7) for i in range(3))
    scene = frames(Snapshot(processes=processes, frames={7: Frame(7, "anon", 15, 12, 3)}, pins=pins))
    assert references(scene) == [("12 maps", ""), ("3 pins", "")]
    told = [s.tooltip for s in scene.shapes if s.role == "reference"]
    assert told[0].endswith("; 9 more")


def test_without_a_count_there_is_none() -> None:
    """A live process's frame without root has no count, and no reference is made up."""
    scene = frames(Snapshot(frames={7: Frame(7, "anon", None, None)}))
    assert [s.label for s in scene.shapes if isinstance(s, Rect) and s.role != "legend"] == ["A pfn 7: count ?"]


def test_a_mapping_nobody_looked_for_is_counted() -> None:
    """Where page tables are not searched, mappings are told by number."""
    snapshot = Snapshot(frames={7: Frame(7, "anon", 2, 2)})
    assert Holders(snapshot, mapped=False).of(snapshot.frames[7]) == [Reference("map", 2, "2 maps")]


def test_frames_that_are_left_out_are_not_called_unknown() -> None:
    """Of too many frames, none of them pinned, none is drawn, and the picture does not say that none is known."""
    many = Snapshot(frames={pfn: Frame(pfn, "anon", 1, 1) for pfn in range(MANY_FRAMES + 1)})
    unknown = "No page frame is known here."
    left_out = "Of so many page frames, 5,001, only pinned and changed ones are drawn: there are none."
    assert left_out in texts(frames(many))
    assert unknown not in texts(frames(many))
    assert unknown in texts(frames(Snapshot()))
