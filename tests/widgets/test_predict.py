"""Questions that want a guess before they tell."""

import sys

import pytest

from gupkit.errors import GupkitError
from gupkit.widgets.claim import ClaimError
from gupkit.widgets.predict import Prediction, predict, widget


def question() -> Prediction:
    """A fresh question with three choices."""
    return predict("What does `a < b` return?", ["4", "2", "-EFAULT"], "2", "The count wins.")


def test_nothing_is_told_before_a_guess() -> None:
    """Neither the text nor the buttons give the answer or its reason away."""
    asked = question()
    assert asked.guess is None
    assert "The count wins" not in repr(asked)
    assert [asked.label(choice) for choice in asked.choices] == ["4", "2", "-EFAULT"]
    assert "choose" in asked.verdict


def test_the_first_guess_counts() -> None:
    """A second choice does not replace the first."""
    asked = question()
    asked.say("4")
    asked.say("2")
    assert asked.guess == "4"
    assert asked.verdict == "You said 4; the answer is 2."
    assert [asked.label(choice) for choice in asked.choices] == ["✗ 4 (your guess)", "✓ 2 (the answer)", "-EFAULT"]


def test_a_right_guess_is_told_as_right() -> None:
    """A right guess is told with its reason, on the button too."""
    asked = question()
    assert asked.say("2") == "Right: 2. The count wins."
    assert asked.label("2") == "✓ 2 (your guess, right)"
    assert "Right: 2. The count wins." in repr(asked)


def test_the_kernel_has_the_last_word() -> None:
    """An answer that the kernel does not give is refused when the question is asked, in one line."""
    with pytest.raises(ClaimError) as refused:
        predict("What comes?", ["1", "2"], "1", "So it is.", run=lambda: 2)
    assert str(refused.value) == "this page says '1' and the kernel answered '2': What comes?"
    assert predict("What comes?", [1, 2], 2, "So it is.", run=lambda: 2).answer == "2"


@pytest.mark.parametrize(
    ("choices", "answer", "words"),
    [(["1"], "1", "two choices"), (["1", 1], "1", "two choices"), (["1", "2"], "3", "'3' is not one of")],
)
def test_a_question_without_a_choice_is_refused(choices: list[object], answer: str, words: str) -> None:
    """Too few choices, two alike, or an answer that is none of them: one line says so."""
    with pytest.raises(GupkitError, match=words) as refused:
        predict("What comes?", choices, answer, "So it is.")
    assert "\n" not in str(refused.value)


def test_a_guess_must_be_a_choice() -> None:
    """What is not among the choices is refused and does not count as a guess."""
    asked = question()
    with pytest.raises(GupkitError, match="'5' is not one of the choices: 4, 2, -EFAULT"):
        asked.say("5")
    assert asked.guess is None


def test_buttons_answer_when_pressed() -> None:
    """Pressing a button tells the outcome as text, and on each button that it concerns."""
    box = widget(question())
    asked, buttons, outcome = box.children
    assert "<code>a &lt; b</code>" in asked.value
    assert "The count wins." not in outcome.value
    buttons.children[2].click()
    assert "You said -EFAULT; the answer is 2." in outcome.value
    assert "The count wins." in outcome.value
    assert 'role="status"' in outcome.value
    assert [button.description for button in buttons.children] == ["4", "✓ 2 (the answer)", "✗ -EFAULT (your guess)"]


def test_a_notebook_gets_buttons_and_text() -> None:
    """What a notebook stores holds the widget, and the question as text for whatever cannot show it."""
    bundle = question()._repr_mimebundle_()
    assert isinstance(bundle, tuple)
    assert "application/vnd.jupyter.widget-view+json" in bundle[0]
    assert bundle[0]["text/plain"] == repr(question())


def test_without_widgets_there_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ipywidgets cannot be imported, the question is shown as text."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert question()._repr_mimebundle_() == {"text/plain": repr(question())}
