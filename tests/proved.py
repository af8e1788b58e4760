"""``make prove`` may be interrupted: what passed is not run again until a file of the project changes.

A pytest plugin (``-p tests.proved``). It keeps the names of the tests that passed in ``.proved.json``, beside a digest
of everything they could depend on; with another digest the list starts anew.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".proved.json"
ROOMS = (
    "gupkit", "tests", "notebooks", "exercises", "benchmarks", "tools", "deploy", "pyproject.toml", "constraints.txt",
)  # fmt: skip
MADE = {"__pycache__", ".ipynb_checkpoints"}


def files() -> Iterator[Path]:
    """Every file that a proof could depend on, in a fixed order."""
    for room in ROOMS:
        top = ROOT / room
        found = [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        yield from (path for path in found if not MADE & set(path.parts))


def digest() -> str:
    """One value for the state of all of :func:`files`."""
    total = hashlib.sha256()
    for path in files():
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


class Proved:
    """The tests that have passed in this state of the project."""

    def __init__(self, worker: bool) -> None:
        self.worker = worker
        self.digest = digest()
        self.passed: set[str] = set()
        if KEPT.exists():
            kept = json.loads(KEPT.read_text(encoding="utf-8"))
            self.passed = set(kept["passed"]) if kept["digest"] == self.digest else set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what has passed already, and say how many there are."""
        done = [item for item in items if item.nodeid in self.passed]
        config.hook.pytest_deselected(items=done)
        items[:] = [item for item in items if item.nodeid not in self.passed]
        if done:
            print(f"\n{len(done)} proofs passed in an earlier run of this state: not run again")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the name of a test that passed, at once. Workers leave that to their head."""
        if report.when == "call" and report.passed and not self.worker:
            self.passed.add(report.nodeid)
            made = KEPT.with_suffix(".new")
            made.write_text(json.dumps({"digest": self.digest, "passed": sorted(self.passed)}), encoding="utf-8")
            made.replace(KEPT)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Nothing left to prove is a good end."""
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.passed:
            session.exitstatus = pytest.ExitCode.OK


def pytest_configure(config: pytest.Config) -> None:
    """Take part in this run."""
    config.pluginmanager.register(Proved(worker=hasattr(config, "workerinput")))
