"""The grammar of places."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gupkit.scenario.address import BadPlace, FileRef, Layout, PinRef, Target, parse_pin, parse_place, parse_target
from gupkit.trace.snapshot import PAGE_SIZE

START = 0x7F0000000000
REGIONS = {"A": (START, 4), "B": (START + (4 << 20), 1)}

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
pages = st.integers(-(1 << 20), 1 << 20)


@st.composite
def targets(draw) -> Target:
    """Any target the grammar can say."""
    process = draw(st.none() | names)
    if draw(st.booleans()):
        return Target(literal=draw(st.integers(0, (1 << 64) - 1)), process=process)
    shape = draw(st.sampled_from(["whole", "page", "range", "byte"]))
    name, first = draw(names), draw(pages)
    if shape == "whole":
        return Target(name, process=process)
    last = first + draw(st.integers(0, 99)) if shape == "range" else first
    offset = draw(st.integers(0, 9999)) if shape == "byte" else None
    return Target(name, first, last, offset, process=process)


@given(targets())
def test_a_target_reads_back_as_it_is_written(target: Target) -> None:
    """Parsing the text of any target gives the target."""
    assert parse_target(str(target)) == target


@given(names, st.none() | st.integers(0, 10**6))
def test_a_pin_reads_back_as_it_is_written(name: str, index: int | None) -> None:
    """Parsing the text of any pin gives the pin."""
    assert parse_pin(str(PinRef(name, index))) == PinRef(name, index)


@given(names, st.integers(0, 10**6))
def test_a_page_of_a_file_reads_back_as_it_is_written(name: str, index: int) -> None:
    """Parsing the text of any page of a file gives it."""
    assert parse_place(str(FileRef(name, index))) == FileRef(name, index)


def problem(parse: Callable[[str], object], text: str) -> str:
    """Why ``parse`` refuses ``text``; empty if it does not."""
    try:
        parse(text)
    except BadPlace as refused:
        return str(refused)
    return ""


@given(st.text(max_size=12))
def test_any_other_text_is_refused_in_one_line(text: str) -> None:
    """A text either is a place, or is refused with a message of one line; nothing else happens."""
    for parse in (parse_target, parse_pin, parse_place):
        assert len(problem(parse, text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "address", "length"),
    [
        ("A", START, 4 * PAGE_SIZE),
        ("A[2]", START + 2 * PAGE_SIZE, PAGE_SIZE),
        ("A[1:3]", START + PAGE_SIZE, 2 * PAGE_SIZE),
        ("A[0]+100", START + 100, 1),
        ("A[0]+0x10", START + 16, 1),
        ("A[-1]", START - PAGE_SIZE, PAGE_SIZE),
        ("A[-2:1]", START - 2 * PAGE_SIZE, 3 * PAGE_SIZE),
        ("A[9]", START + 9 * PAGE_SIZE, PAGE_SIZE),
        ("C:B[0]", START + (4 << 20), PAGE_SIZE),
        ("0x7f0000001000", START + PAGE_SIZE, PAGE_SIZE),
        ("0x7f0000001001", START + PAGE_SIZE + 1, 1),
        (0x1000, 0x1000, PAGE_SIZE),
    ],
)
def test_resolve_gives_address_and_length(text: str | int, address: int, length: int) -> None:
    """Each form of the grammar means these bytes, in the region or out of it."""
    assert parse_target(text).resolve(REGIONS) == (address, length)


@pytest.mark.parametrize(
    "text",
    ["", "A[", "A]", "A[1", "A[x]", "A[3:1]", "A[2:2]", "A[1:2:3]", "A+", "A+5", "A[0:2]+5", "A[0]-5", "2A", "A B",
     "A[0]+0xZ", "0x", "0x1ffffffffffffffff", "C:", ":A", "A:B:C", f"A[{'9' * 5000}]", "A[1:99999999999999999999]",
     "A[0]+999999999999999999999"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    """Bad brackets, empty ranges, offsets on ranges, numbers beyond the address space: all refused."""
    with pytest.raises(BadPlace):
        parse_target(text)


@pytest.mark.parametrize("text", ["file:", "file:f1", "file:f1[-1]", "file:[0]", "file:f1[0:2]"])
def test_what_is_no_page_of_a_file_is_refused(text: str) -> None:
    """A page of a file has a file and one page number."""
    with pytest.raises(BadPlace):
        parse_place(text)


def test_a_backward_range_says_how_to_write_it() -> None:
    """The message of a backward range has the range turned round."""
    with pytest.raises(BadPlace) as caught:
        parse_target("A[3:1]")
    assert "[1:3]" in str(caught.value)


def test_pages_are_those_touched() -> None:
    """A byte touches its page; a range each of its pages."""
    assert list(parse_target("A[1]+4095").pages(REGIONS)) == [START + PAGE_SIZE]
    assert len(parse_target("A").pages(REGIONS)) == 4


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20))
def test_regions_lie_apart_on_boundaries(sizes: list[int]) -> None:
    """Regions start at multiples of 2 MiB, at least 2 MiB and less than 4 above the end of the one before."""
    layout, end = Layout(), None
    for size in sizes:
        start = layout.place(size)
        assert start % (2 << 20) == 0
        assert start == START if end is None else 2 << 20 <= start - end < 4 << 20
        end = start + size * PAGE_SIZE
