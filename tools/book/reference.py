"""The pages of the reference that are made from the kit's own tables: scenarios, eras, the catalogue, the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gupkit.kernel
from gupkit.cli.eras import shown
from gupkit.contract import CLAUSES, KINDS
from gupkit.contract.clauses import SHOWN_BY
from gupkit.kernel.eras import rows
from gupkit.kernel.sched import SCHEDULE_POINTS
from gupkit.scenario import Scenario, builtin_names
from gupkit.scenario.ops import OPS, Arg, Op
from gupkit.scenario.outcomes import Row, catalogue
from gupkit.scenario.schema import EXPECT, build_schema
from gupkit.scenario.vocabulary import ERAS
from tools.book.markdown import code, paragraphs, plain, sentence, table

EXPECTED = {
    "ret": "what the call returns: a count, an address, or a negative errno as a number",
    "errno": "the error by its name, such as `EFAULT`",
    "signal": "the signal that a touch ends in",
    "byte": "the byte that is read",
    "bytes": "the bytes that are read, as hexadecimal digits",
    "faults": "how many `minor` and `major` faults the step takes",
    "nonblocking": "what the cell behind `nonblocking` holds after the call",
    "present": "a range of pages, each with an entry that is present",
    "absent": "a range of pages, none of which has an entry",
    "swapped": "a range of pages, each with an entry that names a swap slot",
    "same_frame": "two places or more (pages, pins) that lead to one frame",
    "different_frame": "two places or more that lead to different frames",
    "refcount": "places, and how many references the frame of each has",
    "mapcount": "places, and how many entries lead to the frame of each",
    "leaked": "how many pages were never put, when the scenario is over",
    "clause": "a clause of the contract that is broken in this step, or, of a non-promise, exercised",
}
"""What may be expected after a step; a test compares the keys with the schema's."""

FORMAT = """
A scenario is a title and a list of steps, in YAML or as a Python dict. A step is one op with its arguments; beside it
may stand `expect` (what must come out), `race` (what another task does meanwhile), `predict` (a question that is asked
first) and `note`. Ranges are written `A` (a region), `A[0]` (a page of it) or `A[0:2]`.
"""
SCENARIOS = """
`gk.Scenario.load("leak")` loads one, `gk.widgets.Explorer("leak")` opens it, and `gupkit run` runs them all.
"""
DIFFER = """
These are all the rules in which the simulated kernels differ. Kernel code asks its era for the answer, by the rule's
name, and never compares version numbers.
"""
CATALOGUE = """
Stories of the kernel's own memory tests, famous races, and what was measured on real kernels, with the outcome of each
in every era. The tests run them all; `gupkit catalogue` does so before your eyes.
"""
CONTRACT = """
What `__get_user_pages` promises, and what it asks of its caller, in 21 clauses. A clause is one of three kinds:
"""

FILES = """
One file for each file of the kernel's source that a reader would open, named after it, to lay beside the original. Each
page says what the file defines; its links lead to the code.
"""
KERNEL = Path(gupkit.kernel.__file__).parent
KERNEL_PAGE = """\
{name}.py
{line}

.. automodule:: gupkit.kernel.{name}
   :members:
   :private-members: __get_user_pages
"""


def pages() -> dict[str, str]:
    """File name of each page → its Markdown."""
    return {
        "reference/format.md": format_page(), "reference/scenarios.md": scenarios_page(),
        "reference/eras.md": eras_page(), "reference/catalogue.md": catalogue_page(),
        "reference/clauses.md": clauses_page(), **kernel_pages(),
    }  # fmt: skip


def format_page() -> str:
    """The scenario format: every op with its arguments, what can be expected, where another task can act."""
    parts = [
        "# Scenario format",
        paragraphs(FORMAT),
        _top_level(),
        "## Ops",
        "Every op also takes `by`, the process that acts (`P` where it is left out).",
        *(part for op in OPS.values() for part in _op(op)),
        "## What can be expected",
        table(["key", "what it says"], [[code(key), EXPECTED[key]] for key in EXPECT["properties"]]),
        "## Where another task can act",
        "`race` has a list of injections: `at` one of these points, the `nth` time it is passed, `do` these steps.",
        table(["point", "what happens there"], [[code(name), words] for name, words in SCHEDULE_POINTS.items()]),
    ]
    return "\n\n".join(parts) + "\n"


def _top_level() -> str:
    schema = build_schema()
    said = {
        "title": "one line that makes a claim", "about": "why it matters, in a few sentences",
        "era": f"the kernel: {', '.join(map(code, ERAS))}", "files": "the files, each with a byte for each page",
        "needs": "what the backend must have for it to make sense", "steps": "what happens, in order",
    }  # fmt: skip
    rows = [[code(key), "yes" if key in schema["required"] else "no", said[key]] for key in schema["properties"]]
    return table(["key", "needed", "what it is"], rows)


