"""Sentences about the kernel that are checked when they are read."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from gupkit.kernel import Errno
from gupkit.widgets.claim import ClaimError, claim


def test_a_claim_that_holds_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence is printed with a tick."""
    claim("It is not there.", Errno.EFAULT, -14)
    assert capsys.readouterr().out == "✓ It is not there.\n"


def test_a_claim_that_does_not_hold_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed, and one line has the sentence, what was expected and what was found."""
    with pytest.raises(ClaimError) as failed:
        claim("Two came.", Errno.EFAULT, 2)
    assert str(failed.value) == 'not so: "Two came." expects 2, and it is -EFAULT; was a cell changed above?'
    assert capsys.readouterr().out == ""


def test_a_notebook_shows_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """In IPython a failed claim is one line without a traceback."""
    shell = InteractiveShell()
    shell.run_cell("from gupkit.widgets.claim import claim\nclaim('Two came.', 1, 2)")
    assert capsys.readouterr().out == '✗ not so: "Two came." expects 2, and it is 1; was a cell changed above?\n'
