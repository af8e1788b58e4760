"""The recording that ships with the package, and the process of whoever asks."""

import os
import re
import sys
from pathlib import Path

import pytest

from gupkit.host import make_recording
from gupkit.host.live import snapshot_of
from gupkit.host.proc import HostError
from gupkit.host.recording import own_process, recorded_process
from gupkit.trace.snapshot import Process, Snapshot
from gupkit.trace.store import load_snapshot, save_snapshot, snapshot_to_dict
from tests.host.child import sees_frames

RECORDING = Path(__file__).parents[2] / "gupkit/host/recordings/python.json.gz"


def python() -> Process:
    """The recorded process."""
    return recorded_process().processes["python"]


def test_the_recording_says_that_it_is_one() -> None:
    """Its origin is recorded and its first words are so."""
    assert recorded_process().origin == "recorded"
    assert recorded_process().about.startswith("A recording. Process ")


def test_the_recording_holds_each_kind_of_memory() -> None:
    """Heap, stack, shared and reserved memory, zero pages, file pages and private copies are all in it."""
    names = {vma.name for vma in python().vmas}
    assert {"[heap]", "[stack]", "[shared anonymous]", "libc.so.6"} <= names
    reserved = [vma for vma in python().vmas if vma.prot == "---"]
    assert [(vma.pages, list(python().ptes(vma.start, vma.end))) for vma in reserved] == [(32, [])]
    ptes = [pte for _, pte in python().ptes()]
    assert len(ptes) > 1000
    assert sum(pte.zero for pte in ptes) == 2
    assert {frame.kind for frame in recorded_process().frames.values()} >= {"anon", "file", "zero"}


def test_every_present_page_of_the_recording_has_its_frame() -> None:
    """Page tables and frames fit together, and a frame that this process alone maps once is mapped once."""
    frames = recorded_process().frames
    assert all(pte.pfn in frames for _, pte in python().ptes())
    assert all(frames[pte.pfn].mapcount == 1 for _, pte in python().ptes() if pte.exclusive)


def test_the_recording_names_no_person_and_no_machine() -> None:
    """Only the system's own files are named, and the kernel's version is bare."""
    files = {vma.file for vma in python().vmas if vma.file}
    assert all(file.startswith(("/usr/", "/lib", "/etc/", "/dev/zero", "/home/learner/")) for file in files)
    assert re.search(r"on Linux [0-9.]+, read", recorded_process().about)


def test_the_recording_round_trips(tmp_path) -> None:
    """Saved and loaded again it is equal, and the file is the one that ships, byte for byte in its values."""
    save_snapshot(recorded_process(), tmp_path / "again.json.gz")
    assert load_snapshot(tmp_path / "again.json.gz") == recorded_process() == load_snapshot(RECORDING)
    assert RECORDING.stat().st_size < 50_000


def test_ones_own_process_is_live_on_linux() -> None:
    """Where /proc works, it is this process."""
    snapshot = own_process()
    assert snapshot.origin == "live"
    assert [process.pid for process in snapshot.processes.values()] == [os.getpid()]


@pytest.mark.parametrize("platform", ["darwin", "win32", "emscripten"])
def test_elsewhere_it_is_the_recording(monkeypatch, platform: str) -> None:
    """On another system one gets the recording, which says why; asked for a PID, the answer is one clear line."""
    monkeypatch.setattr(sys, "platform", platform)
    snapshot = own_process()
    assert (snapshot.origin, snapshot.processes) == ("recorded", recorded_process().processes)
    assert snapshot.about.startswith("Not your own process, for a live process can be read on Linux only, and this is "
                                     f"{platform}. A recording. Process ")
    with pytest.raises(HostError, match="on Linux only"):
        snapshot_of(os.getpid())


def test_pages_of_another_size(monkeypatch) -> None:
    """A machine whose pages are not of 4 KiB gets the recording, for the tables would have another shape."""
    real = os.sysconf
    monkeypatch.setattr(os, "sysconf", lambda name: 16384 if name == "SC_PAGE_SIZE" else real(name))
    assert "pages have 16384 bytes" in own_process().about


def test_a_linux_without_pagemap(monkeypatch) -> None:
    """Where /proc is not mounted one gets the recording."""
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert "has no /proc/PID/pagemap" in own_process().about


def test_a_new_recording_has_the_same_parts(tmp_path, capsys) -> None:
    """The recorder works on this machine, writes what can be loaded, and leaves an existing file alone."""
    path = tmp_path / "new.json"
    assert make_recording.main([str(path)]) == 0
    snapshot: Snapshot = load_snapshot(path)
    (process,) = snapshot.processes.values()
    assert bool(snapshot.frames) == sees_frames()
    assert {"[heap]", "[stack]", "[shared anonymous]"} <= {vma.name for vma in process.vmas}
    assert make_recording.main([str(path)]) == 2
    assert make_recording.main([]) == 2
    assert capsys.readouterr().err.splitlines()[0].startswith(f"{path}: it exists")


def test_personal_paths_are_moved() -> None:
    """A file outside the system's directories keeps its name only, in VMAs and frames."""
    snapshot = make_recording.without_paths(snapshot_of(os.getpid()))
    text = str(snapshot_to_dict(snapshot))
    assert str(Path(sys.executable).resolve().parent) not in text or sys.executable.startswith("/usr/")
    assert str(Path.home()) + "/" not in text


def test_a_child_that_fails_is_said_to(tmp_path) -> None:
    """An interpreter that cannot run the program gives one clear line, not an empty recording."""
    with pytest.raises(HostError, match="did not run the program"):
        make_recording.record("/bin/true")