def _op(op: Op) -> Iterator[str]:
    marks = [f"since Linux {op.since}"] * bool(op.since) + ["simulated kernel only"] * op.sim_only
    yield f"(op-{op.name})=\n### {op.name}"
    yield f"{sentence(op.doc)}{' (' + '; '.join(marks) + ')' if marks else ''}."
    if op.args:
        yield table(["argument", "left out", "what it is"], map(_arg, op.args))


def _arg(arg: Arg) -> list[str]:
    missing = "needed" if arg.required else code(_plain(arg.default)) if arg.default is not None else "may be"
    return [code(arg.name), missing, arg.doc]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return str(value) if value != "" else '""'


def scenarios_page() -> str:
    """Every built-in scenario: its title and what it is about."""
    parts = ["# Built-in scenarios", paragraphs(SCENARIOS)]
    for name in sorted(builtin_names()):
        scenario = Scenario.load(name)
        told = f"**{plain(scenario.title)}.** {plain(paragraphs(scenario.about))}"
        parts += [f"(scenario-{name})=\n## {name}", told.strip()]
    return "\n\n".join(parts) + "\n"


def scenario_link(name: str) -> str:
    """A link to what the page of scenarios says of one."""
    return f"[`{name}`](#scenario-{name})"


def eras_page() -> str:
    """Every rule in which the kernels differ."""
    parts = ["# Eras", paragraphs(DIFFER)]
    for name, what, why, source, answers in rows():
        told = {era: shown(answer) for era, answer in answers.items()}
        because = f"{plain(why)} *Source:* {plain(source)}"
        parts += [f"(era-{name})=\n## {name}", f"{plain(sentence(what))}.", _answers(told), because]
    return "\n\n".join(parts) + "\n"


MOST = 24
"""Letters of an answer that five of can stand side by side."""


def _answers(told: dict[str, str]) -> str:
    """A row of short answers, a list of long ones; eras that answer alike stand together in a list."""
    if all(len(answer) <= MOST for answer in told.values()):
        return table([*told], [[*told.values()]])
    grouped: dict[str, list[str]] = {}
    for era, answer in told.items():
        grouped.setdefault(answer, []).append(era)
    return "\n".join(f"- {', '.join(eras)}: {code(answer)}" for answer, eras in grouped.items())


def catalogue_page() -> str:
    """What becomes of each story in every era."""
    known = catalogue()
    parts = ["# Catalogue", paragraphs(CATALOGUE)]
    for family, title in known.families.items():
        mine = [row for row in known.rows.values() if row.family == family]
        parts += [f"(family-{family})=\n## {plain(title)}", table(["story", "what happens", *ERAS], map(_row, mine))]
    beyond = ([plain(rows), plain(why)] for rows, why in known.beyond.items())
    parts += ["## Not told here", table(["rows", "why"], beyond)]
    return "\n\n".join(parts) + "\n"


def _row(row: Row) -> list[str]:
    return [scenario_link(row.scenario), plain(f"{row.what} ({row.rows})"), *(row.outcome(era).says for era in ERAS)]


def clauses_page() -> str:
    """The 21 clauses, each with the scenarios that show it."""
    kinds = [f"- *{kind}*: {what}" for kind, what in KINDS.items()]
    parts = ["# The contract", paragraphs(CONTRACT), "\n".join(kinds)]
    for clause in CLAUSES.values():
        keeps, breaks = SHOWN_BY[clause.name]
        word = "lets it be" if clause.kind == "non-promise" else "keeps it"
        other = "exercises" if clause.kind == "non-promise" else "breaks"
        parts += [
            f"(clause-{clause.name.lower()})=\n## {clause.name}: {plain(clause.title)}",
            f"*{clause.kind.capitalize()}.* {plain(clause.text)}",
            f"{scenario_link(keeps)} {word}, {scenario_link(breaks)} {other} it. *Source:* {plain(clause.source)}",
        ]
    return "\n\n".join(parts) + "\n"


def kernel_pages() -> dict[str, str]:
    """A page for each file of the simulated kernel, with what it defines, and one that lists them."""
    names = sorted(path.stem for path in KERNEL.glob("*.py") if path.stem != "__init__")
    made = {f"reference/source/{name}.rst": KERNEL_PAGE.format(name=name, line="=" * (len(name) + 3)) for name in names}
    listed = "\n".join(["# The simulated kernel, file by file", paragraphs(FILES), "```{toctree}", "", *names, "```"])
    return {**made, "reference/source/index.md": listed + "\n"}
