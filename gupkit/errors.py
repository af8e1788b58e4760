"""What the person at the keyboard got wrong.

The simulated kernel's own answers (``-EFAULT``, SIGSEGV) are values, never these exceptions.
"""


class GupkitError(Exception):
    """Base of everything a person can get wrong: its message says what, where and what to do.

    In a notebook it shows as that one line; a traceback through the kit's own code would tell a reader nothing.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"✗ {self}"]


class ScenarioError(GupkitError):
    """A scenario file that cannot be run, refused before its first step.

    ``str(error)`` is one line: ``FILE:LINE: what is wrong (the nearest right word)``.
    """


class BackendError(GupkitError):
    """The chosen backend lacks something that the scenario needs."""


class NotHere(GupkitError):
    """A function of the kit was called that would answer for the student whose exercise is being graded."""
