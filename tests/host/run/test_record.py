"""Recordings: made here, written, read, and held against the simulated kernel without any Linux."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gupkit.cli import cli
from gupkit.host.recorded import ERAS, read_recording, recorded_runs, write_recording


def gupkit(*args: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, args)


def test_what_is_recorded_here_can_be_compared_anywhere(tmp_path: Path) -> None:
    """gupkit record writes stories and sequences; the file is one of this kernel, and compares as such."""
    file = tmp_path / "mine.json.gz"
    made = gupkit("record", "-o", str(file), "--random", "3", "--seed", "5")
    assert (made.exit_code, made.stdout.startswith(f"{file}: ")) == (0, True), made.output
    runs = read_recording(file)
    assert len(runs) >= 36 + 3
    assert sum(not run.named for run in runs) == 3
    told = gupkit("compare", "--recorded", str(file), "--era", "6.18")
    assert told.stdout.splitlines()[-1].endswith("the same")


@pytest.mark.parametrize("era", ERAS)
def test_a_shipped_recording_is_the_simulated_kernel_s(era: str) -> None:
    """gupkit compare --recorded finds no difference between an era and the kernel that was recorded for it."""
    told = gupkit("compare", "--recorded", era)
    count = len(recorded_runs(era))
    assert (told.exit_code, told.stdout) == (0, f"{count} of {count} the same\n")


def test_another_era_differs_and_is_shown() -> None:
    """Held against another era a recording differs: exit status 1, the first difference of a run marked."""
    told = gupkit("compare", "--recorded", "4.9", "--era", "5.8", "anon read(zero page) then write")
    assert (told.exit_code, told.stdout) == (0, "1 of 1 the same\n")
    title = "process_vm_readv: PROT_NONE, hole, untouched, RO write"
    told = gupkit("compare", "--recorded", "4.9", "--era", "5.8", title)
    assert told.exit_code == 1
    assert len(re.findall(r"^> +\d+ ", told.stdout, re.MULTILINE)) == 1


def test_a_recording_survives_being_written(tmp_path: Path) -> None:
    """What is written is what is read, and no file is ever overwritten."""
    file = tmp_path / "copy.json.gz"
    write_recording(file, recorded_runs("4.9")[:3])
    assert read_recording(file) == recorded_runs("4.9")[:3]
    with pytest.raises(FileExistsError):
        write_recording(file, [])
    refused = gupkit("record", "-o", str(file))
    assert (refused.exit_code, "exists already" in refused.output) == (2, True)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--recorded", "5.11"), "no recording '5.11'"),
        (("--recorded", __file__), "is no recording of a kernel"),
        (("--recorded", "4.9", "--random", "3"), "a recording has its own"),
        (("--recorded", "4.9", "no such story"), "no run 'no such story'"),
        (("--recorded", "4.9", "--era", "4.10"), "4.10"),
    ],
)
def test_a_wrong_recording_is_one_line(args: tuple[str, ...], words: str) -> None:
    """Exit status 2 and one line that says what is wrong."""
    told = gupkit("compare", *args)
    assert (told.exit_code, words in told.stderr, told.stderr.count("\n")) == (2, True, 1), told.output


SEQUENCES = """
from gupkit.api import compare_random
for number, comparison in enumerate(compare_random(10_000, 1)):
    print(number, flush=True)
"""


def test_kill_9_leaves_nothing_behind(tmp_path: Path) -> None:
    """The runner dies in the middle of a sequence: its children die too, and no file of it stays."""
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    runner = subprocess.Popen([sys.executable, "-c", SEQUENCES], env=env, stdout=subprocess.PIPE, text=True)
    assert runner.stdout is not None
    for _ in range(3):
        assert runner.stdout.readline()
    children = _descendants(runner.pid)
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    runner.stdout.close()
    deadline = time.monotonic() + 120
    while (left := [pid for pid in children if _runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (children != [], left, sorted(tmp_path.iterdir())) == (True, [], [])


def _descendants(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *_descendants(child)]
    return found


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
