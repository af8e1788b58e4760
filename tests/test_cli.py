"""The command line: what it prints, and how it leaves."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gupkit.cli import cli
from gupkit.cli.lab import PROMPT, lab_arguments
from gupkit.kernel.eras import ERAS as RUNNING
from gupkit.scenario import builtin_names
from gupkit.scenario.schema import to_json
from gupkit.scenario.vocabulary import ERAS
from tests.scenario.wrong import WRONG

GOOD = """title: good
steps:
- mmap: {as: A, pages: 1}
- store: {at: A, byte: 0x42}
  expect: {faults: {minor: 1, major: 0}}
"""
FALSE = GOOD.replace("minor: 1", "minor: 7")


def gupkit(*args: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, list(args))


def refused(result: Result) -> str:
    """The one line on standard error of a refusal; nothing on standard output."""
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture(name="good")
def good_file(tmp_path: Path) -> str:
    """A scenario that holds."""
    path = tmp_path / "good.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return str(path)


@pytest.fixture(name="false")
def false_file(tmp_path: Path) -> str:
    """A scenario whose one expectation does not hold."""
    path = tmp_path / "false.yaml"
    path.write_text(FALSE, encoding="utf-8")
    return str(path)


def test_run_exits_0_when_all_held(good: str) -> None:
    """A run whose expectations hold is told step by step, and exits with 0."""
    result = gupkit("run", good)
    assert result.exit_code == 0
    assert "byte 0x42; 1 minor fault" in result.stdout
    assert result.stdout.splitlines()[-1] == f"{good}: every expectation held"


def test_run_exits_1_when_something_did_not_hold(good: str, false: str) -> None:
    """One unmet expectation makes the exit status 1, and is told under its step."""
    result = gupkit("run", good, false)
    assert result.exit_code == 1
    assert "NOT MET" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 of 2 scenarios held"


def test_json_is_one_object_a_line(good: str, false: str) -> None:
    """--json prints one object per scenario, a line each, in the format's shape, and nothing else."""
    result = gupkit("run", "--json", good, false)
    runs = [json.loads(line) for line in result.stdout.splitlines()]
    assert [run["ok"] for run in runs] == [True, False]
    assert list(runs[0]) == ["title", "backend", "era", "ok", "steps"]
    store = runs[0]["steps"][1]
    assert (store["op"], store["by"], store["result"]) == ("store", "P", {"ret": 0, "byte": 0x42})
    assert store["faults"] == {"minor": 1, "major": 0}
    assert store["pages"]["P:A[0]"]["byte"] == 0x42
    assert result.stderr == ""


@pytest.mark.parametrize(("text", "line"), [(w[1], w[2]) for w in WRONG], ids=[w[0] for w in WRONG])
def test_wrong_input_exits_2_with_one_line(text: str, line: int, tmp_path: Path) -> None:
    """Whatever is wrong with a file: exit status 2 and one line that begins with file and line."""
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    assert refused(gupkit("run", str(path))).startswith(f"{path}:{line}: ")


def test_nothing_runs_when_one_of_several_is_wrong(good: str, tmp_path: Path) -> None:
    """All files are checked before the first one runs."""
    path = tmp_path / "wrong.yaml"
    path.write_text("title: [", encoding="utf-8")
    refused(gupkit("run", good, str(path)))


def test_a_missing_file_exits_2() -> None:
    """A file that is not there is answered with the nearest built-in name."""
    assert "nearest right word: 'invalidate'" in refused(gupkit("run", "invalidte"))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["rum"], "nearest right word: 'run'"),
        (["run", "--eras"], "--era"),
        (["run", "--era"], "requires an argument"),
        (["run", "--era", "2.6.93", "leak"], "unknown era '2.6.93'; nearest right word: '2.6.39'"),
        (["run", "--on", "hots", "leak"], "unknown backend 'hots'; nearest right word: 'host'"),
        (["run", "--on", "host", "leak"], "only the simulated kernel runs it"),
        (["run", "cow-fork", "--era", "9"], "unknown era '9'"),
        (["contract", "dontneed", "--era", "9"], "unknown era '9'"),
        (["compare", "leak"], "leak.yaml:"),
        (["run", "--save-trace", "x.json"], "name one scenario"),
        (["run", "--save-trace", "/nowhere/at/all/x.json", "leak"], "is no directory"),
        (["maps"], "Missing argument"),
        (["maps", "twelve"], "'twelve' is no process number"),
        (["maps", "0"], "'0' is no process number"),
        (["maps", "-1"], "No such option"),
        (["maps", "9" * 5000], "is no process number"),
        (["lab", "--dir", "/dev/null/notebooks"], "Not a directory: /dev/null/notebooks"),
        (["schema", "extra"], "unexpected extra argument"),
    ],
)
def test_a_wrong_command_line_exits_2_with_one_line(args: list[str], words: str) -> None:
    """Errors of usage are one line too, without the usage text."""
    assert words in refused(gupkit(*args))


