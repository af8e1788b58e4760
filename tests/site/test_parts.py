"""The parts of the site's build, without the network: what a wheel says, what the lock and the first page say."""

import json
import zipfile
from html import escape
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from tests.project.source import ROOT
from tools.site import __main__ as site_main
from tools.site import pyodide, tooling
from tools.site.content import gather
from tools.site.landing import add_book, heading, lab_address, write_landing
from tools.site.lock import write_lock
from tools.site.pyodide import Unfit
from tools.site.tooling import install_tools
from tools.site.wheels import Wheel, check_bounds, closure, holds, version_of

PYTHON = "3.14.2"
"""The browser's, in these tests."""

METADATA = """Metadata-Version: 2.1
Name: a.b
Version: 1.2
Requires-Dist: click>=8
Requires-Dist: matplotlib>=3
Requires-Dist: psutil; sys_platform != "emscripten"
Requires-Dist: pytest; extra == "test"
"""


def made_wheel(folder: Path, name: str = "a_b", version: str = "1.2", metadata: str = METADATA) -> Wheel:
    """A small wheel with one package and one module in it."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{name}_more.py", "")
        archive.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
    return Wheel(path, PYTHON)


def test_a_wheel_says_what_a_browser_must_load(tmp_path: Path) -> None:
    """Names, version and imports come from the wheel; what only a computer needs or a marker excludes is left out."""
    wheel = made_wheel(tmp_path)
    assert (wheel.name, wheel.version) == ("a-b", "1.2")
    assert wheel.imports == ["a_b", "a_b_more"]
    assert wheel.depends == ["click"]
    assert len(wheel.sha256) == 64


def test_markers_are_those_of_the_browser() -> None:
    """A requirement for Linux does not hold there, one for its Python does."""
    assert not holds(Requirement('x; sys_platform == "linux"'), PYTHON)
    assert holds(Requirement('x; python_version >= "3.14"'), PYTHON)
    assert not holds(Requirement('x; python_full_version < "3.14.2"'), PYTHON)


def test_the_closure_has_all_at_every_depth(tmp_path: Path) -> None:
    """What a required wheel requires is in it too; wheels that lie there already are not fetched again."""
    first = made_wheel(tmp_path, "first", metadata="Name: first\nRequires-Dist: second>=1\n")
    made_wheel(tmp_path, "second", "1.0", "Name: second\nRequires-Dist: third\n")
    made_wheel(tmp_path, "third", "3.0", "Name: third\n")
    packages = {"second": {"version": "1.0"}, "third": {"version": "3.0"}}
    lock = {"info": {"python": PYTHON}, "packages": packages}
    assert [wheel.name for wheel in closure([first], [], lock, tmp_path)] == ["first", "second", "third"]


def test_a_version_out_of_bounds_is_refused(tmp_path: Path) -> None:
    """Where Pyodide's lock names a version that the kit does not allow, the build says so and stops."""
    wheel = made_wheel(tmp_path)
    check_bounds([Requirement("a.b>=1")], {"a-b": wheel})
    with pytest.raises(Unfit, match="a-b 1.2 would be in the site, but a.b>=2 is required"):
        check_bounds([Requirement("a.b>=2")], {"a-b": wheel})


def test_the_version_is_the_locks_or_the_installed_one() -> None:
    """Pyodide's lock comes first; a name that neither it nor this environment knows is refused."""
    lock = {"packages": {"click": {"version": "8.3.1"}}}
    assert version_of("click", lock) == "8.3.1"
    assert version_of("ipywidgets", lock)[0] == "8"
    with pytest.raises(Unfit, match="no-such-thing"):
        version_of("no-such-thing", lock)


def test_the_lock_has_our_wheels_and_no_other(tmp_path: Path) -> None:
    """Each wheel lies beside the lock with its digest; Pyodide's own packages, which lie elsewhere, are gone."""
    wheel = made_wheel(tmp_path)
    into = tmp_path / "runtime"
    into.mkdir()
    write_lock({"info": {"python": "3.14"}, "packages": {"numpy": {"file_name": "numpy.whl"}}}, [wheel], into)
    lock = json.loads((into / pyodide.LOCK).read_text())
    assert list(lock["packages"]) == ["a-b"]
    assert lock["info"] == {"python": "3.14"}
    assert (into / lock["packages"]["a-b"]["file_name"]).exists()
    assert lock["packages"]["a-b"]["sha256"] == wheel.sha256


