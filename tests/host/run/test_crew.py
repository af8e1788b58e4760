"""Servants: processes that do one thing at a time and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gupkit.errors import BackendError
from gupkit.host.run.crew import Crew
from gupkit.host.run.stage import Stage
from gupkit.host.run.stub import Ops

AT = 0x7F0000000000
HIDDEN = 0x22 | 0x100000  # MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE


@pytest.fixture
def crew() -> Iterator[Crew]:
    """Servants, ready."""
    with Stage() as stage, Crew(stage) as crew:
        yield crew


def mapped(crew: Crew, pages: int = 1):
    """A process with anonymous memory at AT."""
    process = crew.new_process()
    assert crew.syscall(process, "mmap", AT, pages << 12, 3, HIDDEN, -1, 0).result == AT
    return process


def gone(pid: int) -> bool:
    """No such process, or one that only waits to be noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_each_touch_is_counted_alone(crew: Crew) -> None:
    """A first read is one minor fault, the write that follows another, and the next read none."""
    process = mapped(crew)
    read, write, again = (process.call(op, args=(AT, 66)) for op in (Ops.LOAD, Ops.STORE, Ops.LOAD))
    assert [(r.result, r.minor, r.major) for r in (read, write, again)] == [(0, 1, 0), (66, 1, 0), (66, 0, 0)]


def test_a_new_process_has_an_empty_memory(crew: Crew) -> None:
    """Nothing is mapped in it but what it shares with this Python and what the kernel maps for everybody."""
    process = crew.new_process()
    names = [line.split(maxsplit=5)[5:] for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines()]
    assert {name for found in names for name in found if not name.startswith("[v")} == {"/dev/zero (deleted)"}


def test_signals_are_answers(crew: Crew) -> None:
    """A touch of nothing answers SIGSEGV, and the servant goes on; in a fork as well, with no fault counted."""
    child = crew.fork(mapped(crew))
    assert [child.call(op, args=(AT + 4096, 1)).signal for op in (Ops.LOAD, Ops.STORE)] == [11, 11]
    reply = child.call(Ops.STORE, args=(AT, 5))
    assert (reply.signal, reply.result, reply.minor) == (0, 5, 1)
    assert child.call(Ops.LOAD, args=(AT + 4096,))[1:] == (11, 0, 0)


def test_a_child_outlives_its_parent(crew: Crew) -> None:
    """When a process exits, what it forked goes on with the memory it had."""
    parent = mapped(crew)
    parent.call(Ops.STORE, args=(AT, 7))
    child = crew.fork(parent)
    crew.exit(parent)
    assert gone(parent.pid)
    assert child.call(Ops.LOAD, args=(AT,)).result == 7


def test_a_thread_shares_memory_and_counts_for_itself(crew: Crew) -> None:
    """What one thread faults in the other finds without a fault."""
    process = mapped(crew)
    thread = crew.thread(process)
    assert thread.call(Ops.STORE, args=(AT, 9)).minor == 1
    assert process.call(Ops.LOAD, args=(AT,))[0::2] == (9, 0)
    crew.exit(thread)
    assert process.call(Ops.LOAD, args=(AT,)).result == 9


def test_slots_are_used_again(crew: Crew) -> None:
    """Many processes one after the other need no more slots than live at once."""
    for _ in range(50):
        crew.exit(crew.new_process())
    assert crew.made <= 3


def test_a_killed_servant_is_told(crew: Crew) -> None:
    """A servant that somebody kills is an error in one line, not a wait without end."""
    process = mapped(crew)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(BackendError, match="was killed from outside"):
        process.call(Ops.LOAD, args=(AT,))


def test_nothing_stays_behind() -> None:
    """After a crew has ended, this Python has the files, mappings and children that it had before."""

    def state() -> tuple[list[str], bool]:
        lines = Path("/proc/self/maps").read_text().splitlines()
        names = sorted(path.name for path in Path("/proc/self/fd").iterdir())
        return names, any(line.startswith("2000000") for line in lines)

    before = state()
    with Stage() as stage, Crew(stage) as crew:
        first = crew.first.pid
        pids = [crew.fork(mapped(crew)).pid for _ in range(3)] + [s.pid for s in crew.live]
    assert state() == before
    assert all(gone(pid) for pid in [*pids, first])


RUNNER = """
import sys, time
from gupkit.host.run.crew import Crew
from gupkit.host.run.plain_crew import PlainCrew
from gupkit.host.run.stage import Stage
code = sys.argv[1] == "code"
with Stage(code=code) as stage, (Crew if code else PlainCrew)(stage) as crew:
    crew.reserve(3)
    process = crew.new_process()
    child = crew.fork(process)
    grandchild = crew.fork(child)
    crew.exit(child)
    first = [crew.first.pid] if code else []
    print(*first, process.pid, grandchild.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("kind", ["code", "plain"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_runner_takes_its_servants_along(kind: str, number: int) -> None:
    """Whatever ends the Python that asked for them, soon none of its processes is left, orphans included."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, kind], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as runner:
        pids = [int(pid) for pid in runner.stdout.readline().split()]
        assert not any(gone(pid) for pid in pids)
        runner.send_signal(number)
        runner.wait()
    deadline = time.monotonic() + 120
    while not all(gone(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [pid for pid in pids if not gone(pid)] == []
