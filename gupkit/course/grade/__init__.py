"""``gupkit grade``: all submissions of a course, through nbgrader's own machinery and gradebook, on all cores.

:mod:`.plan` says what there is to grade, :mod:`.ledger` what is done already, :mod:`.worker` grades one submission
after the other in a process of its own, :mod:`.pool` keeps workers busy and alive, :mod:`.report` reads the scores.
"""

from .run import grade_course

__all__ = ["grade_course"]
