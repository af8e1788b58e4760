"""A Sphinx extension: the pages of source that viewcode makes, without its links that lead nowhere.

Viewcode keeps one name for each module, so of a function that is described on two pages it links back to a place
that neither has; and it lists modules whose source it has not found.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

BACK = re.compile(r'<a class="viewcode-back"[^>]*>[^<]*</a>\n?')


def found(app: Sphinx, env: BuildEnvironment) -> None:
    """Forget the modules without a source."""
    modules: dict[str, Any] = getattr(env, "_viewcode_modules", {})
    for name in [name for name, entry in modules.items() if not entry]:
        del modules[name]


def one_way(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """From a description to its source there is a link; back, there is the reader's browser."""
    if page.startswith("_modules/"):
        context["body"] = BACK.sub("", context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("env-updated", found)
    app.connect("html-page-context", one_way)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
