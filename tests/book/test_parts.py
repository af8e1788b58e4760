"""The parts from which book and slides are made."""

from pathlib import Path

import nbformat
import pytest

from tools.book import executed as runs
from tools.book import live
from tools.book.__main__ import main as make_book
from tools.book.stage import with_links
from tools.slides.__main__ import main as make_slides


def notebook(*cells: str) -> nbformat.NotebookNode:
    """A notebook of Markdown cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(cell) for cell in cells])


def test_links_lead_to_pages_or_name_a_file() -> None:
    """A link to a lecture that is there leads to its page; one to another file of the kit leaves words and name."""
    path = Path("/kit/notebooks/01-a.ipynb")
    links = "[next](02-b.ipynb), [there](02-b.ipynb#x), [set](../exercises/ps1.ipynb), [web](https://kernel.org/)"
    page = with_links(notebook("# A", links), path, {"01-a.ipynb", "02-b.ipynb"}, "html")
    assert page.cells[1].source == (
        "[next](02-b.html), [there](02-b.html#x), set (`exercises/ps1.ipynb`), [web](https://kernel.org/)"
    )


def test_a_run_is_kept_until_the_notebook_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing runs; another byte in the notebook, or another version of a package, is a new run."""
    base = runs._base.__wrapped__
    path = tmp_path / "x.ipynb"
    path.write_text("{}")
    one = runs.kept_at(path, base())
    assert runs.kept_at(path, base()) == one
    path.write_text("{ }")
    assert runs.kept_at(path, base()) != one
    monkeypatch.setattr(runs, "distributions", list)
    path.write_text("{}")
    assert runs.kept_at(path, base()) != one


def test_another_front_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the front end's module offered itself in other words, the book would not be built with a dead script."""
    assert "export" not in live.stage_script()
    monkeypatch.setattr(live, "script", lambda: "export { open };")
    with pytest.raises(ValueError, match="mend EXPORTS"):
        live.stage_script()


@pytest.mark.parametrize("make", [make_book, make_slides])
def test_nothing_of_others_is_overwritten(tmp_path: Path, make, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory that holds something else stays as it is, and one line says so."""
    (tmp_path / "thesis.txt").write_text("mine")
    assert make([str(tmp_path)]) == 1
    assert "name another directory" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
