"""Where a student's code runs: a process of its own that knows neither references nor hidden tests nor the gradebook.

A *server* (one for each worker of the grader) starts once, behind a wall: of the file system it sees Python and nothing
else, no network, no other processes. For every submission it forks a child, which builds the worlds of the trials, cuts
what would answer for the student out of the kit, gives up its rights, and only then runs the student's code. Each check
runs in a fork of that child, under a clock. What comes back is text from a stranger: :mod:`.client` reads it as such.
"""

from .client import Outcome, Sandbox

__all__ = ["Outcome", "Sandbox"]
