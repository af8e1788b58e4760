"""What the person at the keyboard got wrong.

The simulated kernel's own answers (``-EFAULT``, SIGSEGV) are values, never these exceptions.
"""


class GupkitError(Exception):
    """Base of everything a person can get wrong: its message says what, where and what to do."""


class ScenarioError(GupkitError):
    """A scenario file that cannot be run, refused before its first step.

    ``str(error)`` is one line: ``FILE:LINE: what is wrong (the nearest right word)``.
    """


class BackendError(GupkitError):
    """The chosen backend lacks something that the scenario needs."""
