"""A sentence about the kernel that is checked each time it is read."""

from __future__ import annotations

from ..errors import GupkitError


class ClaimError(GupkitError):
    """A page says one thing and the kernel did another."""


def claim(sentence: str, found: object, expected: object = True) -> None:
    """Print ``sentence`` with a tick if ``found`` equals ``expected``; raise ClaimError if it does not.

    >>> claim("Two pages came back.", 2, 2)
    ✓ Two pages came back.
    >>> claim("Nobody waits.", False)
    Traceback (most recent call last):
    ...
    gupkit.widgets.claim.ClaimError: not so: "Nobody waits." expects True, and it is False; was a cell changed above?
    """
    if found != expected:
        raise ClaimError(f'not so: "{sentence}" expects {expected!s}, and it is {found!s}; was a cell changed above?')
    print(f"✓ {sentence}")
