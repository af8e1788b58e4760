"""Continuous integration runs the make targets that a contributor runs."""

import re

from ruamel.yaml import YAML

from tests.project.source import ROOT

CI = YAML(typ="safe", pure=True).load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))


def runs(job: str) -> list[str]:
    """The commands of a job."""
    return [step["run"] for step in CI["jobs"][job]["steps"] if "run" in step]


def test_every_push_is_tested_and_proofs_are_scheduled() -> None:
    """One job runs make test for each change, another make prove by the clock."""
    assert any(command.startswith("make test") for command in runs("test"))
    assert "make prove" in runs("prove")
    assert "schedule" in CI["on"]
    assert "schedule" in CI["jobs"]["prove"]["if"]


def test_every_target_exists() -> None:
    """Each make target that is named there is one of the Makefile's."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for job in CI["jobs"] for command in runs(job) for target in re.findall(r"make (\w+)", command)}
    assert named == {"test", "prove"}
    assert named <= targets


def test_the_least_python_is_tested() -> None:
    """The oldest Python that pyproject.toml allows is among those tested."""
    least = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert least
    assert least[1] in CI["jobs"]["test"]["strategy"]["matrix"]["python"]
