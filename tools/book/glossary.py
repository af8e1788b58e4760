"""A Sphinx extension: on every page of a lecture, the first use of each term leads to the glossary.

Not in headings, links, quotations, outputs or blocks of code. A name in backquotes that is a term as it stands, such as
``mmap_sem``, counts as a use; other such names lead to the reference where it tells of them, at their first use too.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from tools.book.names import place_of
from tools.book.terms import Entry, of_code, uses

PAGE = "glossary"
LECTURES = "lectures/"
APART = (
    nodes.title, nodes.reference, nodes.literal_block, nodes.raw, nodes.literal, nodes.caption, nodes.block_quote,
)  # fmt: skip
"""What holds no uses."""


class LinkTerms(SphinxPostTransform):
    """Put a link in the place of each first use."""

    default_priority = 400
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Link the page, if it is a lecture's."""
        if not self.env.docname.startswith(LECTURES):
            return
        _join_texts(self.document)
        seen: set[Entry] = set()
        named: set[str] = set()
        for node in list(self.document.findall(_may_use)):
            if isinstance(node, nodes.literal):
                self._link_code(node, seen, named)
            else:
                self._link_words(node, seen)

    def _link_code(self, node: nodes.literal, seen: set[Entry], named: set[str]) -> None:
        text = node.astext()
        entry = of_code(text)
        if entry is None:
            place = place_of(text, node.parent.astext(), self.env)
            if place and place not in named:
                named.add(place)
                address = self._address(*place.split("#"))
                node.parent.replace(node, nodes.reference("", "", node.deepcopy(), internal=True, refuri=address))
        elif entry not in seen:
            seen.add(entry)
            node.parent.replace(node, self._reference(entry, node.deepcopy()))

    def _link_words(self, node: nodes.Node, seen: set[Entry]) -> None:
        pieces = list(uses(node.astext(), seen))
        if any(entry for _, entry in pieces):
            linked = [self._reference(entry, nodes.Text(text)) if entry else nodes.Text(text) for text, entry in pieces]
            node.parent.replace(node, linked)

    def _reference(self, entry: Entry, words: nodes.Node) -> nodes.reference:
        said = entry.says.replace("`", "")
        address = self._address(PAGE, entry.place)
        return nodes.reference("", "", words, internal=True, refuri=address, reftitle=said, classes=["gk-term"])

    def _address(self, page: str, place: str) -> str:
        return f"{self.app.builder.get_relative_uri(self.env.docname, page)}#{place}"


def _join_texts(document: nodes.document) -> None:
    """Make one text of neighbours: a term may stand at the end of one line and the beginning of the next."""
    for element in list(document.findall(nodes.TextElement)):
        joined: list[nodes.Node] = []
        for child in element.children:
            if joined and isinstance(child, nodes.Text) and isinstance(joined[-1], nodes.Text):
                joined[-1] = nodes.Text(joined[-1].astext() + child.astext())
            else:
                joined.append(child)
        element.children = []
        element.extend(joined)


def _may_use(node: nodes.Node) -> bool:
    """A piece of running text, or a name in backquotes within it."""
    if not isinstance(node, nodes.Text | nodes.literal):
        return False
    parent = node.parent
    while parent is not None:
        if isinstance(parent, APART) or "cell_output" in parent.get("classes", ()):
            return False
        parent = parent.parent
    return True


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_post_transform(LinkTerms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
