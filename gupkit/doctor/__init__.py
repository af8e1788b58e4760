"""What this machine can do for the kit, and how to mend what is missing: what ``gupkit doctor`` prints."""

from __future__ import annotations

from .finding import Finding

__all__ = ["Finding", "examine"]


def examine() -> list[Finding]:
    """Try everything, change nothing: a finding for each thing, what learners need first."""
    from .grading import grading
    from .jupyter import jupyter
    from .kit import kit
    from .linux import linux

    found = [*kit(), *jupyter(), *linux(), *grading()]
    return sorted(found, key=lambda finding: not finding.needed)
