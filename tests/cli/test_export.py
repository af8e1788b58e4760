"""``gupkit export`` writes one page, never over anything, and says in one line what cannot be."""

import base64
import gzip
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gupkit.cli import cli
from gupkit.film import page


def export(*arguments: str) -> tuple[int, str, str]:
    """Exit status, output and errors of ``gupkit export``."""
    result = CliRunner().invoke(cli, ["export", *arguments])
    return result.exit_code, result.stdout, result.stderr


def film(path: Path) -> dict:
    """What a page carries, compressed or not."""
    found = re.search(r'<script type="application/(\w+)" id="film">(.*?)</script>', path.read_text(encoding="utf-8"))
    assert found
    kind, text = found.groups()
    return json.loads(gzip.decompress(base64.b64decode(text)) if kind == "gzip" else text)


def test_a_page_is_written(tmp_path: Path) -> None:
    """The page has every place of the run, the call's facts at each, and the command says how many."""
    status, said, _ = export("leak", "-o", str(tmp_path / "page.html"))
    assert status == 0
    assert "37 places" in said
    told = film(tmp_path / "page.html")
    (head,), ((_, batch),) = told["films"], told["batches"]
    assert head["places"] == len(batch["shots"]) == 37
    values = [*head["values"], *batch["values"]]
    assert ["returns", ["2"]] in values[batch["shots"][20]["facts"]]


def test_two_eras_or_two_scenarios_stand_side_by_side(tmp_path: Path) -> None:
    """Eras are named as kernels, scenarios by their titles."""
    assert export("read-pin-write", "--era", "4.9", "--era", "6.18", "-o", str(tmp_path / "eras.html"))[0] == 0
    assert film(tmp_path / "eras.html")["names"] == ["Linux 4.9", "Linux 6.18"]
    assert export("leak", "short-leak", "--era", "5.8", "-o", str(tmp_path / "two.html"))[0] == 0
    both = film(tmp_path / "two.html")
    assert both["names"][0] == "A pin that nobody puts keeps its frame for ever"
    assert [head["era"] for head in both["films"]] == ["5.8", "5.8"]


def test_a_large_film_is_carried_compressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above half a megabyte the film is packed, and is the same film."""
    export("leak", "-o", str(tmp_path / "plain.html"))
    monkeypatch.setattr(page, "LARGE", 1_000)
    export("leak", "-o", str(tmp_path / "packed.html"))
    assert film(tmp_path / "packed.html") == film(tmp_path / "plain.html")
    assert (tmp_path / "packed.html").stat().st_size < (tmp_path / "plain.html").stat().st_size


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["leek"], "nearest right word: 'leak'"),
        (["leak", "leak", "leak"], "not more"),
        (["leak", "--era", "4.9", "--era", "5.8", "--era", "6.18"], "not more"),
        (["leak", "--era", "9.9"], "unknown era"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_exported_is_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    """A wrong name, era or number is one line on standard error, exit 2, and no file."""
    status, said, wrong = export(*arguments, "-o", str(tmp_path / "page.html"))
    assert (status, said) == (2, "")
    assert words in wrong
    assert wrong.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file that is there stays as it is; a folder that is not there is named."""
    path = tmp_path / "mine.html"
    path.write_text("mine")
    assert "exists already" in export("leak", "-o", str(path))[2]
    assert path.read_text() == "mine"
    assert "is no directory" in export("leak", "-o", str(tmp_path / "no" / "page.html"))[2]
    assert export("leak")[0] == 2
