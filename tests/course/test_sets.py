"""Every problem set: the source is right, the release is empty, each wrong answer lands on its stated score."""

import ast

import pytest

from tests.course import common

SETS = common.SETS
FOR_MAKE_TEST = 12
"""How many wrong answers of each set ``make test`` tries."""
WRONG = [(s, path) for s in SETS for path in common.answers("wrong", s)]
SOME = [(s, path) for s in SETS for path in common.spread(common.answers("wrong", s), FOR_MAKE_TEST)]
RIGHT = [(s, path) for s in SETS for path in common.answers("right", s)]


def name(value) -> str:
    """How a case is called in a test's name."""
    return value if isinstance(value, str) else value.stem


@pytest.mark.parametrize("problem_set", SETS)
def test_the_source_notebook_gets_all_points(problem_set) -> None:
    """The solutions of the source notebook, which know nothing of the judge's reference, pass every check."""
    outcome = common.graded(problem_set)
    assert outcome.wrong == dict.fromkeys(common.questions(problem_set))
    assert outcome.problem == ""
    assert not any(outcome.cells)


@pytest.mark.prove
@pytest.mark.parametrize("problem_set", SETS)
def test_the_source_notebook_gets_all_points_on_every_sheet(problem_set) -> None:
    """So it is for a student of each rule."""
    for student in common.student_of_each_sheet(problem_set):
        assert common.lost(common.graded(problem_set, student=student)) == set(), student


@pytest.mark.parametrize("problem_set", SETS)
def test_the_empty_release_gets_nothing(problem_set) -> None:
    """What is handed out passes no check, and every message names the set's function that is missing."""
    cells = tuple(common.stub(cell) for cell in common.student_cells(problem_set))
    outcome = common.graded(problem_set, cells=cells)
    assert all(outcome.wrong.values())
    assert all("NotImplementedError" in message for message in outcome.wrong.values())


@pytest.mark.parametrize(("problem_set", "path"), SOME, ids=name)
def test_a_wrong_answer_lands_on_its_score(problem_set, path) -> None:
    """A mistake that people make loses the cells that its file states, and no other: some of them."""
    student = common.who_loses(path, problem_set)
    outcome = common.graded(problem_set, path.read_text(encoding="utf-8"), student=student)
    assert common.lost(outcome) == common.stated(path, problem_set, student)
    assert not any("Traceback" in message for message in outcome.wrong.values() if message)


@pytest.mark.prove
@pytest.mark.parametrize(("problem_set", "path"), WRONG, ids=name)
def test_a_wrong_answer_lands_on_its_score_on_every_sheet(problem_set, path) -> None:
    """So does each of them, for a student of each rule."""
    for student in common.student_of_each_sheet(problem_set):
        outcome = common.graded(problem_set, path.read_text(encoding="utf-8"), student=student)
        assert common.lost(outcome) == common.stated(path, problem_set, student), student


@pytest.mark.parametrize(("problem_set", "path"), RIGHT, ids=name)
def test_a_right_answer_of_another_kind_gets_all_points(problem_set, path) -> None:
    """Whoever writes it otherwise, and right, loses nothing."""
    assert common.lost(common.graded(problem_set, path.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize("problem_set", SETS)
def test_there_are_enough_wrong_answers(problem_set) -> None:
    """At least eight for each set; each states what it is in a sentence, and loses something that the set has."""
    found = common.answers("wrong", problem_set)
    cells = {cell.removeprefix("test-") for cell in common.questions(problem_set)}
    assert len(found) >= 8
    for path in found:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        loses = common.stated(path, problem_set, common.who_loses(path, problem_set))
        assert loses
        assert loses <= cells


@pytest.mark.parametrize("problem_set", SETS)
def test_every_check_is_asked_and_has_examples_and_hidden_cases(problem_set) -> None:
    """The notebook asks each check of the set once, with examples and hidden; both have cases, and hints stand by."""
    judge = common.judge(problem_set)
    rule = judge.rule("alice")
    asked = [question for questions in common.questions(problem_set).values() for question in questions]
    names = [check.name for check in judge.set.checks]
    assert sorted(asked) == sorted((kind, n) for kind in ("check", "hidden") for n in names)
    for check in judge.set.checks:
        assert len(judge.visible(rule)[check.name]) >= 1
        assert len(judge.hidden(rule, "alice")[check.name]) >= 3
        assert len(check.hints) >= 2
        assert set(check.needs) <= set(judge.set.solutions)


@pytest.mark.parametrize("problem_set", SETS)
def test_hidden_cases_are_each_students_own_and_stay(problem_set) -> None:
    """Two students' hidden inputs differ, the same student's do not, and none is among the examples."""
    judge = common.judge(problem_set)
    rule = judge.rule("alice")
    mine, theirs = judge.hidden(rule, "alice"), judge.hidden(rule, "bob")
    assert mine == judge.hidden(rule, "alice")
    for check in judge.set.checks:
        shown = [case.inputs for case in judge.visible(rule)[check.name]]
        assert [c.inputs for c in mine[check.name]] != [c.inputs for c in theirs[check.name]]
        assert not [case for case in mine[check.name] if case.inputs in shown]


@pytest.mark.parametrize("problem_set", SETS)
def test_sheets_differ(problem_set) -> None:
    """There are at least sixteen sheets, each is in words of its own, and no two neighbours need share one."""
    rules = common.judge(problem_set).set.rules
    assert len(rules) >= 16
    assert len({common.judge(problem_set).set.words(rule) for rule in rules}) == len(rules)


@pytest.mark.parametrize("problem_set", SETS)
def test_the_reference_survives_json(problem_set) -> None:
    """Rules, inputs and results are JSON: what crosses the border is what stood before it."""
    judge = common.judge(problem_set)
    rule = judge.rule("alice")
    assert common.to_json(dict(rule)) == dict(rule)
    for check in judge.set.checks:
        for case in judge.visible(rule)[check.name]:
            result = judge.expected(check, rule, case)
            assert common.to_json(result) == result
            assert judge.expected(check, rule, type(case)(case.idea, common.to_json(case.inputs))) == result
