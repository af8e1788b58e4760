"""Any scenario that the loader accepts runs to an answer, with every invariant of the machine intact."""

import json

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gupkit.errors import ScenarioError
from gupkit.scenario import Scenario
from gupkit.scenario.names import schedule_points
from gupkit.scenario.ops import OPS, Arg, Op
from gupkit.scenario.runner import run

PLACES = ("A", "B", "A[0]", "A[1]", "B[0]", "B[1]", "A[0:2]", "A[-1]", "A[2]", "A[1]+9", "B[0]+4095", 0x1000)
BY_NAME = {
    "at": st.sampled_from(PLACES),
    "as": st.sampled_from(["p", "q", "C", "D"]),
    "pin": st.sampled_from(["p[0]", "q[0]", "p[1]", "p", "q"]),
    "file": st.sampled_from(["f", "c", "m"]),
    "of": st.sampled_from(["P", "C"]),
    "by": st.sampled_from(["P", "P", "T2", "C"]),
    "addr": st.sampled_from([0x7E0000000000, 0x7E0000001000]),
    "length": st.sampled_from([0, 1, 100, 4096, 9000]),
    "offset": st.integers(0, 4),
    "pages": st.integers(1, 4),
    "iov": st.lists(st.tuples(st.sampled_from(PLACES), st.integers(0, 5000)).map(list), min_size=1, max_size=2),
    "pipe": st.just("z"),
    "needs": st.just(["put_page", "nothing_of_that_name"]),
    "license": st.just("GPL"),
    "kind": st.sampled_from(["normal", "io", "pfnmap", "mixedmap"]),
    "after": st.integers(1, 2),
}
"""Values worth trying for each argument; any other is drawn from its schema."""


def values(arg: Arg) -> st.SearchStrategy:
    """Values for an argument."""
    schema = arg.kind.schema
    if arg.name in BY_NAME:
        return BY_NAME[arg.name]
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "array":
        return st.lists(st.sampled_from(schema["items"]["enum"]), unique=True, max_size=2)
    return st.sampled_from(schema["enum"]) if "enum" in schema else st.integers(0, min(schema["maximum"], 255))


def args(op: Op) -> st.SearchStrategy:
    """Arguments for an op: what it requires, and perhaps the others."""
    required = {arg.name: values(arg) for arg in op.args if arg.required}
    optional = {arg.name: values(arg) for arg in op.args if not arg.required} | {"by": BY_NAME["by"]}
    return st.fixed_dictionaries(required, optional=optional)


ops = st.sampled_from(sorted(OPS)).flatmap(lambda name: st.tuples(st.just(name), args(OPS[name])))
points = st.sampled_from([*sorted(schedule_points()), "any", "cond_resched"])


@st.composite
def steps(draw: st.DrawFn) -> dict:
    """A step, now and then with a race."""
    name, given_args = draw(ops)
    step: dict = {name: given_args}
    if draw(st.integers(0, 3)) == 0:
        other, other_args = draw(ops)
        step["race"] = [{"at": draw(points), "nth": draw(st.integers(1, 3)), "do": [{other: other_args}]}]
    return step


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A scenario of steps that the loader accepts one after the other."""
    mapped = draw(args(OPS["mmap"])) | {"as": "B", "pages": 2, "kind": "normal", "by": "P"}
    good: list[dict] = [{"mmap": {"as": "A", "pages": 2}}, {"mmap": mapped}]
    files = {"f": [1, 2], "c": {"pages": [3, 4, 5], "cached": False}, "m": {"pages": [6], "memfd": True}}
    for step in draw(st.lists(steps(), min_size=6, max_size=14)):
        try:
            Scenario.load({"title": "any", "files": files, "steps": [*good, step]})
        except ScenarioError:
            continue
        good.append(step)
    return Scenario.load({"title": "any", "files": files, "steps": good})


@settings(max_examples=30, phases=[Phase.generate])  # a failing scenario takes too long to shrink
@given(scenarios())
def test_any_scenario_runs_to_an_answer(scenario: Scenario) -> None:
    """A run gives a result for every step, which JSON can hold, and leaves no invariant broken."""
    try:
        trace = run(scenario, check=True)
    except ScenarioError as problem:  # a region that a race should have made, and did not
        assert "never came to its moment" in str(problem)  # noqa: PT017
        return
    result = json.loads(json.dumps(trace.to_result()))
    assert [step["op"] for step in result["steps"]] == [step.op for step in scenario.steps]
    assert all(step["result"] or result["problem"] for step in result["steps"])
