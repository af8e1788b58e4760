"""``gupkit explore``: what it prints, writes, refuses, and answers to the shell."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gupkit.cli import cli
from gupkit.scenario import Scenario
from gupkit.scenario.runner import run


def explore(*args: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, ["explore", *args])


def test_a_finding_is_told_and_the_status_says_so() -> None:
    """How much was searched, the switch, whose bug it is, and the story line by line."""
    result = explore("race-dirty-cow", "--max-switches", "1")
    assert (result.exit_code, result.stderr) == (1, "")
    text = result.stdout
    assert "every schedule with at most 1 switch: 29" in text
    assert "at cond_resched number 3: T2: madvise A advice=DONTNEED" in text
    assert "a bug of this kernel (2.6.39): it breaks its promise C7" in text
    assert "T2    comes in between: madvise" in text


def test_nothing_found_is_status_0() -> None:
    """The same intent on a kernel that was mended."""
    result = explore("race-dirty-cow", "--max-switches", "1", "--era", "4.9")
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith("nothing goes wrong")


def test_json_is_one_object() -> None:
    """One line with the schedules run and, for each violation, its switches, expectations and clauses."""
    result = explore("race-dirty-cow", "--max-switches", "1", "--json")
    (line,) = result.stdout.splitlines()
    data = json.loads(line)
    (violation,) = data["violations"]
    assert data["schedules"] + data["pruned"] == 29
    assert (data["max_switches"], data["exhaustive"]) == (1, True)
    assert violation["clauses"] == ["C7"]
    assert violation["unmet"] == ["step 5 (pread file=f1): expected bytes 41, got bytes 7a"]
    assert violation["schedule"][0]["at"] == "cond_resched"
    assert violation["whose"] == "kernel"


@pytest.mark.parametrize("name", ["race-dirty-cow", "race-direct-io", "race-lost-byte", "race-short"])
def test_what_is_saved_shows_it_again(name: str, tmp_path: Path) -> None:
    """--save writes a scenario that gupkit run fails with: the same expectation, or a look where nobody should see."""
    out = tmp_path / "found.yaml"
    assert explore(name, "--max-switches", "1", "--save", str(out)).exit_code == 1
    saved = Scenario.load(out)
    trace = run(saved)
    assert trace.problem == ""
    shown = CliRunner().invoke(cli, ["run", str(out)])
    assert "NOT MET" in shown.stdout or "is broken, as expected" in shown.stdout


def test_what_is_found_is_saved_before_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads what is printed may stop reading (``| head``); what was to be saved is saved then."""
    monkeypatch.setattr("gupkit.cli.explore._print", lambda *_: 1 / 0)
    out = tmp_path / "found.yaml"
    explore("race-short", "--max-switches", "1", "--save", str(out))
    assert not run(Scenario.load(out)).ok


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """--save to a file that is there is refused before anything runs, and the file is as it was."""
    out = tmp_path / "mine.yaml"
    out.write_text("mine")
    result = explore("race-dirty-cow", "--save", str(out))
    assert (result.exit_code, out.read_text()) == (2, "mine")
    assert "exists already" in result.stderr


def test_nothing_is_saved_when_nothing_is_found(tmp_path: Path) -> None:
    """No file for no finding; a line says so."""
    out = tmp_path / "none.yaml"
    result = explore("race-dirty-cow", "--era", "4.9", "--max-switches", "0", "--save", str(out))
    assert (result.exit_code, out.exists()) == (0, False)
    assert "nothing went wrong" in result.stderr


