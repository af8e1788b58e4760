"""The table of eras: each row asks one question, and is there because at least two kernels answer it differently."""

import json
from enum import IntFlag

import pytest
from click.testing import CliRunner

from gupkit.cli import cli
from gupkit.errors import GupkitError
from gupkit.kernel import Kernel
from gupkit.kernel.eras import ERAS, find_era, rows
from gupkit.kernel.foll import FOLL_4_9, FOLL_6_18, canonical

SAME_EVERYWHERE = {"readaround_pages", "read_window_pages"}
"""Rows kept although no era of the kit differs: a lecture asks for them."""


def test_every_row_is_whole() -> None:
    """A rule has a question, a reason and a source, and an answer in every era."""
    for name, what, why, source, answers in rows():
        assert what
        assert why.endswith(".")
        assert source
        assert list(answers) == list(ERAS), name


def test_every_row_makes_a_difference() -> None:
    """No rule has the same answer everywhere."""
    same = {name for name, _, _, _, answers in rows() if len({str(a) for a in answers.values()}) == 1}
    assert same == SAME_EVERYWHERE


def test_the_command_prints_it() -> None:
    """``gupkit eras`` tells every rule with the answer of every era, as text and as data."""
    text = CliRunner().invoke(cli, ["eras"]).output
    lines = [json.loads(line) for line in CliRunner().invoke(cli, ["eras", "--json"]).output.splitlines()]
    assert [line["rule"] for line in lines] == [row[0] for row in rows()]
    assert all(line["what"] in text and line["answers"]["6.18"] in text for line in lines)


def test_an_unknown_era() -> None:
    """An era the kit does not run is refused in one line that names those it does."""
    with pytest.raises(GupkitError, match="2.6.39, 4.9, 5.8, 5.10, 6.18"):
        find_era("3.2")


@pytest.mark.parametrize("enum", [era.foll for era in ERAS.values()])
def test_flags_become_the_kernels_own(enum: type[IntFlag]) -> None:
    """WRITE, GET and FORCE mean the same whatever their numbers are."""
    assert canonical(enum["WRITE"] | enum["GET"] | enum["FORCE"]) == 0x1 | 0x4 | 0x10


def test_another_eras_flags_are_refused() -> None:
    """A flag of 6.18 has another value in 4.9: the call says so instead of taking it."""
    k = Kernel(era="4.9")
    p = k.spawn()
    a = k.mmap(p, pages=1)
    with p.mm.mmap_sem.read(), pytest.raises(GupkitError, match="is not a flag of 4.9"):
        getattr(k.gup, "__get_user_pages")(p, p.mm, a, 1, FOLL_6_18.GET, [], None, None)
    with p.mm.mmap_sem.read():
        assert getattr(k.gup, "__get_user_pages")(p, p.mm, a, 1, FOLL_4_9.GET, [], None, None) == 1
