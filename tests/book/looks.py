"""What can be wrong with a page, as a person would find it or as a program can."""

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Page

WIDTHS = (390, 820, 1366, 1920)
"""A phone's, a tablet's, a laptop's and a desk's screen, in px."""

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Visitor:
    """Somebody with a browser: the page, and what was found wrong with it so far."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def open(self, path: Path, place: str = "") -> None:
        """Open a file of this machine."""
        self.page.goto(path.as_uri() + place)

    def look(self, path: Path) -> list[str]:
        """All that is wrong with the page at this path: requests, errors, barriers."""
        self.wrong.clear()
        self.open(path)
        self.wrong += barriers(self.page)
        return [f"{path.name}: {each}" for each in self.wrong]

    def cut_off(self, path: Path) -> list[str]:
        """On which screens the page is too wide."""
        self.open(path)
        return [f"{path.name} is {over} px wider than a screen of {w}" for w in WIDTHS if (over := self._over(w)) > 0]

    def _over(self, width: int) -> int:
        self.page.set_viewport_size({"width": width, "height": 800})
        return int(self.page.evaluate(WIDER))


def barriers(page: Page) -> list[str]:
    """What axe-core finds."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']} at {node['html'][:90]}" for each in found for node in each["nodes"]]


@cache
def parsed(path: Path) -> BeautifulSoup:
    """A page as a tree."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def pages(folder: Path) -> list[Path]:
    """Every page of a site."""
    return sorted(folder.rglob("*.html"))


def heading_faults(path: Path) -> list[str]:
    """One heading of the first level, and none that skips a level."""
    levels = [int(tag.name[1]) for tag in parsed(path).find_all(["h1", "h2", "h3", "h4", "h5", "h6"])]
    faults = [] if levels.count(1) == 1 else [f"{path.name}: {levels.count(1)} headings of the first level"]
    skips = any(later - level > 1 for level, later in pairwise([0, *levels]))
    return [*faults, f"{path.name}: a heading skips a level"] if skips else faults


def dead_links(folder: Path) -> list[str]:
    """Each link, script, style and picture that leads to no file, or to no place in it, or out of the folder."""
    dead = []
    for path in pages(folder):
        for attribute in ("href", "src"):
            for tag in parsed(path).find_all(attrs={attribute: True}):
                target = urlsplit(str(tag[attribute]))
                if target.scheme == "https" and tag.name == "a":
                    continue  # a reader may follow it; the page does not
                if not _leads(path, target.scheme, unquote(target.path), unquote(target.fragment), folder):
                    dead.append(f"{path.relative_to(folder)}: {tag[attribute]}")
    return dead


def _leads(page: Path, scheme: str, name: str, place: str, folder: Path) -> bool:
    if scheme:
        return scheme == "data"
    target = (page.parent / name).resolve() if name else page
    if not target.is_file() or not target.is_relative_to(folder):
        return False
    return not place or target.suffix != ".html" or place in _places(target)


@cache
def _places(path: Path) -> frozenset[str]:
    """Every id of a page."""
    return frozenset(str(tag["id"]) for tag in parsed(path).find_all(id=True))
