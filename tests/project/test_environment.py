"""pyproject.toml, environment.yml and constraints.txt say the same."""

import re
import tomllib
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from tests.project.source import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")

Bounds = dict[str, SpecifierSet]


def bounds(requirements: Iterable[str]) -> Bounds:
    """Canonical name → version bounds; a name that comes twice is an error."""
    found: Bounds = {}
    for text in requirements:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        assert name not in found, f"{name} is declared twice"
        found[name] = requirement.specifier
    return found


def declared(pyproject: str) -> Bounds:
    """What pyproject.toml declares: Python itself, dependencies, and the extras that are not made of extras."""
    project = tomllib.loads(pyproject)["project"]
    extras = [r for name, rs in project["optional-dependencies"].items() if name != "all" for r in rs]
    return bounds(["python" + project["requires-python"], *project["dependencies"], *extras])


def of_the_site(pyproject: str) -> Bounds:
    """What pyproject.toml declares for the build of the site, which has an environment of its own."""
    return bounds(tomllib.loads(pyproject)["dependency-groups"]["site"])


def conda(environment: str) -> Bounds:
    """What environment.yml declares, conda's part and pip's; ``pip`` itself and ``-e .`` are how it is installed."""
    entries = YAML(typ="safe", pure=True).load(environment)["dependencies"]
    from_pip = [r for e in entries if isinstance(e, dict) for r in e["pip"]]
    assert "pip" in entries
    assert "-e ." in from_pip
    return bounds([*(e for e in entries if isinstance(e, str) and e != "pip"), *(r for r in from_pip if r != "-e .")])


def test_every_name_and_bound_agrees() -> None:
    """environment.yml has each name of pyproject.toml with the same bounds, and no other."""
    assert conda(ENVIRONMENT) == declared(PYPROJECT)


def test_a_changed_bound_or_name_is_seen() -> None:
    """The comparison notices any change of one bound, one missing name, and another Python."""
    good = declared(PYPROJECT)
    assert conda(ENVIRONMENT.replace("networkx >=3.2", "networkx >=3.3")) != good
    assert conda(ENVIRONMENT.replace("nbgrader>=0.9.6,<0.10", "nbgrader>=0.9.6")) != good
    assert conda(ENVIRONMENT.replace("python >=3.11", "python >=3.12")) != good
    assert conda(re.sub(r"(?m)^ +- click.*\n", "", ENVIRONMENT)) != good
    assert declared(PYPROJECT.replace("matplotlib>=3.8", "matplotlib>=3.7")) != conda(ENVIRONMENT)


def test_conda_names_are_plain() -> None:
    """conda's entries are ``name bounds`` with one blank between, which is what its own parser reads."""
    entries = YAML(typ="safe", pure=True).load(ENVIRONMENT)["dependencies"]
    for entry in entries:
        if isinstance(entry, str):
            assert re.fullmatch(r"[a-z0-9._-]+( [<>=0-9.,]+)?", entry), entry


def test_the_sites_tools_are_in_no_extra() -> None:
    """JupyterLite's kernel would trouble every JupyterLab of the same environment, so no extra installs it."""
    assert of_the_site(PYPROJECT)
    assert not of_the_site(PYPROJECT).keys() & declared(PYPROJECT).keys()


def test_all_is_every_extra() -> None:
    """The extra ``all`` names each of the others."""
    extras = tomllib.loads(PYPROJECT)["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    assert Requirement(everything).extras == extras.keys() - {"all"}


def test_constraints_pin_what_is_declared() -> None:
    """constraints.txt pins each declared name to one version within its bounds, by name and version only."""
    lines = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    pins = {canonicalize_name(n): v for n, v in (line.split("==") for line in lines)}
    assert len(pins) == len(lines)
    for name, allowed in (declared(PYPROJECT) | of_the_site(PYPROJECT)).items():
        assert name == "python" or allowed.contains(pins[name]), f"{name}: {pins.get(name)} is not {allowed}"
