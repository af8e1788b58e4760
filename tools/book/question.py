"""A prediction on a page without Python: choose first, then unfold the kernel's answer."""

from __future__ import annotations

from hashlib import sha256
from html import escape

from gupkit.widgets.predict import Prediction, marked


def question_html(prediction: Prediction) -> str:
    """The question with a round button for each choice, and the answer folded below it.

    The buttons do nothing but remember the reader's choice: whoever has chosen has predicted.

    >>> from gupkit import predict
    >>> html = question_html(predict("1 + 1?", ["2", "3"], "2", "It is `arithmetic`."))
    >>> html.count('type="radio"'), html.index("<details") < html.index("<code>arithmetic</code>")
    (2, True)
    """
    name = "q" + sha256(prediction.question.encode()).hexdigest()[:8]
    choices = "".join(
        f'<label><input type="radio" name="{name}" value="{escape(choice)}"> {marked(choice)}</label>'
        for choice in prediction.choices
    )
    return (
        '<div class="gk-predict">'
        f"<fieldset><legend><b>Predict.</b> {marked(prediction.question)}</legend>{choices}</fieldset>"
        "<details><summary>The kernel\N{RIGHT SINGLE QUOTATION MARK}s answer</summary>"
        f"<p><b>{marked(prediction.answer)}</b>. {marked(prediction.because)}</p></details></div>"
    )
