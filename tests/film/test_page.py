"""The page that needs nobody: self-contained, valid, and safe whatever the scenario says."""

import json
import re
from html.parser import HTMLParser

from gupkit import run
from gupkit.draw.style import STYLES, contrast
from gupkit.film.film import Film
from gupkit.film.front import SCRIPTS, STATIC, css, samples, script
from gupkit.film.page import PAGE_CSS, html


class Reader(HTMLParser):
    """Collects elements with their attributes, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = dict(attrs).get("type") or "" if tag == "script" else ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[self.inside] = self.scripts.get(self.inside, "") + data


def read(page: str) -> Reader:
    """A page, parsed."""
    reader = Reader()
    reader.feed(page)
    return reader


def test_nothing_comes_from_elsewhere() -> None:
    """No element of the page names an address, and neither style nor script loads anything."""
    page = html([Film(run("leak"))])
    assert not [a for _, attributes in read(page).found for a in attributes if a in ("src", "href")]
    own = page.replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[a-z][\w.-]+\.[a-z]{2,}[^\s\"'<)]*", own) == []
    assert "@import" not in page
    assert "url(" not in css()


def test_all_pictures_are_in_it() -> None:
    """The film in the page has every place, and the story is there as text."""
    trace = run("leak")
    told = json.loads(read(html([Film(trace)])).scripts["application/json"])
    ((number, batch),) = told["batches"]
    assert number == 0
    assert told["films"][0]["places"] == len(batch["shots"]) == len(trace)
    assert "put_page gives one reference" in html([Film(trace)]).partition("The whole story in words")[2]


def test_what_the_scenario_says_stays_text() -> None:
    """A title that looks like markup, or like the end of a script, is shown as it is."""
    title = "</script><script>alert(1)</script><!-- <b>"
    page = html([Film(run({"title": title, "about": "a <i> b", "steps": [{"mmap": {"as": "A", "pages": 1}}]}))])
    reader = read(page)
    assert [tag for tag, _ in reader.found].count("script") == 2
    assert [tag for tag, _ in reader.found if tag in ("b", "i")] == []
    assert json.loads(reader.scripts["application/json"])["films"][0]["title"] == title


def test_two_kernels_in_one_page() -> None:
    """Two films have their names and a place in the second for each of the first."""
    films = [Film(run("read-pin-write", era)) for era in ("2.6.39", "6.18")]
    told = json.loads(read(html(films, ("Linux 2.6.39", "Linux 6.18"))).scripts["application/json"])
    assert told["names"] == ["Linux 2.6.39", "Linux 6.18"]
    assert len(told["pairs"]) == len(films[0].trace)
    assert max(told["pairs"]) == len(films[1].trace) - 1


def test_the_front_end_is_what_the_package_ships() -> None:
    """Every script file is used, in one module with one default export; every style rule stays inside the kit's."""
    assert {path.stem for path in STATIC.glob("*.js")} == set(SCRIPTS)
    assert script().count("export default") == 1
    assert not re.search(r"^import ", script(), re.MULTILINE)
    for selectors in re.findall(r"(?:^|\})\s*([^{}@]+)\{", css()):
        for selector in selectors.split(","):
            assert "gk-" in selector, selector


PAPERS = {"light": ("#ffffff", "#eeeeee"), "dark": ("#111111", "#424242", "#16181b", "#2a2d31")}
"""What outlines stand on: JupyterLab's paper and the face of its controls, and those of a page of ours."""


def test_outlines_and_tracks_can_be_seen() -> None:
    """The colour of edges has a contrast of 3 at least, on paper and on controls, in both themes and in both rules."""
    edges = re.findall(r"--gk-edge:(#\w{6})", css())
    assert len(edges) == css().count("--gk-edge:") == 4
    light, dark, lab_light, lab_dark = edges
    assert (light, dark) == (lab_light, lab_dark)
    assert min(contrast(light, paper) for paper in PAPERS["light"]) >= 3
    assert min(contrast(dark, paper) for paper in PAPERS["dark"]) >= 3
    assert "--gk-edge:" not in PAGE_CSS


def test_every_state_has_a_sample() -> None:
    """The legend knows every state that has words."""
    assert set(samples()) == {name for name, look in STYLES.items() if look.words}
    assert all(STYLES[name].words in sample for name, sample in samples().items())
