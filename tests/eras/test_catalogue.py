"""The catalogue: every built-in story in every era, and that a word in the table stands for something."""

import json

import pytest
from click.testing import CliRunner

from gupkit.cli import cli
from gupkit.errors import GupkitError
from gupkit.scenario import Scenario
from gupkit.scenario.model import builtin_names
from gupkit.scenario.outcomes import Row, _row, catalogue
from gupkit.scenario.runner import run
from gupkit.scenario.vocabulary import ERAS

ROWS = catalogue().rows


@pytest.mark.parametrize("era", ERAS)
def test_every_story_comes_out(era: str) -> None:
    """Every built-in scenario holds in every era, with every invariant of the machine after each step."""
    traces = {name: run(Scenario.load(name), era, check=True) for name in builtin_names()}
    assert {name: [s.unmet for s in trace.steps if s.unmet] for name, trace in traces.items() if not trace.ok} == {}


def test_rows_are_scenarios() -> None:
    """Each row names a built-in scenario, and each step it speaks of is one of the scenario's."""
    for name, row in ROWS.items():
        steps = len(Scenario.load(name).steps)
        assert all(0 <= index < steps for outcome in row.outcomes for index in outcome.steps), name


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if len({o.says for o in row.outcomes}) > 1])
def test_words_are_kept(name: str) -> None:
    """Eras that the table calls by different words do not hold by each other's expectations."""
    row: Row = ROWS[name]
    for outcome in row.outcomes:
        for other in row.outcomes:
            if other.says != outcome.says:
                borrowed = Scenario.load(Scenario.load(name).in_era(other.eras[0]).to_dict())
                assert not run(borrowed, outcome.eras[0]).ok, f"{outcome.eras[0]} by {other.eras[0]}"


def test_answers_are_choices() -> None:
    """A prediction's answer in any era is one of its choices."""
    for name in ROWS:
        for era in ERAS:
            for step in Scenario.load(name).in_era(era).steps:
                assert step.predict is None or step.predict.answer in step.predict.choices


def test_only_built_in_stories_have_outcomes() -> None:
    """The same text given as a dict is judged by itself, in any era."""
    mine = Scenario.load(Scenario.load("vmsplice-leak").to_dict())
    assert run(mine, "2.6.39").ok
    assert not run(mine, "5.8").ok
    assert run(Scenario.load("vmsplice-leak"), "5.8").ok


def test_a_row_names_every_era() -> None:
    """A row that forgets an era, or names one twice, is refused."""
    with pytest.raises(GupkitError, match="must name every era once"):
        _row("cow", "x", {"row": "", "what": "", "outcomes": [{"says": "PASS", "eras": "2.6.39 4.9 4.9"}]})


def test_the_table_on_paper() -> None:
    """The command prints the outcome of every era, and as JSON one object per row."""
    shown = CliRunner().invoke(cli, ["catalogue", "longterm"])
    assert shown.exit_code == 0
    assert "EFAULT to write" in shown.output
    data = [json.loads(line) for line in CliRunner().invoke(cli, ["catalogue", "cow", "--json"]).output.splitlines()]
    leak = next(row for row in data if row["scenario"] == "vmsplice-leak")
    assert leak["outcomes"] == {"2.6.39": "LEAK", "4.9": "LEAK", "5.8": "PASS", "5.10": "PASS", "6.18": "PASS"}
    assert all(leak["held"].values())


def test_an_unknown_family() -> None:
    """A family that is none is one line with the nearest right word, and exit 2."""
    wrong = CliRunner().invoke(cli, ["catalogue", "cows"])
    assert wrong.exit_code == 2
    assert "nearest right word: 'cow'" in wrong.output
    assert len(wrong.output.splitlines()) == 1