def test_every_era_of_the_format_runs(good: str) -> None:
    """What the format allows for an era, the kernel has; --era overrides the scenario's own."""
    assert set(ERAS) == set(RUNNING)
    for era in ERAS:
        result = gupkit("run", "--json", "--era", era, good)
        assert (result.exit_code, json.loads(result.stdout)["era"]) == (0, era)


def test_a_need_that_is_not_offered_exits_2(tmp_path: Path) -> None:
    """What the backend lacks is named."""
    path = tmp_path / "needy.yaml"
    path.write_text(GOOD + "needs: [swap, userfaultfd]\n", encoding="utf-8")
    assert "needs 'userfaultfd'" in refused(gupkit("run", str(path)))


def test_trace_prints_events(good: str) -> None:
    """--trace prints what the kernel did; with --json it goes to standard error."""
    assert "handle_mm_fault" in gupkit("run", "--trace", good).stdout
    result = gupkit("run", "--trace", "--json", good)
    assert "handle_mm_fault" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_list_points_prints_the_schedule_points() -> None:
    """--list-points prints each point with a sentence."""
    lines = gupkit("run", "--list-points").stdout.splitlines()
    assert any(line.startswith("cond_resched ") for line in lines)
    assert all(len(line.split()) > 3 for line in lines)


def test_schema_prints_the_schema() -> None:
    """gupkit schema prints what editors need."""
    assert gupkit("schema").stdout == to_json()


def test_version_and_help() -> None:
    """--version prints name and number; no command at all prints the help."""
    assert gupkit("--version").stdout.startswith("gupkit ")
    assert "maps" in gupkit().stdout
    assert gupkit().exit_code == 0


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="reads /proc of Linux")
def test_maps_tells_this_process(tmp_path: Path) -> None:
    """gupkit maps counts the pages of each region, saves and draws them."""
    saved, drawn = tmp_path / "maps.json", tmp_path / "maps.svg"
    result = gupkit("maps", "self", "--json", str(saved), "--svg", str(drawn))
    assert result.exit_code == 0, result.stderr
    stack = next(line for line in result.stdout.splitlines() if line.endswith("[stack]"))
    pages, present, *_ = map(int, stack.split()[2:6])
    assert 0 < present <= pages
    assert json.loads(saved.read_text(encoding="utf-8"))
    assert drawn.read_text(encoding="utf-8").startswith("<")


def test_maps_overwrites_nothing(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    path = tmp_path / "old.json"
    path.write_text("old", encoding="utf-8")
    assert "exists already" in refused(gupkit("maps", "self", "--json", str(path)))
    assert path.read_text(encoding="utf-8") == "old"


def test_maps_of_nobody_exits_2() -> None:
    """A process that is not there is one line."""
    assert "999999999" in refused(gupkit("maps", "999999999"))


def test_lab_starts_jupyterlab_at_the_first_lecture(tmp_path: Path) -> None:
    """The command opens the directory and, if it is there, the first notebook; its other arguments are passed on."""
    (tmp_path / "00-start-here.ipynb").write_text("{}", encoding="utf-8")
    command = lab_arguments(tmp_path, True, ("--port=9999",))
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert set(PROMPT) < set(command)
    assert command[-3:] == ["--no-browser", "--port=9999", str(tmp_path / "00-start-here.ipynb")]


@pytest.mark.skipif(find_spec("jupyterlab") is None, reason="jupyterlab is not installed")
def test_lab_hands_its_status_back(tmp_path: Path) -> None:
    """JupyterLab really starts with the arguments after --, and its exit status is ours."""
    assert gupkit("lab", "--dir", str(tmp_path), "--no-browser", "--", "--version").exit_code == 0


def test_a_deadlock_is_told(tmp_path: Path) -> None:
    """A run that cannot go on says why, and did not hold."""
    path = tmp_path / "stuck.yaml"
    steps = ["mmap: {as: A, pages: 1}", "down_read: {}", "down_write: {by: T2}",
             "gup: {as: p, at: A, api: get_user_pages_fast}"]  # fmt: skip
    path.write_text("title: t\nsteps:\n" + "".join(f"- {step}\n" for step in steps), encoding="utf-8")
    result = gupkit("run", str(path))
    assert result.exit_code == 1
    assert "the run ended early: deadlock" in result.stdout


def real(*args: str, **more: object) -> "subprocess.Popen[str]":
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "gupkit.cli", *args]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, **more)


def test_every_built_in_scenario_runs_from_the_command_line() -> None:
    """gupkit run without a file runs all built-in scenarios; all hold."""
    process = real("run", "--json")
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, "")
    assert len(out.splitlines()) == len(builtin_names())


def test_a_reader_that_leaves_is_no_traceback() -> None:
    """When the pipe is closed at the other end, the command ends silently."""
    process = real("run", "--trace", *builtin_names()[:8])
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert err == ""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_no_traceback() -> None:
    """A full disk behind standard output is one line and exit status 2."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "gupkit.cli", "schema"]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (2, "gupkit: No space left on device\n")


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch, good: str) -> None:
    """Ctrl-C ends the command with 130 and no traceback."""
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gupkit.api.run", interrupt)
    result = gupkit("run", good)
    assert result.exit_code == 130
    assert "Traceback" not in result.stderr
