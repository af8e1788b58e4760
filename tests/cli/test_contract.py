"""``gupkit contract``: the table and its JSON, of scenarios and of saved traces."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from gupkit.cli import cli
from gupkit.contract import CLAUSES
from gupkit.scenario import builtin_names


def contract(*args: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, ["contract", *args])


def test_the_table_of_one_scenario() -> None:
    """A title, a heading and 21 lines; broken clauses do not change the exit status."""
    result = contract("dirty-cow")
    lines = result.stdout.splitlines()
    assert (result.exit_code, len(lines), result.stderr) == (0, 23, "")
    assert lines[0].startswith("dirty-cow: Dirty COW")
    assert "promise" in lines[8]
    assert "broken" in lines[8]


def test_several_scenarios_stand_apart() -> None:
    """Tables are separated by an empty line."""
    assert contract("leak", "instant").stdout.count("\n\n") == 1


def test_json_is_one_object_per_line() -> None:
    """--json prints title, backend, era and all 21 clauses, with kind, verdict, sentence and places."""
    result = contract("--json", "leak", "fork-pin")
    first, second = map(json.loads, result.stdout.splitlines())
    assert [clause["clause"] for clause in first["clauses"]] == list(CLAUSES)
    assert (first["backend"], first["era"]) == ("sim", "2.6.39")
    leak = first["clauses"][2]
    assert (leak["kind"], leak["verdict"], leak["where"][0]["pin"]) == ("duty", "broken", "pins[1]")
    assert second["clauses"][8]["verdict"] == "exercised"


def test_without_a_file_all_built_in_scenarios_are_judged() -> None:
    """No FILE means every built-in scenario."""
    result = contract("--json")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(builtin_names())


def test_another_era() -> None:
    """--era judges the run of another kernel: 4.9 keeps what 2.6.39 breaks."""
    (line,) = contract("--json", "--era", "4.9", "dirty-cow").stdout.splitlines()
    data = json.loads(line)
    assert (data["era"], data["clauses"][6]["verdict"]) == ("4.9", "kept")


def test_a_saved_trace_is_judged_like_the_run(tmp_path: Path) -> None:
    """A trace saved by gupkit run is read back, compressed or not, and judged the same."""
    for name in ("t.json", "t.json.gz"):
        path = str(tmp_path / name)
        assert CliRunner().invoke(cli, ["run", "--save-trace", path, "munmap-waits"]).exit_code == 0
        assert contract("--json", path).stdout == contract("--json", "munmap-waits").stdout


def test_a_trace_has_its_era_already(tmp_path: Path) -> None:
    """--era with a saved trace is refused in one line."""
    path = str(tmp_path / "t.json")
    CliRunner().invoke(cli, ["run", "--save-trace", path, "leak"])
    result = contract("--era", "4.9", path)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)


def test_bad_input_exits_2_before_anything_runs(tmp_path: Path) -> None:
    """An unknown name, a bad scenario and a broken trace are one line each; nothing is judged."""
    broken = tmp_path / "t.json"
    broken.write_text('{"format":"gupkit-trace","version":99}', encoding="utf-8")
    for bad in ("no-such", str(tmp_path), str(broken)):
        result = contract("leak", bad) if bad != str(broken) else contract(bad)
        assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)


def test_a_run_that_ends_early_is_judged_as_far_as_it_came(tmp_path: Path) -> None:
    """A deadlock is told above the table, and the clause that explains it is broken."""
    path = tmp_path / "stuck.yaml"
    steps = ["mmap: {as: A, pages: 1}", "down_read: {}", "down_write: {by: T2}",
             "gup: {as: p, at: A, api: get_user_pages_fast}"]  # fmt: skip
    path.write_text("title: t\nsteps:\n" + "".join(f"- {step}\n" for step in steps), encoding="utf-8")
    result = contract(str(path))
    assert result.exit_code == 0
    assert "the run ended early: deadlock" in result.stdout
    assert "broken" in next(line for line in result.stdout.splitlines() if line.startswith("C17"))
