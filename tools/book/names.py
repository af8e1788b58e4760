"""Where the reference tells of a name that a lecture has in backquotes: of gupkit, a file of it, or a scenario."""

from __future__ import annotations

import re

from sphinx.environment import BuildEnvironment

from gupkit.scenario import builtin_names

FILE = re.compile(r"gupkit/([\w/]+)\.py")
FACE = re.compile(r"gk\.([\w.]+)(?:\(.*\))?")
SCENARIOS = "reference/scenarios"


def place_of(text: str, around: str, env: BuildEnvironment) -> str | None:
    """``page#place`` of the name, without a suffix; None where the reference has nothing of it.

    A scenario may be called as anything else is, so a name without a hyphen is one only where the paragraph ``around``
    speaks of scenarios.
    """
    if SCENARIOS not in env.all_docs:
        return None
    if found := FILE.fullmatch(text):
        return _object(f"gupkit.{found[1].replace('/', '.')}", env)
    if found := FACE.fullmatch(text):
        return _object(f"gupkit.{found[1]}", env)
    if text in builtin_names() and ("-" in text or "scenario" in around.lower()):
        return f"{SCENARIOS}#scenario-{text}"
    return None


def _object(name: str, env: BuildEnvironment) -> str | None:
    """A function, class or module that the reference describes."""
    found = env.domains.python_domain.objects.get(name)
    return f"{found.docname}#{found.node_id}" if found else None
