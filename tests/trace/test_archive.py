"""Traces in files."""

import json
from pathlib import Path

import pytest

from gupkit.scenario import Scenario, builtin_names
from gupkit.scenario.runner import run
from gupkit.trace import Trace, load_trace, save_trace
from gupkit.trace.archive import TraceFileError, trace_from_dict, trace_to_dict


@pytest.fixture(scope="module")
def story() -> Trace:
    """A run with files, swap, a fork, pins and a lock that was waited for."""
    return run(Scenario.load("munmap-waits"))


@pytest.mark.parametrize("name", builtin_names())
def test_what_was_saved_is_what_is_loaded(name: str) -> None:
    """Snapshots (in a long run two hundred of them), events and steps of a loaded trace equal the saved one's."""
    trace = run(Scenario.load(name))
    loaded = trace_from_dict(json.loads(json.dumps(trace_to_dict(trace))))
    places = range(0, len(trace), 1 + len(trace) // 200)
    assert len(loaded) == len(trace)
    assert [loaded[place] for place in places] == [trace[place] for place in places]
    assert loaded[-1] == trace[-1]
    assert list(loaded.events) == list(trace.events)
    assert loaded.to_result() == trace.to_result()
    assert (loaded.title, loaded.about, loaded.era, loaded.problem) == (
        trace.title, trace.about, trace.era, trace.problem)  # fmt: skip


@pytest.mark.parametrize("name", ["t.json", "t.json.gz"])
def test_a_file_and_back(story: Trace, tmp_path: Path, name: str) -> None:
    """A trace goes through a file, compressed when its name says so."""
    path = tmp_path / name
    save_trace(story, path)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    assert load_trace(path)[-1] == story[-1]


def test_nothing_is_overwritten(story: Trace, tmp_path: Path) -> None:
    """An existing file is refused and left as it was."""
    path = tmp_path / "t.json"
    path.write_text("mine")
    with pytest.raises(TraceFileError, match="left as it is"):
        save_trace(story, path)
    assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written(story: Trace, tmp_path: Path) -> None:
    """A directory that is not there is told in one line."""
    with pytest.raises(TraceFileError, match="cannot be written"):
        save_trace(story, tmp_path / "no" / "t.json")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a trace, or damaged"),
        (b"{", "not a trace, or damaged"),
        (b"\x1f\x8b\x08", "not a trace, or damaged"),
        (b"[]", "it does not say"),
        (b'{"format": "gupkit-trace", "version": 9}', "of version 9"),
        (b'{"format": "gupkit-trace", "version": 1}', "a damaged trace: KeyError"),
    ],
    ids=["empty", "cut", "bad gzip", "a list", "the future", "nothing in it"],
)
def test_what_is_no_trace_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """A file that holds no trace is refused in one line that begins with its name."""
    path = tmp_path / "t.json"
    path.write_bytes(content)
    with pytest.raises(TraceFileError) as refused:
        load_trace(path)
    assert str(refused.value).startswith(str(path))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is told in one line."""
    with pytest.raises(TraceFileError, match="cannot be read"):
        load_trace(tmp_path / "none.json")
