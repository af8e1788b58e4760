"""Answers are kept in a small file, never at the cost of anything that is in it."""

import json
from pathlib import Path

import pytest

import gupkit as gk
from gupkit.errors import GupkitError
from gupkit.widgets.model import ExplorerModel
from gupkit.widgets.progress import Progress, widget
from gupkit.widgets.score import IN_BROWSER, Score, default_path, score


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for this test's answers."""
    path = tmp_path / "deep" / "answers.jsonl"
    monkeypatch.setenv("GUPKIT_PROGRESS", str(path))
    return path


def test_a_prediction_and_an_explorer_count_together(file: Path) -> None:
    """What is answered in a notebook's question and before a step of an explorer is one score."""
    gk.predict("What comes?", ["1", "2"], "2", "So it is.").say("1")
    assert ExplorerModel("leak").guess(4, "1") is True
    assert [(a.guess, a.answer) for a in score().answers()] == [("1", "2"), ("1", "1")]
    shown = gk.progress()
    assert shown.summary == "2 questions answered: 1 right at the first guess."
    assert "✗ What comes? You said 1; it is 2." in repr(shown)
    assert str(file) in repr(shown)
    assert len(file.read_text().splitlines()) == 2


def test_the_first_guess_counts_and_the_last_is_told(file: Path) -> None:
    """Who answers again after a wrong guess is told both numbers."""
    for guess in ("1", "2"):
        gk.predict("What comes?", ["1", "2"], "2", "So it is.").say(guess)
    assert gk.progress().summary == "1 question answered: 0 right at the first guess, 1 at the last."


def test_clearing_begins_anew(file: Path) -> None:
    """After clear there is no answer and no file; the button must be pressed twice."""
    gk.predict("What comes?", ["1", "2"], "2", "So it is.").say("2")
    shown = gk.progress()
    told, button = widget(shown).children
    button.click()
    assert file.exists()
    assert button.description == "Really? Press again to clear"
    button.click()
    assert not file.exists()
    assert button.disabled
    assert "No question answered yet." in told.value
    assert gk.progress().first == {}


@pytest.mark.parametrize(
    "content", ["my thesis\n", "{}\n", '{"question": "q"}\n', "[1]\n", "\n", '{"question": "q", "guess"', "\xff\xfe"]
)
def test_a_file_that_is_not_ours_is_left_alone(file: Path, content: str) -> None:
    """Answers are remembered, the file stays byte for byte, one line says so, and clear refuses."""
    file.parent.mkdir()
    file.write_bytes(content.encode("latin-1"))
    gk.predict("What comes?", ["1", "2"], "2", "So it is.").say("2")
    shown = gk.progress()
    assert shown.summary == "1 question answered: 1 right at the first guess."
    assert f"{file} is left as it is" in shown.where
    assert "\n" not in shown.where
    with pytest.raises(GupkitError, match="nothing was cleared"):
        shown.clear()
    assert file.read_bytes() == content.encode("latin-1")


def test_a_half_good_file_is_left_alone_too(file: Path) -> None:
    """One bad line among good ones: nothing is added, nothing is lost, and the line is named."""
    gk.predict("What comes?", ["1", "2"], "2", "So it is.").say("2")
    text = file.read_text() + "scribble\n"
    file.write_text(text)
    gk.predict("What else?", ["1", "2"], "2", "So it is.").say("2")
    assert file.read_text() == text
    assert "line 2 is no answer" in gk.progress().where


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Where the disk refuses, answers are remembered and one line says so."""
    (tmp_path / "taken").write_text("a file where a folder is needed")
    kept = Score(tmp_path / "taken" / "answers.jsonl")
    kept.add("q", "1", "1")
    assert [a.right for a in kept.answers()] == [True]
    shown = Progress(kept)
    assert "answers" in shown.where
    assert "GUPKIT_PROGRESS" in shown.where


def test_a_browser_has_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a browser's Python nothing is written and the reader is told; a file that is named is used all the same."""
    monkeypatch.delenv("GUPKIT_PROGRESS")
    monkeypatch.setattr("sys.platform", "emscripten")
    assert default_path() is None
    kept = Score(None)
    kept.add("q", "1", "2")
    assert Progress(kept).where == IN_BROWSER
    assert "1 question answered: 0 right" in Progress(kept).summary
    kept.clear()
    assert kept.answers() == []


def test_the_usual_place_is_the_users_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a wish, answers lie in the user's data directory."""
    monkeypatch.delenv("GUPKIT_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = default_path()
    assert path is not None
    assert path.name == "progress.jsonl"
    assert path.parent.name == "gupkit"


def test_questions_of_any_language_are_kept(file: Path) -> None:
    """Text is kept as it is, quotes and line ends included."""
    score().add('Was "kommt"\nübrig?', "ä", "ß")
    assert json.loads(file.read_text(encoding="utf-8"))["question"] == 'Was "kommt"\nübrig?'
    assert score().answers()[0].guess == "ä"


def test_a_guess_must_fit_the_question(file: Path) -> None:
    """What is no choice of the step's question is refused, and nothing is noted."""
    for step, choice in ((4, "7"), (0, "1")):
        with pytest.raises(GupkitError, match="does not ask anything"):
            ExplorerModel("leak").guess(step, choice)
    assert not file.exists()


def test_progress_shows_itself_in_a_notebook(file: Path) -> None:
    """A notebook gets a widget and the text; the table says right and wrong in words."""
    gk.predict("`a < b`?", ["yes", "no"], "yes", "So it is.").say("no")
    shown = gk.progress()
    bundle = shown._repr_mimebundle_()
    assert isinstance(bundle, tuple)
    assert "application/vnd.jupyter.widget-view+json" in bundle[0]
    assert bundle[0]["text/plain"] == repr(shown)
    assert "<td>✗ wrong</td><td><code>a &lt; b</code>?</td><td>no</td><td>yes</td>" in shown.html()
