"""Exercises: sheets and checks for students, the judge and the grading pipeline for instructors.

A student's code is never trusted: what it gives back is plain data, and the judge compares it with what the reference
leaves for the same inputs. Where it runs is :mod:`gupkit.course.sandbox`'s; nbgrader keeps the scores.
"""

from .sheet import Sheet, sheet

__all__ = ["Sheet", "sheet"]
