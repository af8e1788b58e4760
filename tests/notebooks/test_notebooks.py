"""The lectures as their readers meet them: each runs from a clean kernel, and each has the same parts."""

import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.project.source import ROOT
from tests.ran import ran
from tools.book.executed import SECONDS, WARNINGS

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST = 30
# ipykernel 7 says at each start that it listens on localhost without encryption.
HARMLESS = re.compile(r".*Kernel is running over TCP without encryption.*\n?")
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}


def by_name(path: Path) -> str:
    """What a test calls a notebook."""
    return path.stem


def but_for_one_proved(paths: list[Path], sample: str) -> list[Any]:
    """These notebooks, all but the sample for make prove alone."""
    return [pytest.param(path, marks=() if path.stem == sample else pytest.mark.prove) for path in paths]


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=by_name)


@cache
def read(path: Path) -> nbformat.NotebookNode:
    """The notebook as it is kept."""
    return nbformat.read(path, as_version=4)


def executed(path: Path, change: tuple[str, str] = ("", ""), *, errors: bool = False) -> nbformat.NotebookNode:
    """The notebook after a run from a clean kernel; ``change``: a cell's id and code to add to it."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source += change[1] if cell.id == change[0] else ""
    where = {"metadata": {"path": path.parent}}
    client = NotebookClient(notebook, timeout=SECONDS, allow_errors=errors, resources=where)
    return client.execute(env={**os.environ, "PYTHONWARNINGS": WARNINGS, "PYTHONPATH": str(ROOT)})


def code(path: Path) -> list[nbformat.NotebookNode]:
    """The code cells as they are kept."""
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path: Path) -> str:
    """All Markdown of a notebook without its blocks of code."""
    texts = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    return re.sub(r"```.*?```", "", "\n\n".join(texts), flags=re.DOTALL)


def section(path: Path, heading: str) -> str:
    """The text under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^#|\Z)", prose(path), re.MULTILINE | re.DOTALL)
    assert found, f"{path.name} has no heading {heading!r}"
    return found[1].strip()


def outputs(notebook: nbformat.NotebookNode, kind: str) -> list[nbformat.NotebookNode]:
    """Every output of one kind, of all cells."""
    return [out for cell in notebook.cells for out in cell.get("outputs", ()) if out.output_type == kind]


def streams(notebook: nbformat.NotebookNode, name: str) -> str:
    """What the notebook printed on one stream."""
    return "".join(out.text for out in outputs(notebook, "stream") if out.name == name)


def test_there_are_notebooks() -> None:
    """The first notebook is the one that make lab opens, and there is a lecture after it."""
    names = [path.name for path in NOTEBOOKS]
    assert names[0] == "00-start-here.ipynb"
    assert "04-get-user-pages.ipynb" in names


@pytest.mark.notebooks
@each_notebook
def test_runs_from_a_clean_kernel(path: Path) -> None:
    """Every cell runs, with warnings as errors, in half a minute of the processor, and nothing is said on stderr."""
    notebook = ran(path)
    assert not outputs(notebook, "error")
    assert HARMLESS.sub("", streams(notebook, "stderr")) == ""
    assert 0 < notebook.metadata["run"]["seconds"] < LONGEST


@pytest.mark.notebooks
@each_notebook
def test_questions_and_explorers_show_as_widgets(path: Path) -> None:
    """Each question and each explorer is a widget on the page, and says something as plain text too."""
    asks = re.compile(r"gk\.(predict|widgets\.\w+)\(")
    cells = [cell for cell in ran(path).cells if cell.cell_type == "code" and asks.search(cell.source)]
    assert cells
    for cell in cells:
        data = [out.data for out in cell.outputs if "data" in out]
        assert any("application/vnd.jupyter.widget-view+json" in each for each in data), cell.id
        assert all(each["text/plain"] for each in data), cell.id


@pytest.mark.notebooks
@pytest.mark.parametrize("path", but_for_one_proved(NOTEBOOKS[1:], "06-nonblocking"), ids=by_name)
def test_two_runs_print_the_same(path: Path) -> None:
    """A lecture is deterministic: a second run prints what the first did."""
    assert streams(executed(path), "stdout") == streams(ran(path), "stdout")


@pytest.mark.notebooks
def test_a_kernel_that_changes_its_mind_fails_the_lecture() -> None:
    """If a short return were told as the error, the lecture would not run to its end."""
    other_kernel = """
real = ask
def ask(p, start, nr_pages, *args):
    n = real(p, start, nr_pages, *args)
    return n if n == nr_pages else gk.Errno.EFAULT
"""
    ran = executed(ROOT / "notebooks" / "04-get-user-pages.ipynb", ("setup", other_kernel), errors=True)
    failed = {cell.id for cell in ran.cells if any(out.output_type == "error" for out in cell.get("outputs", ()))}
    assert {"predict-partial", "three-reasons-run"} <= failed


OF_ONES_OWN = [path for path in NOTEBOOKS if "own_process" in path.read_text()]
NO_PROC = """
import sys
class Browser:
    def find_spec(name, *_):
        if name in ("matplotlib", "mmap", "numpy", "resource"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Browser)
import gupkit.host.recording as recording
def snapshot_of(pid):
    raise recording.HostError("this machine has no /proc: use the recording")
recording.snapshot_of = snapshot_of
"""


