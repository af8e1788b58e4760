"""Each state of an entry and a frame, by name and in words."""

import pytest

from gupkit.draw import frames, page_table, style
from gupkit.draw.states import frame_state, pte_state, pte_words
from gupkit.trace.snapshot import Frame, Process, Pte, Snapshot


@pytest.mark.parametrize(
    ("frame", "state"),
    [
        (Frame(1, "anon", 1, flags=("hwpoison", "locked")), "poison"),
        (Frame(1, "zero", 0), "zero"),
        (Frame(1, "anon", 0, pins=1), "freed"),
        (Frame(1, "file", 1, flags=("dirty", "locked")), "locked"),
        (Frame(1, "file", 1, flags=("dirty", "writeback")), "writeback"),
        (Frame(1, "file", 1, flags=("dirty",)), "dirty"),
        (Frame(1, "file", 1), "file"),
        (Frame(1, "anon", 1, flags=("dirty",)), "anon"),
        (Frame(1, "none", 1), "orphan"),
        (Frame(1, "slab"), "page"),
    ],
)
def test_the_most_pressing_state_of_a_frame(frame: Frame, state: str) -> None:
    """A frame is drawn in the state that matters most."""
    assert frame_state(frame) == state
    assert state in style.STYLES


@pytest.mark.parametrize(
    ("pte", "state", "words"),
    [
        (Pte(poisoned=True), "poison", "poisoned"),
        (Pte(present=True, zero=True, write=False), "zero", "present, zero page, read-only"),
        (Pte(protnone=True, write=True), "protnone", "kept, but no access (PROT_NONE), writable"),
        (Pte(swapped=True), "swap", "not present, in swap"),
        (Pte(swap=0), "swap", "not present, in swap, slot 0"),
        (Pte(), "hole", "not present"),
        (Pte(present=True), "page", "present"),
        (Pte(present=True, file=False, young=False), "anon", "present, not accessed"),
        (Pte(present=True, file=True, dirty=True), "file", "present, dirty"),
    ],
)
def test_the_state_and_words_of_an_entry(pte: Pte, state: str, words: str) -> None:
    """An entry has a state and words that tell what is observable and nothing else."""
    assert (pte_state(pte), pte_words(pte)) == (state, words)


def test_the_frame_tells_what_the_entry_cannot() -> None:
    """Where the frame is observable, the entry is drawn as its frame."""
    assert pte_state(Pte(pfn=1, present=True), Frame(1, "file", 2, flags=("dirty",))) == "dirty"


@pytest.mark.parametrize("pte", [Pte(poisoned=True), Pte(present=True), Pte(swapped=True), Pte(protnone=True)])
def test_every_state_has_a_label_in_both_sizes(pte: Pte) -> None:
    """An entry's label begins with the letter of its state, on two lines or one."""
    for entries in (1, 300):
        table = dict.fromkeys(range(entries), pte)
        scene = page_table(Snapshot(processes={"P": Process("P", pgd={0: {0: {0: table}}})}), fold=False)
        label = scene.of("pte:P:0x0")[0].label
        assert label.startswith(style.STYLES[pte_state(pte)].letter + " 0")
        assert ("\n" in label) == (entries == 1)


def test_a_poisoned_frame_is_told() -> None:
    """Poison is drawn over everything else."""
    assert "poisoned page" in frames(Snapshot(frames={1: Frame(1, "anon", 1, 1, flags=("hwpoison",))})).description


def test_of_like_entries_no_single_slot_is_told() -> None:
    """Entries in swap that differ in their slot are told as in swap, without the first one's slot."""
    assert pte_words(Pte(swapped=True, swap=3), 5) == "not present, in swap"
    table = {i: Pte(swapped=True, swap=i) for i in range(5)}
    scene = page_table(Snapshot(processes={"P": Process("P", pgd={0: {0: {0: table}}})}), fold=True)
    assert "5 entries alike: not present, in swap" in scene.description
    assert "slot" not in scene.description
