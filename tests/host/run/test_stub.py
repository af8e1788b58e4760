"""The machine code of the servants, and its listing."""

import re
from importlib.resources import files

import pytest

from gupkit.host.run import stub as stub_module
from gupkit.host.run.stub import SLOT_BYTES, STACK_TOP, parse_listing, stub

LINES = files(stub_module.__package__).joinpath("stub.lst").read_text(encoding="utf-8").splitlines()
JUMP = re.compile(r"([0-9a-f]{4})  ([0-9a-f]+) +(j\w+|call) (\w+)")


def test_jumps_go_where_the_listing_says() -> None:
    """The displacement in the bytes of each jump and call leads to the label that its text names."""
    jumps = [found for line in LINES if (found := JUMP.match(line))]
    assert len(jumps) > 15
    for found in jumps:
        code = bytes.fromhex(found[2])
        size = 4 if len(code) > 2 else 1
        displacement = int.from_bytes(code[-size:], "little", signed=True)
        assert int(found[1], 16) + len(code) + displacement == stub().labels[found[4]], found[0]


def test_relative_addresses_are_of_labels() -> None:
    """Each address that the code makes relative to itself is that of the label named in the text."""
    found = [m for line in LINES if (m := re.match(r"([0-9a-f]{4})  ([0-9a-f]+) +lea r14, \[rip\+(\w+)\]", line))]
    assert len(found) == 2
    for m in found:
        code = bytes.fromhex(m[2])
        displacement = int.from_bytes(code[-4:], "little", signed=True)
        assert int(m[1], 16) + len(code) + displacement == stub().labels[m[3]]


def test_the_code_fits_and_starts_with_what_python_calls() -> None:
    """The code is smaller than a page, begins with ``start``, and has the labels that a crew asks for."""
    assert len(stub().code) < 4096
    assert stub().labels["start"] == 0
    assert {"handler", "restorer"} <= stub().labels.keys()
    assert SLOT_BYTES >= STACK_TOP


def test_a_listing_with_a_gap_is_refused() -> None:
    """An offset that does not follow from the lines before is an error, not code with a hole."""
    with pytest.raises(ValueError, match="offset 0002 in the listing should be 0001"):
        parse_listing("0000  c3     ret\n0002  90     nop\n")