def test_an_interrupted_search_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the middle, the search leaves its state; the same command comes to the same result from there."""
    from gupkit.interleave.expand import Expander

    state = tmp_path / "state"
    args = ("race-vmsplice", "--json", "--state", str(state))
    whole = explore("race-vmsplice", "--json").stdout
    real, calls = Expander.ways_on, []

    def stops(self: Expander, *rest: object) -> object:
        calls.append(rest)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return real(self, *rest)

    monkeypatch.setattr(Expander, "ways_on", stops)
    result = explore(*args)
    assert result.exit_code == 130
    assert f"goes on from {state}" in result.stderr
    noted = len(state.read_text().splitlines())
    assert noted == 6
    calls.clear()
    monkeypatch.setattr(Expander, "ways_on", lambda self, *rest: calls.append(rest) or real(self, *rest))
    assert explore(*args).stdout == whole
    done = len(calls)
    assert explore(*args).stdout == whole
    assert len(calls) == done
    assert done == len(state.read_text().splitlines()) - noted


def test_a_search_killed_outright_goes_on_in_another_process(tmp_path: Path) -> None:
    """After a SIGKILL in mid-search the same command, in a process of its own, comes to the same result and keeps what
    was noted."""
    state = tmp_path / "state"
    args = [sys.executable, "-m", "gupkit.cli", "explore", "race-pin-fork", "--json", "--state", str(state)]
    whole = explore("race-pin-fork", "--json").stdout
    with subprocess.Popen(args, stdout=subprocess.DEVNULL) as search:
        while search.poll() is None and not (state.exists() and state.stat().st_size > 3000):
            time.sleep(0.005)
        search.kill()
    noted = state.read_text().splitlines()[1:-1]
    assert search.returncode == -signal.SIGKILL
    assert noted
    assert subprocess.run(args, capture_output=True, text=True, check=False).stdout == whole
    assert state.read_text().splitlines()[1 : 1 + len(noted)] == noted


def test_the_state_of_another_search_is_left_alone(tmp_path: Path) -> None:
    """Another scenario, another bound, or no state at all: refused, and the file is as it was."""
    state = tmp_path / "state"
    assert explore("race-short", "--max-switches", "0", "--state", str(state)).exit_code == 0
    before = state.read_text()
    for other in (("race-short", "--max-switches", "1"), ("race-retry", "--max-switches", "0")):
        result = explore(*other, "--state", str(state))
        assert result.exit_code == 2
        assert "not the state of this search" in result.stderr
    assert state.read_text() == before
    foreign = tmp_path / "photo.jpg"
    foreign.write_bytes(b"\xff\xd8\xff")
    assert explore("race-short", "--state", str(foreign)).exit_code == 2
    assert foreign.read_bytes() == b"\xff\xd8\xff"


def test_a_damaged_state_is_told(tmp_path: Path) -> None:
    """A line that is no line of a state is named, and the file is as it was; an empty one is a state of nothing yet."""
    state = tmp_path / "state"
    args = ("race-short", "--max-switches", "1", "--json", "--state", str(state))
    whole = explore(*args).stdout
    first, second, *rest = state.read_text().splitlines(keepends=True)
    for line in ("{}\n", "[1, 2]\n", '["x", [[1]]]\n', "\0\n", second[5:]):
        damaged = "".join([first, line, *rest])
        state.write_text(damaged)
        result = explore(*args)
        assert (result.exit_code, result.stderr) == (2, f"{state}:2: damaged; take the line out, or name a new file\n")
        assert state.read_text() == damaged
    state.write_text("")
    assert explore(*args).stdout == whole
    assert sorted(state.read_text().splitlines()) == sorted("".join([first, second, *rest]).splitlines())


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that can no longer be written ends the search in one line."""
    state, real = tmp_path / "state", Path.open
    full = lambda path, *mode, **more: real(Path("/dev/full") if path == state else path, *mode, **more)  # noqa: E731
    monkeypatch.setattr(Path, "open", full)
    result = explore("race-short", "--max-switches", "1", "--state", str(state))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{state}: the state of the search cannot be kept: No space left on device\n"


def test_two_searches_may_share_a_state(tmp_path: Path) -> None:
    """Two that write to one file at the same time both come to the end, and leave a state from which a third one reads
    it."""
    state = tmp_path / "state"
    args = [sys.executable, "-m", "gupkit.cli", "explore", "race-vmsplice", "--json", "--state", str(state)]
    both = [subprocess.Popen(args, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    found = {search.communicate()[0] for search in both}
    assert found == {explore("race-vmsplice", "--json", "--state", str(state)).stdout}


def test_a_line_cut_short_is_done_again(tmp_path: Path) -> None:
    """A state whose last line was not written to its end loses that line and nothing else."""
    state = tmp_path / "state"
    args = ("race-short", "--max-switches", "1", "--json", "--state", str(state))
    whole = explore(*args).stdout
    full = state.read_text()
    state.write_text(full[:-40])
    assert explore(*args).stdout == whole
    assert sorted(state.read_text().splitlines()) == sorted(full.splitlines())


@pytest.mark.parametrize(("args", "words"), [
    ((), "name a scenario"),
    (("race-dirty-caw",), "race-dirty-cow"),
    (("race-short", "--era", "4.8"), "unknown era"),
    (("race-short", "--max-switches", "-1"), "-1"),
    (("race-short", "--sample", "0"), "0"),
    (("race-short", "--workers", "0"), "0"),
    (("race-short", "--workers", "99999999"), "do not help"),
    (("race-short", "--workers", "2", "--dask", "tcp://127.0.0.1:1"), "one of the two"),
    (("race-short", "--table"), "--max-switches and --json only"),
    (("race-short", "--state", "/dev/full"), "not the state of this search"),
    (("race-short", "--sample", "3", "--workers", "2"), "one process"),
    (("race-short", "--save", "/no/such/folder/x.yaml"), "no directory"),
    (("race-short", "--state", "/no/such/folder/x"), "No such file"),
    (("race-short", "--dask", "tcp://127.0.0.1:1"), "no Dask scheduler"),
    (("race-short", "--bogus",), "bogus"),
])  # fmt: skip
def test_bad_input_is_one_line(args: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong is said in one line on standard error, with status 2 and nothing on standard output."""
    monkeypatch.setattr("gupkit.cluster.dask.PATIENCE", 0.2)
    result = explore(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.strip().splitlines()) == 1
    assert words in result.stderr


def test_a_sample_is_drawn() -> None:
    """--sample says how many were drawn, and --seed makes it repeatable."""
    result = explore("race-pin-fork", "--sample", "5", "--seed", "3")
    assert "5 walks drawn at random" in result.stdout
    assert result.stdout == explore("race-pin-fork", "--sample", "5", "--seed", "3").stdout


def test_the_table_is_as_on_real_kernels() -> None:
    """Every bug in the eras that have it and in no other; whose it is stands beside it."""
    result = explore("--table", "--max-switches", "1")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split()[:5] == ["2.6.39", "4.9", "5.8", "5.10", "6.18"]
    assert "  race-dirty-cow  1 switch    -           -           -           -           the kernel's" in lines
    assert "  race-invalidate 1 switch    1 switch    1 switch    1 switch    1 switch    the caller's" in lines
    assert lines[-1] == "all as on real kernels"
    assert "!" not in "".join(lines[:-1])
