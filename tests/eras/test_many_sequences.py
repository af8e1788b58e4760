"""Ten thousand random sequences: the machine's rules hold after every step in every era, and the Linux here agrees."""

import platform

import pytest

from gupkit.api import compare_random
from gupkit.host.compare.sequences import sequence
from gupkit.kernel.eras import ERAS
from gupkit.scenario import Scenario
from gupkit.scenario.runner import run

EACH = 250
SEED = 20_110


@pytest.mark.prove
@pytest.mark.parametrize("part", range(40))
def test_invariants_hold_in_ten_thousand_sequences(part: int) -> None:
    """After each op of 250 sequences every count adds up; the era changes with the sequence."""
    eras = list(ERAS)
    for number in range(part * EACH, (part + 1) * EACH):
        trace = run(Scenario.load(sequence(SEED, number)), eras[number % len(eras)], check=True)
        assert trace.problem == "", f"sequence {number}"


@pytest.mark.prove
@pytest.mark.skipif(not platform.release().startswith("6.18"), reason="the Linux here is not the one simulated")
@pytest.mark.parametrize("part", range(40))
def test_this_linux_agrees_in_ten_thousand_sequences(part: int) -> None:
    """On a 6.18 none of 250 sequences goes otherwise than on the simulated one."""
    differing = [c.scenario.to_yaml() for c in compare_random(EACH, SEED + part) if not c.same]
    assert differing == []


@pytest.mark.parametrize("era", ERAS)
def test_invariants_hold_in_a_sample(era: str) -> None:
    """The same on twenty sequences for each era."""
    for number in range(20):
        assert run(Scenario.load(sequence(SEED, number)), era, check=True).problem == "", f"sequence {number}"
