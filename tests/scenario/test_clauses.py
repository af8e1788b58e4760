"""``expect: {clause: C8}``: reported within the step that says so, or the step did not hold."""

from gupkit.scenario import Scenario, builtin_names
from gupkit.scenario.runner import run
from tests.scenario.story import story, unmet

START = """
- mmap: {as: A, pages: 1}
- store: {at: A, byte: 1}
- gup: {as: pins, at: A, flags: [WRITE]}
"""


def test_a_surprise_in_its_step_holds() -> None:
    """A non-promise that is exercised in the step is what was expected."""
    trace = story(START + "- madvise: {at: A, advice: DONTNEED}\n  expect: {clause: C8}\n- put_page: {pin: pins}\n")
    assert trace.ok


def test_a_surprise_elsewhere_does_not_hold() -> None:
    """The same clause expected one step later is unmet, and the sentence says that it came elsewhere."""
    steps = "- madvise: {at: A, advice: DONTNEED}\n- load: {at: A}\n  expect: {clause: C8}\n- put_page: {pin: pins}\n"
    found = unmet(story(START + steps))
    assert found == {4: ("expected clause C8 exercised here, it is exercised elsewhere",)}


def test_a_clause_that_is_kept_does_not_hold() -> None:
    """Expected is a breach; a duty that was kept is told as such."""
    trace = story(START + "- put_page: {pin: pins}\n  expect: {clause: C3}\n")
    assert unmet(trace) == {3: ("expected clause C3 broken here, it is kept",)}
    assert not trace.ok


def test_a_clause_that_is_not_reached_does_not_hold() -> None:
    """A clause that the run never comes to is unmet too."""
    assert unmet(story(START + "- put_page: {pin: pins}\n  expect: {clause: C2}\n")) == {
        3: ("expected clause C2 broken here, it is not reached",)
    }


def test_a_leak_may_be_expected_where_it_begins_or_at_the_end() -> None:
    """A page never put is reported at the step that pinned it and at the last one, and not in between."""
    where = {2: START.rstrip() + "\n  expect: {clause: C3}\n- load: {at: A}\n- munmap: {at: A}\n",
             3: START + "- load: {at: A}\n  expect: {clause: C3}\n- munmap: {at: A}\n",
             4: START + "- load: {at: A}\n- munmap: {at: A}\n  expect: {clause: C3}\n"}  # fmt: skip
    assert {at: bool(unmet(story(steps))) for at, steps in where.items()} == {2: False, 3: True, 4: False}


def test_what_a_race_brings_belongs_to_its_step() -> None:
    """The surprise that an injected op brings is found within the step that it was injected into."""
    steps = START.replace("pages: 1", "pages: 2").replace("at: A, flags", "at: 'A[0:2]', flags").rstrip() + (
        "\n  race: [{at: cond_resched, nth: 2, do: [{madvise: {by: T2, at: 'A[0]', advice: DONTNEED}}]}]\n"
        "  expect: {clause: C8}\n- put_page: {pin: pins}\n"
    )
    assert story(steps).ok


def test_nothing_is_unobservable_on_the_simulated_kernel() -> None:
    """Every expectation of the format is judged, clauses included."""
    asked = [name for name in builtin_names() if any("clause" in s.expect for s in Scenario.load(name).steps)]
    assert len(asked) >= 8
    for name in asked:
        assert not [step for step in run(Scenario.load(name)).steps if step.unobservable or step.unmet]
