"""What nbgrader is given so that its own commands grade safely: preprocessors, named in ``nbgrader_config.py``.

``generate_assignment``: :class:`AddExamples`. ``autograde``: :class:`RestoreCells` before all else, and
:class:`JudgeCells` in the place of ``Execute``. ``generate_feedback``: hidden tests are cleared. Scores are saved,
summed and shown by nbgrader.
"""

from .config import course_config
from .examples import AddExamples
from .judge_cells import JudgeCells
from .restore import RestoreCells

__all__ = ["AddExamples", "JudgeCells", "RestoreCells", "course_config"]
