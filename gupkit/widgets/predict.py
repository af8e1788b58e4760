"""A question that wants a guess before the kernel's answer is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from ..errors import GupkitError
from .claim import ClaimError
from .score import score


class Prediction:
    """One question with its choices. Shows itself as buttons in a notebook and as text elsewhere.

    ``guess`` is the first choice made, None before. :func:`predict` makes these.
    """

    def __init__(self, question: str, choices: Sequence[str], answer: str, because: str) -> None:
        self.question = question
        self.choices = tuple(choices)
        self.answer = answer
        self.because = because
        self.guess: str | None = None

    def say(self, choice: str) -> str:
        """Make a guess and get the answer with its reason. The first guess stays, and counts in :func:`progress`.

        >>> predict("1 + 1?", ["2", "3"], "2", "It is arithmetic.").say("3")
        'You said 3; the answer is 2. It is arithmetic.'
        """
        if str(choice) not in self.choices:
            raise GupkitError(f"prediction: {str(choice)!r} is not one of the choices: {', '.join(self.choices)}")
        if self.guess is None:
            self.guess = str(choice)
            score().add(self.question, self.guess, self.answer)
        return f"{self.verdict} {self.because}"

    @property
    def verdict(self) -> str:
        """How guess and answer compare, in words."""
        if self.guess is None:
            return "Not answered yet: choose one."
        if self.guess == self.answer:
            return f"Right: {self.answer}."
        return f"You said {self.guess}; the answer is {self.answer}."

    def label(self, choice: str) -> str:
        """What stands on the button of ``choice``: after a guess, also whether it was right."""
        if self.guess is None:
            return choice
        if choice == self.answer:
            return f"✓ {choice} ({'your guess, right' if choice == self.guess else 'the answer'})"
        return f"✗ {choice} (your guess)" if choice == self.guess else choice

    def __repr__(self) -> str:
        lines = [f"Predict: {self.question}", *(f"  - {self.label(choice)}" for choice in self.choices)]
        if self.guess is None:
            return "\n".join([*lines, f"Answer with .say({self.choices[0]!r}), or another of them."])
        return "\n".join([*lines, f"{self.verdict} {self.because}"])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any] | tuple[dict[str, Any], dict[str, Any]]:
        """Buttons for a notebook, with the text beside them for whatever cannot show widgets."""
        text = {"text/plain": repr(self)}
        try:
            made = widget(self)._repr_mimebundle_()
        except ImportError:
            return text
        data, metadata = made if isinstance(made, tuple) else (made, {})
        return {**data, **text}, metadata


def predict(
    question: str, choices: Sequence[object], answer: object, because: str, run: Callable[[], object] | None = None
) -> Prediction:
    """Ask before telling: a question with ``choices``, of which ``answer`` is right ``because`` of a reason.

    With ``run`` the kernel is asked as well, at once: a function without arguments whose result must read like
    ``answer``. So the page and the kernel can never say different things: ClaimError where they do. GupkitError
    for fewer than two choices, for two that read the same, or for an answer that is none of them. Question and
    reason may hold ``code`` in backquotes.

    >>> question = predict("2 pages exist. What does a request for 4 return?", [-14, 4, 2], 2, "It is what there is.")
    >>> question
    Predict: 2 pages exist. What does a request for 4 return?
      - -14
      - 4
      - 2
    Answer with .say('-14'), or another of them.
    >>> question.say("2")
    'Right: 2. It is what there is.'
    """
    texts = [str(choice) for choice in choices]
    if len(texts) < 2 or len(set(texts)) < len(texts):
        raise GupkitError(f"prediction: give at least two choices that differ, not {texts}")
    if str(answer) not in texts:
        raise GupkitError(f"prediction: the answer {str(answer)!r} is not one of the choices: {', '.join(texts)}")
    if run is not None and (came := str(run())) != str(answer):
        raise ClaimError(f"this page says {str(answer)!r} and the kernel answered {came!r}: {question}")
    return Prediction(question, texts, str(answer), because)


def widget(prediction: Prediction) -> Any:
    """The question as an ipywidgets VBox: a button for each choice, and a line that answers when one is pressed.

    ImportError where there are no ipywidgets.
    """
    from ipywidgets import HTML, Button, HBox, Layout, VBox

    buttons = [Button(description=prediction.label(c), layout=Layout(width="auto")) for c in prediction.choices]
    outcome = HTML(outcome_html(prediction))

    def press(choice: str) -> None:
        prediction.say(choice)
        outcome.value = outcome_html(prediction)
        for button, each in zip(buttons, prediction.choices, strict=True):
            button.description = prediction.label(each)

    for button, choice in zip(buttons, prediction.choices, strict=True):
        button.on_click(lambda _, choice=choice: press(choice))
    asked = HTML(f'<div style="line-height: 1.5"><b>Predict.</b> {marked(prediction.question)}</div>')
    box = VBox([asked, HBox(buttons, layout=Layout(flex_flow="row wrap")), outcome])
    box.layout = Layout(border_left="4px solid var(--jp-brand-color1, #1976d2)", padding="2px 0 2px 12px")
    return box.add_class("gupkit-predict")


def outcome_html(prediction: Prediction) -> str:
    """The line under the buttons; a screen reader is told when it changes."""
    because = "" if prediction.guess is None else f" {marked(prediction.because)}"
    body = f"<b>{marked(prediction.verdict)}</b>{because}"
    return f'<div role="status" style="line-height: 1.5; white-space: normal; max-width: 90ch">{body}</div>'


def marked(text: str) -> str:
    """``text`` as HTML, with what stands in backquotes as code.

    >>> marked("`a < b` holds")
    '<code>a &lt; b</code> holds'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
