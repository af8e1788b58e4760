"""The table: ``python -m benchmarks [--json] [NAME ...]``; a NAME is a file of this directory (``pin``, ``walk``)."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

from .row import Row, table

NAMES = (
    "pin", "walk", "memory", "recording", "search", "picture", "toggle", "large", "browser", "importing", "grading",
)  # fmt: skip


def measured(names: list[str]) -> list[Row]:
    """The rows of the named files, in that order; what is being measured is said on standard error."""
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.{name}").rows()
    return rows


def main() -> int:
    """Print the table. Exit 1 if a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The promises in numbers, measured here.")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON, one a line")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all of them if none is given")
    given = parser.parse_args()
    if unknown := sorted(set(given.names) - set(NAMES)):
        parser.error(f"no {unknown[0]} here: choose from {', '.join(NAMES)}")
    rows = measured(given.names or list(NAMES))
    print("\n".join(json.dumps(row.to_dict()) for row in rows) if given.json else table(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
