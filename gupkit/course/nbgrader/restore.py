"""The first thing that happens to a submission: its graded cells become again what was handed out.

nbgrader restores changed test cells itself, but gives up on doubled or renamed ones and passes over deleted ones. Here
nothing is given up: what the student wrote is kept, everything else is the course's, and each repair is a note in the
notebook's metadata (``gupkit``), which :mod:`gupkit.course.grade` reports.
"""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

LOST_ANSWER = "*This cell was missing from the submission; the grader put it back: please look through the rest.*"
NOTES = "gupkit"


class RestoreCells(NbGraderPreprocessor):
    """Make the nbgrader cells of a submission those of the gradebook, once each; keep all that is the student's."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Repair the notebook, and note what had to be repaired."""
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            masters = masters_of(gradebook, where["notebook"], where["assignment"])
        notes = restore(nb, masters)
        nb.metadata[NOTES] = {"notes": notes}
        for note in notes:
            self.log.warning("%s of %s: %s", where["assignment"], where["student"], note)
        return nb, resources


def masters_of(gradebook: Gradebook, notebook: str, assignment: str) -> list[dict[str, Any]]:
    """The nbgrader cells of a notebook as the gradebook has them, in order."""
    found = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: cell.max_score for cell in found.grade_cells}
    solutions = {cell.name for cell in found.solution_cells}
    return [
        {
            "name": cell.name, "type": cell.cell_type, "source": cell.source, "checksum": cell.checksum,
            "locked": cell.locked, "points": points.get(cell.name), "solution": cell.name in solutions,
        }
        for cell in found.source_cells
    ]  # fmt: skip


def restore(nb: Any, masters: list[dict[str, Any]]) -> list[str]:
    """Repair ``nb`` in place; a line for each kind of damage."""
    names = {m["name"] for m in masters}
    cells: dict[str, list[Any]] = {name: [] for name in names}
    for cell in nb.cells:
        name = grade_id(cell)
        if name in cells:
            cells[name].append(cell)
        else:
            cell.metadata.pop("nbgrader", None)
    doubled = [m["name"] for m in masters if len(cells[m["name"]]) > 1]
    missing = [m["name"] for m in masters if not cells[m["name"]]]
    changed = [m["name"] for m in masters for c in cells[m["name"]][:1] if tampered(c, m)]
    place = 0
    for master in masters:
        mine = cells[master["name"]]
        for extra in mine[1:]:
            extra.metadata.pop("nbgrader", None)
            if master["locked"]:
                nb.cells.remove(extra)
        if mine:
            dress(mine[0], master)
            place = nb.cells.index(mine[0]) + 1
        elif master["points"] is not None:
            nb.cells.insert(place, dress(new_cell(master), master))
            place += 1
    return [
        f"{what}: {', '.join(which)}"
        for what, which in (
            ("cells that were missing, put back where they are graded", missing),
            ("cells that were there more than once, the first was taken", doubled),
            ("cells that were changed, restored", changed),
        )
        if which
    ]  # fmt: skip


def grade_id(cell: Any) -> str:
    """The nbgrader name of a cell, or an empty one for whatever is none."""
    given = cell.metadata.get("nbgrader")
    name = given.get("grade_id") if isinstance(given, dict) else None
    return name if isinstance(name, str) else ""


def tampered(cell: Any, master: dict[str, Any]) -> bool:
    """A cell that was not the student's to change is not as it was handed out, or its metadata is not."""
    given = cell.metadata["nbgrader"]
    facts = (cell.cell_type, bool(given.get("grade")), bool(given.get("solution")))
    if facts != (master["type"], master["points"] is not None, master["solution"]):
        return True
    if master["points"] is not None and given.get("points") != master["points"]:
        return True
    return master["locked"] and visible(cell.source) != visible(master["source"])


def visible(source: str) -> str:
    """A test cell without its hidden region."""
    before, _, rest = source.partition("### BEGIN HIDDEN TESTS")
    return (before + rest.partition("### END HIDDEN TESTS")[2]).strip()


def dress(cell: Any, master: dict[str, Any]) -> Any:
    """Give a cell the metadata of its master, and, if it is not the student's to write, its type and source."""
    if cell.cell_type != master["type"]:
        other = new_cell(master)
        cell.clear()
        cell.update(other | {"source": cell.get("source", other.source)})
    graded = master["points"] is not None
    cell.metadata["nbgrader"] = {
        "schema_version": 3, "grade": graded, "solution": master["solution"], "locked": master["locked"], "task": False,
        "grade_id": master["name"], "checksum": master["checksum"], "cell_type": master["type"],
    } | ({"points": master["points"]} if graded else {})  # fmt: skip
    if master["locked"]:
        cell.source = master["source"]
    return cell


def new_cell(master: dict[str, Any]) -> Any:
    """The cell that takes a missing one's place. An answer is no empty one, so that a person looks at it."""
    source = LOST_ANSWER if master["solution"] else master["source"]
    return new_code_cell(source) if master["type"] == "code" else new_markdown_cell(source)
