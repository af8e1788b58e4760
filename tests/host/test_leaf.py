"""Page tables made of pagemap words."""

import pickle
from array import array

from hypothesis import given
from hypothesis import strategies as st

from gupkit.host.leaf import LeafTable, classes_of, count_present, mark_protnone, mark_zero
from gupkit.trace.runs import like, runs
from gupkit.trace.snapshot import Pte

HOLE, SOFT_DIRTY_HOLE = 0, 1 << 55
GUARD = 1 << 58 | 1 << 62

numbers = st.integers(0, (1 << 55) - 1)
flags = st.sampled_from([0, 1 << 63, 1 << 63 | 1 << 56, 1 << 63 | 1 << 61, 1 << 62, 1 << 62 | 1 << 61, GUARD])
extra = st.sampled_from([0, 1 << 55, 1 << 57, 1 << 60])
pieces = st.lists(st.tuples(st.integers(1, 200), flags, extra, numbers), max_size=12)


def leaf(words: list[int]) -> LeafTable:
    """A table whose first entries are ``words`` and whose others are empty."""
    full = array("Q", words + [0] * (512 - len(words)))
    return LeafTable(bytes(classes_of(full.tobytes())), full)


def words_of(parts: list[tuple[int, int, int, int]]) -> list[int]:
    """512 words from (how many, flags, bits that do not matter, first number)."""
    words = [bits | other | (number + i) % (1 << 55) for count, bits, other, number in parts for i in range(count)]
    return [word if word >> 62 else word & (1 << 55) for word in words][:512]


@given(pieces)
def test_entries_say_what_the_bits_say(parts: list[tuple[int, int, int, int]]) -> None:
    """Each entry agrees with its word's bits as the kernel documents them, and empty words have none."""
    words = words_of(parts)
    table = leaf(words)
    assert list(table) == [index for index, word in enumerate(words) if word >> 62]
    for index, pte in table.items():
        word = words[index]
        guard = bool(word >> 58 & 1)
        assert pte.present == bool(word >> 63)
        assert pte.swapped == (bool(word >> 62 & 1) and not guard)
        assert pte.protnone == guard
        assert (pte.file, pte.exclusive) == (bool(word >> 61 & 1), bool(word >> 56 & 1))
        assert (pte.write, pte.dirty, pte.young) == (None, None, None)
        assert pte.pfn == (word & (1 << 55) - 1 or None if pte.present else None)


@given(pieces)
def test_runs_tell_the_same_as_the_entries(parts: list[tuple[int, int, int, int]]) -> None:
    """Laid end to end, the runs give every entry once and in order, but for its own number; no two runs could join."""
    table = leaf(words_of(parts))
    told = [(index, like(head)) for first, count, head in table.runs() for index in range(first, first + count)]
    assert told == [(index, like(pte)) for index, pte in table.items()]
    ends = [(first, first + count, like(head)) for first, count, head in table.runs()]
    assert all(end < start or one != other for (_, end, one), (start, _, other) in zip(ends, ends[1:], strict=False))


@given(pieces)
def test_runs_are_those_of_a_plain_dict(parts: list[tuple[int, int, int, int]]) -> None:
    """A table of words and a dict of the same entries are equal and have the same runs."""
    table = leaf(words_of(parts))
    assert table == dict(table.items())
    assert list(table.runs()) == list(runs(dict(table.items())))


@given(pieces)
def test_the_mapping_keeps_its_promises(parts: list[tuple[int, int, int, int]]) -> None:
    """Length, membership and look-up agree, also for indexes that no table has."""
    table = leaf(words_of(parts))
    assert len(table) == len(list(table))
    assert all((index in table) == (table.get(index) is not None) for index in range(-3, 515))
    assert "0" not in table


@given(pieces)
def test_frame_numbers_of_a_run(parts: list[tuple[int, int, int, int]]) -> None:
    """The numbers given for a whole run are those of its entries."""
    table = leaf(words_of(parts))
    for first, count, _ in table.runs():
        assert table.pfns(first, count) == [table[index].pfn for index in range(first, first + count)]


def test_holes_that_newer_kernels_mark_soft_dirty_are_holes() -> None:
    """A word with nothing but the soft-dirty bit tells of a hole."""
    assert len(leaf([SOFT_DIRTY_HOLE] * 512)) == 0


def test_a_guard_page_is_neither_present_nor_swapped() -> None:
    """A guard page forbids every touch and holds nothing."""
    assert leaf([GUARD])[0] == Pte(protnone=True, file=False, exclusive=False)


def test_swap_slots() -> None:
    """A swapped page tells its slot to root, and that it is swapped to everybody."""
    table = leaf([1 << 62 | 99 << 5, 1 << 62 | 99 << 5 | 1, 1 << 62])
    assert [table[i].swap for i in range(3)] == [99, 99 | 1 << 50, None]
    assert all(table[i].swapped and not table[i].present and table[i].pfn is None for i in range(3))


def test_marks() -> None:
    """The zero page and PROT_NONE are noted on present pages of the range only."""
    classes = classes_of(array("Q", [1 << 63, 0, 1 << 63 | 1 << 56, 1 << 62, 1 << 63]).tobytes())
    mark_zero(classes, 0, 4)
    mark_protnone(classes, 1, 5)
    table = LeafTable(bytes(classes).ljust(512, b"\0"), array("Q", [0] * 512))
    assert {i: (p.zero, p.protnone) for i, p in table.items()} == {
        0: (True, False), 2: (False, True), 3: (False, False), 4: (False, True)}
    assert count_present(classes) == 3


def test_a_table_survives_pickling() -> None:
    """A copy through pickle is equal, so snapshots can be sent to another process."""
    table = leaf([1 << 63 | 7, 0, 1 << 62])
    assert pickle.loads(pickle.dumps(table)) == table
