"""What a scenario needs and the simulated kernel has."""

from __future__ import annotations

from ..errors import BackendError, GupkitError
from ..kernel.eras import ERAS
from .model import Scenario
from .vocabulary import SIM_OFFERS
from .words import hint


def check_backend(scenario: Scenario, era: str) -> None:
    """Raise BackendError or GupkitError if the simulated kernel cannot run ``scenario`` as ``era``.

    >>> check_backend(Scenario("t", needs=("swap",)), "2.6.39")
    >>> check_backend(Scenario("t", needs=("kvm",)), "2.6.39")
    Traceback (most recent call last):
    ...
    gupkit.errors.BackendError: scenario: needs 'kvm', which the simulated kernel does not offer
    """
    if era not in ERAS:
        raise GupkitError(f"unknown era {era!r}{hint(era, ERAS)}")
    for need in scenario.needs:
        if need not in SIM_OFFERS:
            raise BackendError(
                f"{scenario.source}: needs {need!r}, which the simulated kernel does not offer{hint(need, SIM_OFFERS)}"
            )
