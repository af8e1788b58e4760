"""What a student has in the notebook: a sheet, checks that answer at once, hints, solutions."""

import json

import pytest

from gupkit.course import sheet
from gupkit.course.examples import EXAMPLES
from gupkit.course.verdict import CheckFailed
from gupkit.errors import GupkitError
from tests.course import common

SETS = common.SETS


@pytest.fixture
def released(tmp_path, monkeypatch):
    """A folder that has what a release has beside its notebook, for the set that is asked for."""

    def go(problem_set: str) -> dict[str, object]:
        (tmp_path / EXAMPLES).write_text(json.dumps(common.judge(problem_set).examples()), encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        names = {"course": None}
        for cell in common.student_cells(problem_set):
            names |= defined(problem_set, cell, names)
        return names

    return go


def defined(problem_set: str, cell: str, names: dict[str, object]) -> dict[str, object]:
    """What a cell of the source notebook defines, if it is one of functions."""
    if not cell.startswith(("def ", "import ")):
        return {}
    exec(compile(cell.replace('student=""', 'student="alice"'), "cell 1", "exec"), names)
    return names


@pytest.mark.parametrize("problem_set", SETS)
def test_visible_checks_answer_without_nbgrader(problem_set, released, capsys) -> None:
    """Beside its examples, and nothing else of the course, a released notebook's checks say what is right."""
    names = released(problem_set)
    for check in names["sheet"].set.checks:
        names["sheet"].check(check.name, *(names[need] for need in check.needs))
        assert f"✓ {check.name}: " in capsys.readouterr().out


@pytest.mark.parametrize("problem_set", SETS)
def test_a_wrong_answer_is_told_what_where_and_where_to_look(problem_set, released) -> None:
    """Expected, got, the place, the picture, the lecture and the hint are in the message; a traceback is not."""
    mine = released(problem_set)["sheet"]
    check = mine.set.checks[0]
    with pytest.raises(CheckFailed) as failed:
        mine.check(check.name, lambda *args: "what?")
    text = str(failed.value)
    look = check.look.replace("EXAMPLE", f'sheet.example("{check.name}", 1)')
    for word in ("expected", "got what?", f"look: {look}", f"read: {check.read}", "sheet.hint("):
        assert word in text
    assert failed.value._render_traceback_() == [f"✗ {text}"]


@pytest.mark.parametrize("problem_set", SETS)
def test_the_sheet_is_a_page_for_one_student(problem_set, released) -> None:
    """It says for whom it is and what the rules are; the same student gets the same again."""
    mine = released(problem_set)["sheet"]
    again, other = sheet(problem_set, "alice"), sheet(problem_set, common.student_of_each_sheet(problem_set)[0])
    assert mine._repr_markdown_() == again._repr_markdown_() == repr(mine)
    assert "**alice**" in repr(mine)
    assert mine.rule == again.rule
    assert other.set.words(other.rule) in repr(other)


@pytest.mark.parametrize("problem_set", SETS)
def test_an_example_can_be_had_to_play_with(problem_set, released) -> None:
    """Its world comes as the check sees it, anew each time, and there is none beyond the last."""
    mine = released(problem_set)["sheet"]
    for check in mine.set.checks:
        assert type(mine.example(check.name)) is type(mine.example(check.name, 1))
        assert mine.example(check.name) is not mine.example(check.name)
        with pytest.raises(GupkitError, match=f"{check.name} has no example 99: they are numbered from 1 to"):
            mine.example(check.name, 99)


@pytest.mark.parametrize("problem_set", SETS)
def test_hints_open_one_by_one(problem_set, released, capsys) -> None:
    """Each call opens one more, and the last says that it is the last."""
    mine = released(problem_set)["sheet"]
    check = mine.set.checks[0]
    capsys.readouterr()
    for number in range(1, len(check.hints) + 2):
        mine.hint(check.name)
        number = min(number, len(check.hints))
        said = capsys.readouterr().out
        assert said.startswith(f"hint {number} of {len(check.hints)}: {check.hints[number - 1]}")
    assert "last one" in said


@pytest.mark.parametrize("problem_set", SETS)
def test_a_solution_opens_after_passing_or_on_request(problem_set, released, capsys) -> None:
    """First a warning; then the commented solution, and the kernel's own way; after a passed check at once."""
    names = released(problem_set)
    mine, check = names["sheet"], names["sheet"].set.checks[0]
    function = check.needs[0]
    capsys.readouterr()
    mine.solution(function)
    assert "anyway=True" in capsys.readouterr().out
    mine.solution(function, anyway=True)
    whole = capsys.readouterr().out
    assert "simulated kernel's own way" in whole
    assert f"def {function}(" in whole
    mine.check(check.name, *(names[need] for need in check.needs))
    capsys.readouterr()
    mine.solution(function)
    assert capsys.readouterr().out == whole


def test_mistakes_are_one_line(released, tmp_path) -> None:
    """An unknown check, set or function, hidden cases, examples that are missing or damaged: said and done."""
    mine = released("ps1")["sheet"]
    for wrong in (
        lambda: mine.check("nonsense"), lambda: mine.hint("nonsense"), lambda: mine.solution("nonsense"),
        lambda: sheet("ps99"), lambda: mine.hidden("split"),
    ):  # fmt: skip
        with pytest.raises(GupkitError) as told:
            wrong()
        assert "\n" not in str(told.value)
    for text in ("", "[]", json.dumps(common.judge("ps4").examples())):
        (tmp_path / EXAMPLES).write_text(text, encoding="utf-8")
        with pytest.raises(GupkitError, match="fetch the problem set again"):
            sheet("ps1")
    (tmp_path / EXAMPLES).unlink()
    with pytest.raises(GupkitError, match="is not beside this notebook"):
        sheet("ps1")


def test_inside_the_course_hidden_checks_run_in_the_notebook(tmp_path, monkeypatch, capsys) -> None:
    """Where nbgrader executes notebooks unprotected, the same cells grade by the judge of the course around them."""
    monkeypatch.setenv("GUPKIT_COURSE_SECRET", common.SECRET)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    folder = tmp_path / "autograded" / "alice" / "ps1"
    folder.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "judge").symlink_to(common.COURSE / "judge")
    monkeypatch.chdir(folder)
    mine = sheet("ps1")
    assert mine.student == "alice"
    assert mine.rule == common.judge("ps1").rule("alice")
    names = {"sheet": mine}
    exec(next(cell for cell in common.student_cells("ps1") if cell.startswith("def split")), names)
    mine.check("split", names["split_address"])
    mine.hidden("split", names["split_address"])
    with pytest.raises(CheckFailed, match="not every case"):
        mine.hidden("split", lambda address: [])
