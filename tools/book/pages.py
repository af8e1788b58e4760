"""An IPython extension for the run behind the book: widgets get a form beside them that needs no running Python.

``--ext=tools.book.pages`` loads it. The notebooks know nothing of it; a reader's own run is not changed by it.
"""

from __future__ import annotations

from typing import Any

from tools.book.explorer import explorer_html
from tools.book.question import question_html


def load_ipython_extension(shell: Any) -> None:
    """Show questions and explorers as HTML too."""
    html = shell.display_formatter.formatters["text/html"]
    html.for_type_by_name("gupkit.widgets.predict", "Prediction", question_html)
    html.for_type_by_name("gupkit.widgets.explorer", "Explorer", explorer_html)
