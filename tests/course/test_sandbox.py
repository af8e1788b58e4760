"""The sandbox: what a student's code cannot do, and that it does without its wall only if somebody says so."""

import subprocess
import sys

import pytest

from gupkit.course.sandbox import Sandbox, client, wall
from gupkit.errors import GupkitError
from tests.course import common

PROBE = """
def split_address(address):
    import os
    found = {expression}
    return [repr(found)[:200]]
"""


def seen(expression: str, box: Sandbox | None = None) -> str:
    """What an expression is worth in the sandbox, as text."""
    judge = common.judge("ps1")
    rule = judge.rule("alice")
    inputs = [{"addresses": [1]}]
    cells = [PROBE.format(expression=expression)]
    outcome = (box or common.sandbox()).run("ps1", rule, cells, {"split": inputs})
    (result,) = outcome.results["split"]
    return str(result.get("raised") or result["split_address(0x1)"][0])


def test_this_machine_can_build_a_wall() -> None:
    """Where bubblewrap works, nothing is missing."""
    assert wall.why_no_wall() is None
    assert common.sandbox().warning is None


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("os.getuid() == 0", "False"),
        ("sorted(os.environ)", "['HOME', 'LANG', 'MPLCONFIGDIR', 'OPENBLAS_NUM_THREADS', 'PATH', "),
        ("os.path.exists('/kit')", "False"),
        ("os.path.exists('/proc/1')", "False"),
        ("__import__('gupkit.course.judge')", "ModuleNotFoundError"),
        ("__import__('gupkit').kernel.gup.__spec__.loader.get_source('gupkit.kernel.gup')", "source not available"),
        ("open('/tmp/x', 'w').write('x' * 9_000_000)", "OSError"),
        ("open('/usr/x', 'w')", "OSError"),
        ("__import__('socket').create_connection(('192.0.2.1', 9), 1)", "OSError: [Errno 101]"),
        ("[os.open('/dev/null', 0) for _ in range(100)]", "OSError"),
    ],
)
def test_what_a_student_can_see_and_do(expression, answer) -> None:
    """Nobody's rights, an empty environment, no kit files, no other processes, no network, few and small files."""
    assert answer in seen(expression)


def test_every_name_of_the_face_can_be_had() -> None:
    """What is not there while answers are tried keeps silent: a cell that names it does not stop."""
    assert seen("exec('from gupkit import *')") == "None"
    assert "Silent" in seen("__import__('gupkit').Scenario.load('leak')")


def test_nothing_is_left_for_the_next() -> None:
    """A new submission knows nothing of what the one before did to the modules."""
    seen("setattr(__import__('math'), 'left', 1)")
    assert seen("hasattr(__import__('math'), 'left')") == "False"


def test_without_a_wall_there_is_a_warning_and_limits(monkeypatch) -> None:
    """Where walls cannot be built, somebody must want that; code still runs as another, bounded, judged the same."""
    monkeypatch.setattr(client, "why_no_wall", lambda: "This is a test.")
    with pytest.raises(GupkitError, match=r"^nothing was graded: .*This is a test\. To grade all the same, .*$"):
        Sandbox()
    with Sandbox(seconds=4, check_seconds=1, without_wall=True) as box:
        assert "This is a test." in str(box.warning)
        assert seen("os.getuid() == 0", box) == "False"
        judge = common.judge("ps1")
        rule, cells = judge.rule("alice"), list(common.student_cells("ps1"))
        cases = judge.hidden(rule, "alice")["walk"]
        outcome = box.run("ps1", rule, cells, {"walk": [case.inputs for case in cases]})
        assert all(t.ok for t in judge.trials(judge.set.check("walk"), rule, cases, outcome.results["walk"]))
        loop = box.run("ps1", rule, ["while True: pass"], {"walk": []})
        assert loop.end


ALONE = """
from functools import partial
from gupkit.course.sandbox import client
from tests.course import common

client.why_no_wall = {why_no_wall}
common.Sandbox = partial(common.Sandbox, without_wall=True)
print(common.lost(common.graded("ps1")))
"""


@pytest.mark.parametrize(
    "why_no_wall", ["lambda: 'This is a test.'", pytest.param("client.why_no_wall", marks=pytest.mark.prove)]
)
def test_the_root_of_a_container_with_no_other_user_grades_too(why_no_wall) -> None:
    """Where root cannot become anybody else, with a wall or without, right answers are right."""
    namespace = [str(wall.bubblewrap()), "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL"]
    command = [*namespace, "--dev-bind", "/", "/", sys.executable, "-c", ALONE.format(why_no_wall=why_no_wall)]
    done = subprocess.run(command, cwd=common.ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "set()\n", done.stderr


def test_code_that_falls_silent_is_named() -> None:
    """A process that ends as if all were well, before a check was tried, gets no points and a line that says so."""
    outcome = common.graded("ps1", "import os\nos._exit(0)")
    assert all(outcome.wrong.values())
    assert outcome.problem.startswith("no answer came back from bytes, ")


def test_why_there_is_no_wall(monkeypatch) -> None:
    """Another system, no bubblewrap, one that fails: each has its sentence."""
    why = wall.why_no_wall.__wrapped__
    monkeypatch.setattr(wall.sys, "platform", "darwin")
    assert why() == "Walls need Linux, and this is darwin."
    monkeypatch.setattr(wall.sys, "platform", "linux")
    monkeypatch.setattr(wall, "bubblewrap", lambda: None)
    assert "apt install bubblewrap" in str(why())
    monkeypatch.setattr(wall, "bubblewrap", lambda: "/bin/false")
    assert "does not work here (it does not say why): let users make namespaces" in str(why())


def test_what_is_no_answer_is_not_believed() -> None:
    """Lines that are no JSON, of another check or length, doubled, no numbers: the first right one counts."""
    lines = [
        "nonsense", "[1]", '{"check": "other", "results": [1]}', '{"check": "a", "results": [1, 2]}',
        '{"check": "a", "results": [NaN]}', '{"check": "a", "results": [1]}', '{"check": "a", "results": [2]}',
        '{"check": ["a"], "results": [3]}', "[" * 100_000, '{"problems": {"x": "y", "1": "z", "2": 3}}',
        '{"ended": "b", "how": "time"}', '{"ended": 1, "how": "time"}', '{"ended": "a", "how": "all well"}',
        '{"ended": "a", "how": "SIGHUP\\nall well"}', '{"ended": "other", "how": "time"}',
        '{"check": "b", "results": [%s]}' % ("[" * 40 + "]" * 40),
    ]  # fmt: skip
    outcome = client.read_outcome({"lines": lines, "end": ""}, {"a": 1, "b": 1})
    assert outcome.results == {"a": [1]}
    assert outcome.problems == {1: "z"}
    assert sorted(outcome.ends) == ["b"]
    assert outcome.why_missing("b") == "your code ran longer than it may, and was stopped"
    assert outcome.why_missing("c") == "no answer came back"
    assert "ended its process" in client.read_outcome({"lines": [], "end": "exit status 3"}, {}).why_missing("a")


def test_it_says_where_it_cannot_work(monkeypatch) -> None:
    """A system without limits for processes is refused in one line."""
    monkeypatch.setattr(client.os, "name", "nt")
    with pytest.raises(GupkitError, match="grading needs Linux or macOS"):
        Sandbox()
