"""Every word of the texts is a word: English as a dictionary knows it, or one of the kit's own in words.txt."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from hunspell import Hunspell
from ruamel.yaml import YAML

from tests.project.source import ROOT

WORDS = Path(__file__).with_name("words.txt")
CODE = re.compile(r"```.*?```|~~~.*?~~~|\w*``.+?``\w*|:[a-z]+:`[^`]+`|\w*`[^`\n]+`\w*", re.DOTALL)
EXAMPLE = re.compile(r"^[ \t]*>>>.*?(?:\n[ \t]*\n|\Z)", re.DOTALL | re.MULTILINE)
ADDRESS = r"https?://\S+|\]\([^)]*\)|<[^>\n]+>"
QUOTED = r"^(?: {4}|\t)\S.*$|^> .*$"
LETTERS = r"\[\w\]\w+|\b\w\(\w+\)"
"""One letter of a word set apart: A(ccessed)."""
NO_PROSE = re.compile(f"{ADDRESS}|{QUOTED}|{LETTERS}", re.MULTILINE)
PIECE = re.compile(r"[^\s,;:!?()\[\]{}\"“”…=|]+")
WORD = re.compile(r"[A-Za-z][a-z]+(?:['’][a-z]+)?(?:-[A-Za-z]?[a-z]+(?:['’]s)?)*")


@cache
def own_words() -> frozenset[str]:
    """The kit's own words, in small letters: names of kernel things, tools, and British spellings."""
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.lower().split())


@cache
def dictionary() -> Hunspell:
    """American English; the British spellings that the texts use are in words.txt."""
    return Hunspell("en_US")


@cache
def known(word: str) -> bool:
    """Whether this is how a word is spelt; a possessive is as good as its noun."""
    plain = re.sub(r"['’]s$", "", word)
    return plain.lower() in own_words() or dictionary().spell(plain)


def prose(text: str) -> str:
    """A text without what is code in it."""
    return NO_PROSE.sub(" ", CODE.sub(" x ", EXAMPLE.sub("\n", text)))


def words(text: str) -> Iterator[str]:
    """The words of a text; what has digits, underscores, dots or capitals inside is a name and not looked at."""
    for piece in PIECE.findall(prose(text)):
        bare = piece.strip("*_'’‘.-–—/~#%&+>")
        if WORD.fullmatch(bare):
            yield from bare.split("-")


def misspelt(text: str) -> list[str]:
    """Each word that nobody knows, with the nearest that a dictionary does."""
    unknown = dict.fromkeys(word for word in words(text) if len(word) > 1 and not known(word))
    return [f"{word} ({', '.join(dictionary().suggest(word)[:2])}?)" for word in unknown]


def docstrings(path: Path) -> str:
    """Every docstring of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    holders = (node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    return "\n\n".join(ast.get_docstring(node) or "" for node in holders)


def markdown(path: Path) -> str:
    """The texts of a notebook, and its questions' questions and reasons."""
    cells = nbformat.read(path, as_version=4).cells
    asked = [said for cell in cells if "gk.predict(" in cell.source for said in strings(cell.source)]
    return "\n\n".join([*(cell.source for cell in cells if cell.cell_type == "markdown"), *asked])


def strings(code: str) -> list[str]:
    """Texts of more than one word that stand in a cell's code."""
    nodes = ast.walk(ast.parse(code))
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and " " in n.value]


def told(path: Path) -> str:
    """Texts of more than one word in a YAML file: titles, remarks, reasons."""
    return "\n\n".join(spoken(YAML(typ="safe", pure=True).load(path)))


def spoken(value: Any) -> Iterator[str]:
    """Every text with a blank in it, anywhere in a value."""
    if isinstance(value, str) and " " in value:
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from spoken(part)


READERS = {".py": docstrings, ".ipynb": markdown, ".yaml": told}
"""What of a file is prose, by its kind; of every other, all."""


def sources() -> list[Path]:
    """Everything that people read: documents, lectures, problem sets, docstrings, scenarios, the glossary."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").glob("*.yaml")]
    found += (ROOT / "gupkit").rglob("*.yaml")
    found += [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "exercises" / "source").rglob("*.ipynb")]
    found += [path for room in ("gupkit", "tools", "benchmarks") for path in (ROOT / room).rglob("*.py")]
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def test_every_word_is_spelt() -> None:
    """Each word of every file's prose is in the dictionary or in words.txt; what is quoted is not ours to spell."""
    wrong = {path: misspelt(READERS.get(path.suffix, Path.read_text)(path)) for path in sources()}
    assert {str(path.relative_to(ROOT)): found for path, found in wrong.items() if found} == {}


def test_a_wrong_word_would_be_found() -> None:
    """A misspelt word is found in prose, and left alone where it is code, an address or a name."""
    assert misspelt("The kernle holds `kernle_lock`.") == ["kernle (kernel, Kern?)"]
    assert misspelt("```\nkernle\n```\n>>> kernle\n\nSee [it](kernle.md), kernle.c and KERNLE.") == []


def test_own_words_are_needed_and_in_order() -> None:
    """words.txt has each word once, in order within its group, and none that the dictionary knows already."""
    groups = [block.splitlines()[1:] for block in WORDS.read_text(encoding="utf-8").split("\n\n")[1:]]
    assert groups == [sorted(set(group)) for group in groups]
    assert [word for group in groups for word in group if dictionary().spell(word)] == []
