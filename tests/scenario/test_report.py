"""A run in words."""

import pytest

from gupkit.scenario.report import outcome, verdict


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"ret": 2, "nonblocking": 0, "lock_after": "none"}, "2, nonblocking 0, mmap_sem none"),
        ({"errno": "EFAULT"}, "-EFAULT"),
        ({"signal": "SIGBUS"}, "SIGBUS"),
        ({"ret": 0, "bytes": ""}, "0, bytes none"),
        ({"ret": 0, "vec": [1, 0]}, "0, vec [1, 0]"),
        ({"errno": "ENOENT", "unknown": ["x"]}, "-ENOENT, unknown ['x']"),
        ({}, "done"),
    ],
)
def test_an_answer_in_words(result: dict, words: str) -> None:
    """Each kind of result has its words."""
    assert outcome({"result": result}) == words


def test_the_verdict_counts() -> None:
    """What did not hold and what could not be seen are counted apart."""
    steps = [{"unmet": ["a", "b"], "unobservable": ["c"]}]
    assert verdict({"ok": False, "steps": steps}) == "2 expectations not met, 1 not observable here"
