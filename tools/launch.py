"""Buttons for Binder and Colab, from one setting: ``repository`` in ``[tool.gupkit]`` of pyproject.toml.

``python tools/launch.py`` writes them into the README, and the address into the first cell of ``deploy/colab.ipynb``.
While the setting is empty, there are no buttons.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
COLAB = ROOT / "deploy" / "colab.ipynb"
BLOCK = re.compile(r"(<!-- launch -->\n).*?(<!-- /launch -->)", re.DOTALL)
ADDRESS = re.compile(r'^REPOSITORY = ".*"', re.MULTILINE)
FIRST = "notebooks/00-start-here.ipynb"


def setting(top: Path = ROOT) -> str:
    """The repository's address, empty if there is none. ValueError if it is none of GitHub's."""
    address = str(tomllib.loads((top / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["gupkit"]["repository"])
    if address and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        raise ValueError(f"{address!r} is no repository: write https://github.com/OWNER/NAME, or leave it empty")
    return address.removesuffix(".git")


def buttons(address: str) -> str:
    """The buttons as Markdown; nothing for an empty address."""
    if not address:
        return ""
    path = urlsplit(address).path.strip("/")
    binder = f"https://mybinder.org/v2/gh/{path}/HEAD?urlpath={quote(f'lab/tree/{FIRST}', safe='')}"
    colab = f"https://colab.research.google.com/github/{path}/blob/HEAD/{COLAB.relative_to(ROOT).as_posix()}"
    return f"[Run it on Binder]({binder}) · [Run it on Colab]({colab})\n"


def with_buttons(readme: str, address: str) -> str:
    """The README with its buttons as they should be."""
    return BLOCK.sub(lambda found: found[1] + buttons(address) + found[2], readme)


def with_address(notebook: str, address: str) -> str:
    """The Colab notebook with the address in its first cell."""
    data = json.loads(notebook)
    cell = next(cell for cell in data["cells"] if cell["cell_type"] == "code")
    source = ADDRESS.sub(lambda _: f'REPOSITORY = "{address}"', "".join(cell["source"]))
    cell["source"] = source.splitlines(keepends=True)
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write both files."""
    try:
        address = setting()
    except ValueError as wrong:
        print(f"pyproject.toml: {wrong}", file=sys.stderr)
        return 1
    README.write_text(with_buttons(README.read_text(encoding="utf-8"), address), encoding="utf-8")
    COLAB.write_text(with_address(COLAB.read_text(encoding="utf-8"), address), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