@pytest.mark.notebooks
@pytest.mark.parametrize("path", but_for_one_proved(OF_ONES_OWN, "00-start-here"), ids=by_name)
def test_without_proc_a_notebook_opens_a_recording(path: Path) -> None:
    """Where the learner's process cannot be read, as in a browser, a notebook that looks at it runs, and says so."""
    ran = executed(path, (code(path)[0].id, NO_PROC))
    assert "Not your own process" in str(ran.metadata.widgets) + str(outputs(ran, "execute_result"))
    assert path != NOTEBOOKS[0] or "no  read the memory map of your own process" in streams(ran, "stdout")


NO_LINUX = """
import gupkit.host.run.probe as probe
def require_linux():
    raise gk.GupkitError("this is no Linux")
probe.require_linux = require_linux
"""


@pytest.mark.notebooks
@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if 'on=\\"host\\"' in path.read_text()], ids=by_name)
def test_without_linux_a_recorded_kernel_answers(path: Path) -> None:
    """Where no story can be performed, a lecture that performs them compares with a recorded kernel, and says so."""
    ran = executed(path, (code(path)[0].id, NO_LINUX))
    assert "**A recorded kernel answers.** Stories cannot be performed here: this is no Linux." in str(ran.cells)
    assert "your Linux" not in streams(ran, "stdout")


@each_notebook
def test_is_kept_clean(path: Path) -> None:
    """No outputs, no counts, the plain kernel's name; every cell has a name that a person gave, and a slide type."""
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(cell.outputs or cell.execution_count for cell in code(path))
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-z][a-z0-9-]+", cell.id), cell.id
        assert cell.metadata.slideshow.slide_type in SLIDES, cell.id


@each_notebook
def test_headings_form_a_tree(path: Path) -> None:
    """One heading of the first level, at the top, and none below skips a level."""
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(path), re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - level <= 1 for level, later in pairwise(levels))


@each_notebook
def test_has_the_parts_of_a_lecture(path: Path) -> None:
    """Three objectives with a verb each, the question before any mechanism, something to break, a recap of five."""
    objectives = re.findall(r"^- .*?\*\*\w+\*\*", section(path, "Objectives"), re.MULTILINE)
    assert len(objectives) == 3
    headings = re.findall(r"^## (.*)$", prose(path), re.MULTILINE)
    assert headings[:2] == ["Objectives", "The question"]
    assert headings[-2:] == ["Recap", "Read next"]
    assert "Break it" in headings
    assert "?" in section(path, "The question")
    assert len(re.findall(r"[.!?](?=\s|$)", section(path, "Recap"))) == 5
    assert re.search(r"`mm/\w+\.c`", section(path, "Read next"))


@each_notebook
def test_minutes_follow_the_rule(path: Path) -> None:
    """The line under the title gives the minutes that the first notebook's rule counts."""
    stated = re.match(r"# .*\n\n(\d+) minutes\n", read(path).cells[0].source)
    assert stated
    sources = [cell.source for cell in code(path)]
    minutes = len(prose(path).split()) / 200 + len(sources) / 2
    minutes += sum("gk.predict(" in source for source in sources)
    minutes += 2 * sum("Explorer(" in source for source in sources)
    minutes += 10 * ("## Build" in prose(path))
    assert int(stated[1]) == max(5, 5 * round(minutes / 5)), minutes


@each_notebook
def test_questions_do_not_tell_their_answers(path: Path) -> None:
    """A question stands alone in a cell whose source is folded, asks the kernel, and gives a reason."""
    cells = [cell for cell in code(path) if "gk.predict(" in cell.source]
    assert len(cells) >= (1 if path == NOTEBOOKS[0] else 3)
    for cell in cells:
        assert cell.metadata.jupyter.source_hidden, cell.id
        assert cell.source.startswith("gk.predict("), cell.id
        assert {"answer=", "because=", "run="} <= set(re.findall(r"\b\w+=", cell.source)), cell.id


@each_notebook
def test_pictures_have_words_beside_them(path: Path) -> None:
    """Next to each picture and each explorer a text says in words what there is to see."""
    cells = read(path).cells
    drawn = re.compile(r"^gk\.(draw|widgets)\.", re.MULTILINE)
    shown = [i for i, cell in enumerate(cells) if cell.cell_type == "code" and drawn.search(cell.source)]
    assert shown
    for i in shown:
        beside = [cell.source for cell in (cells[i - 1], cells[i + 1]) if cell.cell_type == "markdown"]
        assert any("in words" in text.lower() for text in beside), cells[i].id


@each_notebook
def test_links_lead_to_files(path: Path) -> None:
    """Each relative link, and each file of the kit that is named, exists."""
    links = re.findall(r"\]\(([^)#:\s]+)\)", prose(path))
    named = re.findall(r"`(gupkit/[\w./]+\.\w+)`", prose(path))
    assert [name for name in links if not (path.parent / name).exists()] == []
    assert [name for name in named if not (ROOT / name).exists()] == []
