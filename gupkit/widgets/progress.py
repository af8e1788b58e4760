"""How far a reader has come: the questions answered and how many were right, with a way to begin anew."""

from __future__ import annotations

from html import escape
from typing import Any

from .predict import marked
from .score import Answer, Score, score

STYLE = """<style>
.gupkit-progress th,.gupkit-progress td{text-align:left;vertical-align:top;padding:2px 14px 2px 0}
</style>"""


class Progress:
    """The reader's answers at this moment. Shows itself as a table in a notebook, as text elsewhere.

    ``first`` and ``last`` are the first and the latest answer to each question.
    """

    def __init__(self, kept: Score) -> None:
        self.kept = kept
        self._read()

    def _read(self) -> None:
        answers = self.kept.answers()
        self.first: dict[str, Answer] = {}
        self.last: dict[str, Answer] = {}
        for answer in answers:
            self.first.setdefault(answer.question, answer)
            self.last[answer.question] = answer

    def clear(self) -> None:
        """Forget all answers and begin anew. GupkitError if the file holds something that is not gupkit's."""
        self.kept.clear()
        self._read()

    @property
    def summary(self) -> str:
        """The numbers in a sentence."""
        if not self.first:
            return "No question answered yet."
        total = len(self.first)
        right = sum(answer.right for answer in self.first.values())
        now = sum(answer.right for answer in self.last.values())
        later = "" if now == right else f", {now} at the last"
        return f"{total} question{'s' if total != 1 else ''} answered: {right} right at the first guess{later}."

    @property
    def where(self) -> str:
        """Where the answers are, or why they are not kept."""
        return self.kept.problem or f"Kept in {self.kept.path}."

    def __repr__(self) -> str:
        missed = [f"  ✗ {answer.question} You said {answer.guess}; it is {answer.answer}." for answer in self._missed()]
        return "\n".join([self.summary, *missed, self.where])

    def _missed(self) -> list[Answer]:
        return [answer for answer in self.last.values() if not answer.right]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any] | tuple[dict[str, Any], dict[str, Any]]:
        """A table and a button for a notebook, with the text beside them for whatever cannot show widgets."""
        text = {"text/plain": repr(self)}
        try:
            made = widget(self)._repr_mimebundle_()
        except ImportError:
            return text
        data, metadata = made if isinstance(made, tuple) else (made, {})
        return {**data, **text}, metadata

    def html(self) -> str:
        """The same as HTML."""
        rows = "".join(
            f"<tr><td>{'✓ right' if last.right else '✗ wrong'}</td><td>{marked(question)}</td>"
            f"<td>{escape(last.guess)}</td><td>{escape(last.answer)}</td></tr>"
            for question, last in self.last.items()
        )
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("", "question", "you said", "the kernel"))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        return f'{STYLE}<div role="status"><b>{escape(self.summary)}</b> {escape(self.where)}{table}</div>'


def progress() -> Progress:
    """The questions answered so far, in notebooks and explorers, on this machine.

    >>> isinstance(progress().summary, str)
    True
    """
    return Progress(score())


def widget(shown: Progress) -> Any:
    """The progress as an ipywidgets VBox with a button that clears it, which must be pressed twice."""
    from ipywidgets import HTML, Button, Layout, VBox

    told = HTML(shown.html())
    small = Layout(width="auto", align_self="flex-start")
    button = Button(description="Clear my answers", layout=small, disabled=not shown.first)

    def press(_: Any) -> None:
        if button.description == "Clear my answers":
            button.description = "Really? Press again to clear"
            return
        try:
            shown.clear()
        finally:
            button.description, button.disabled = "Clear my answers", not shown.first
            told.value = shown.html()

    button.on_click(press)
    return VBox([told, button]).add_class("gupkit-progress")
