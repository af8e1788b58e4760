"""The simulated kernels against recordings of the real ones, step for step."""

from itertools import islice

import pytest

from gupkit.host.compare.differences import differences
from gupkit.host.compare.offline import WARMTH, summed
from gupkit.host.recorded import ERAS, RecordedRun, recorded_runs
from gupkit.scenario import Scenario
from gupkit.scenario.runner import run


def unlike(recorded: RecordedRun, era: str) -> list[str]:
    """Every difference between a recorded run and the simulated one, PTE bits included."""
    trace = run(Scenario.load(dict(recorded.scenario)), era, check=True, refuse_newer=True)
    told, real = trace.to_result(), recorded.to_result()
    if (era, recorded.title) in WARMTH:
        told, real = summed(told), summed(real)
    found = [str(difference) for difference in differences(told, real)]
    for index, (mine, theirs) in enumerate(zip(told["steps"], real["steps"], strict=True)):
        for name in mine["pages"].keys() & theirs["pages"].keys():
            bits = theirs["pages"][name].get("pte", {})
            for bit in ("write", "dirty"):
                if bit in bits and mine["pages"][name]["pte"][bit] != bits[bit]:
                    found.append(f"step {index + 1}, pte.{bit} of {name}")
    return found


@pytest.mark.parametrize("era", ERAS)
def test_every_story_of_a_real_kernel(era: str) -> None:
    """Each named scenario went on the simulated kernel as it went on the real one."""
    wrong = {r.title: unlike(r, era) for r in recorded_runs(era) if r.named}
    assert len(wrong) == 40
    assert {title: found for title, found in wrong.items() if found} == {}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("part", range(4))
def test_every_random_sequence_of_a_real_kernel(era: str, part: int) -> None:
    """Each recorded random sequence went on the simulated kernel as it went on the real one."""
    sequences = [r for r in recorded_runs(era) if not r.named]
    assert len(sequences) == (150 if era == "6.18" else 100)
    wrong = {i: unlike(r, era) for i, r in enumerate(sequences) if i % 4 == part}
    assert {number: found for number, found in wrong.items() if found} == {}


def test_another_era_is_noticed() -> None:
    """The comparison is no formality: 4.9's recordings do not fit 2.6.39, nor 6.18's 5.10."""
    for era, other in (("4.9", "2.6.39"), ("6.18", "5.10"), ("5.8", "4.9")):
        differ = (r for r in recorded_runs(era) if unlike(r, other))
        assert len(list(islice(differ, 10))) == 10