@pytest.mark.xdist_group("built")
def test_every_notebook_and_problem_set_is_linked(wheel: Path, tmp_path: Path) -> None:
    """The first page links each by its title, and leaves out the book as long as there is none."""
    gather(wheel, tmp_path / "content")
    (tmp_path / "site").mkdir()
    write_landing(tmp_path / "site", tmp_path / "content", "1.0")
    page = (tmp_path / "site/index.html").read_text()
    released = [f"exercises/{path.name}/{path.name}.ipynb" for path in (ROOT / "exercises/source").iterdir()]
    for name in [path.name for path in (ROOT / "notebooks").glob("*.ipynb")] + released:
        assert lab_address(name) in page
        assert escape(heading(tmp_path / "content" / name)[0]) in page
    assert "book/" not in page
    assert "$" not in page


def test_the_book_is_carried(tmp_path: Path) -> None:
    """A rendered book is copied into the site, and the first page leads to it before anything else."""
    book, site, content = tmp_path / "book", tmp_path / "site", tmp_path / "content"
    for folder in (book, site, content):
        folder.mkdir()
    (book / "index.html").write_text("the book")
    add_book(book, site)
    write_landing(site, content, "1.0")
    page = (site / "index.html").read_text()
    assert (site / "book/index.html").read_text() == "the book"
    assert page.index("book/index.html") < page.index("run/lab/index.html")


def test_a_title_is_text_in_the_page(tmp_path: Path) -> None:
    """What a title holds is shown and not obeyed; a notebook without one goes by its file's name."""
    cells = [nbformat.v4.new_markdown_cell("# <b> & *c*\n\n5 minutes\n")]
    (tmp_path / "site").mkdir()
    content = tmp_path / "content"
    content.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), content / "a.ipynb")
    nbformat.write(nbformat.v4.new_notebook(), content / "b.ipynb")
    write_landing(tmp_path / "site", content, "1.0")
    page = (tmp_path / "site/index.html").read_text()
    assert "&lt;b&gt; &amp; *c*" in page
    assert "5 minutes" in page
    assert ">b</a>" in page


def test_the_tools_are_made_anew_for_other_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLite's environment stays as it is until its versions change; one that was not finished is made again."""
    made: list[list[str]] = []
    monkeypatch.setattr(tooling, "_install", lambda folder, wanted, pins: made.append(wanted) or folder.mkdir())
    pins, folder = tmp_path / "pins.txt", tmp_path / "tools"
    pins.write_text("jupyterlite-core==0.8.6\n")
    install_tools(ROOT, folder, pins)
    install_tools(ROOT, folder, pins)
    assert len(made) == 1
    assert any(wanted.startswith("jupyterlite-pyodide-kernel") for wanted in made[0])
    pins.write_text("jupyterlite-core==0.8.7\n")
    folder.rename(tmp_path / "old")
    install_tools(ROOT, folder, pins)
    assert len(made) == 2


@pytest.mark.prove
def test_an_environment_that_pip_cannot_fill_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a registry the build ends in one line, and the next one begins anew."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(Unfit, match="JupyterLite could not be installed: .*No matching distribution") as said:
        install_tools(ROOT, tmp_path / "tools", None)
    assert "\n" not in str(said.value)
    assert not (tmp_path / "tools" / tooling.DONE).exists()


def test_without_npm_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """Where npm is missing nothing is built, and the line says what to install."""
    monkeypatch.setattr(site_main, "FETCHED", tmp_path / "fetched")
    monkeypatch.setenv("PATH", "")
    assert site_main.main([str(tmp_path / "site")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "needs npm" in line
    assert not (tmp_path / "site").exists()


def test_what_is_no_site_is_not_overwritten(tmp_path: Path, capsys) -> None:
    """A directory with something else in it is refused and stays as it is."""
    (tmp_path / "mine.txt").write_text("mine")
    assert site_main.main([str(tmp_path)]) == 1
    assert "no site" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.xdist_group("built")
def test_the_kits_own_wheel_says_what_the_browser_loads(wheel: Path) -> None:
    """Of the kit's requirements the pure ones remain: no JupyterLab, no matplotlib."""
    kit = Wheel(wheel, PYTHON)
    assert kit.imports == ["gupkit"]
    assert {"click", "fastjsonschema", "ipywidgets", "networkx", "pyrsistent", "ruamel-yaml"} <= set(kit.depends)
    assert not {"jupyterlab", "matplotlib"} & set(kit.depends)
