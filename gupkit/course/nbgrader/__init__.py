"""What nbgrader is given so that its own commands grade safely: preprocessors, named in ``nbgrader_config.py``.

``generate_assignment``: :class:`AddExamples`. ``autograde``: :class:`RestoreCells` before all else,
:class:`JudgeCells` in the place of ``Execute``, :class:`ShowRubric` at the end. ``generate_feedback``:
:class:`HideRubric`, and hidden tests are cleared. Scores are saved, summed and shown by nbgrader.
"""

from .config import course_config
from .examples import AddExamples
from .judge_cells import JudgeCells
from .restore import RestoreCells
from .rubric import HideRubric, ShowRubric

__all__ = ["AddExamples", "HideRubric", "JudgeCells", "RestoreCells", "ShowRubric", "course_config"]
