"""A difference in one sentence."""

from gupkit.film.changes import changes_words
from gupkit.trace.diff import Diff


def test_many_changes_are_counted() -> None:
    """Of many things of a kind a few are named."""
    words = changes_words(Diff(ptes=frozenset(("P", n << 12) for n in range(9)), swap=frozenset({4})))
    assert words == "Changed: page-table entries 0x0 of P, 0x1000 of P and 7 more; swap slot 4."
    words = changes_words(Diff(frames=frozenset(range(0, 90, 2))))
    assert words == "Changed: 45 frames."
