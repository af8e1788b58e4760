"""Snapshots in files."""

import gzip
import json
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gupkit.trace.snapshot import File, Frame, Lock, Pin, Process, Pte, Snapshot, Vma
from gupkit.trace.store import (
    SnapshotFileError,
    load_snapshot,
    save_snapshot,
    snapshot_from_dict,
    snapshot_to_dict,
)

count = st.integers(0, 1 << 60)
maybe = st.none() | count
truth = st.none() | st.booleans()
text = st.text(max_size=5)
texts = st.lists(text, max_size=3).map(tuple)
index = st.integers(0, 511)

ptes = st.builds(
    Pte, pfn=maybe, present=st.booleans(), write=truth, dirty=truth, young=truth, protnone=st.booleans(),
    zero=st.booleans(), swap=maybe, swapped=st.booleans(), poisoned=st.booleans(), file=truth, exclusive=truth)


def table(below: st.SearchStrategy) -> st.SearchStrategy:
    """Tables, the empty one too, over what is below."""
    return st.dictionaries(index, below, max_size=3)


def vmas(edges: list[int], flags: tuple[str, ...], name: str, file: str | None) -> tuple[Vma, ...]:
    """Disjoint VMAs between the edges."""
    edges = sorted(set(edges))
    return tuple(Vma(a, b, flags, name, file, a) for a, b in zip(edges[::2], edges[1::2], strict=False))


processes = st.builds(
    Process, name=text, pid=count, vmas=st.builds(vmas, st.lists(count, max_size=6), texts, text, st.none() | text),
    pgd=table(table(table(table(ptes)))), min_flt=count, maj_flt=count, alive=st.booleans(),
    mmap_sem=st.builds(Lock, readers=texts, writer=st.none() | text, waiters=texts))
frames = st.dictionaries(count, st.builds(
    Frame, pfn=st.just(0), kind=text, refcount=maybe, mapcount=maybe, pins=count, file=st.none() | text, index=maybe,
    swap=maybe, flags=texts, byte=st.none() | st.integers(0, 255)), max_size=4)
bytes_of = st.dictionaries(count, st.integers(0, 255), max_size=3)
snapshots = st.builds(
    Snapshot, clock=count, processes=st.dictionaries(text, processes, max_size=2),
    frames=frames.map(lambda given: {pfn: replace(frame, pfn=pfn) for pfn, frame in given.items()}),
    files=st.dictionaries(text, st.builds(
        File, name=text, pages=count, memfd=st.booleans(), cache=st.dictionaries(count, count, max_size=3),
        disk=bytes_of), max_size=2),
    swap=bytes_of, free=maybe, origin=st.sampled_from(["sim", "live", "recorded"]), about=text,
    pins=st.lists(st.builds(Pin, name=text, pfn=count, process=st.none() | text, address=maybe, write=st.booleans()),
                  max_size=2).map(tuple))

PAGE = Pte(pfn=7, present=True, write=True)
LEAF = {1: PAGE, 2: replace(PAGE, pfn=8)}
SMALL = Snapshot(
    processes={"P": Process("P", 1, (Vma(0x1000, 0x4000, ("READ",)),), {0: {0: {0: LEAF}}})},
    frames={7: Frame(7, "anon", 1, 1), 8: Frame(8, "anon", 1, 1)})


@given(snapshots)
def test_what_is_written_is_read(snapshot: Snapshot) -> None:
    """Any snapshot, through JSON text and back, is equal to itself."""
    again = snapshot_from_dict(json.loads(json.dumps(snapshot_to_dict(snapshot))))
    assert again == snapshot
    assert snapshot_to_dict(again) == snapshot_to_dict(snapshot)


def test_like_entries_are_told_once() -> None:
    """A thousand like pages with frames in a row take one run a table and one kind of entry."""
    leaf = {i: Pte(pfn=100 + i, present=True) for i in range(512)}
    process = Process("P", pgd={0: {0: {0: leaf, 1: leaf}}})
    data = snapshot_to_dict(Snapshot(processes={"P": process}))
    assert data["ptes"] == [{"present": True}]
    assert data["processes"]["P"]["pgd"] == {"0": {"0": {"0": [[0, 512, 0, 100]], "1": [[0, 512, 0, 100]]}}}


@pytest.mark.parametrize("name", ["s.json", "s.json.gz"])
def test_files(tmp_path, name: str) -> None:
    """A file is plain JSON, or compressed where its name says so, and is loaded whatever its name."""
    save_snapshot(SMALL, tmp_path / name)
    data = (tmp_path / name).read_bytes()
    assert (data[:2] == b"\x1f\x8b") == name.endswith(".gz")
    (tmp_path / "other").write_bytes(data)
    assert load_snapshot(tmp_path / "other") == load_snapshot(str(tmp_path / name)) == SMALL


def test_the_same_snapshot_gives_the_same_bytes(tmp_path) -> None:
    """No time and no name is put into a compressed file."""
    save_snapshot(SMALL, tmp_path / "a.gz")
    save_snapshot(SMALL, tmp_path / "b.gz")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_nothing_is_overwritten_unless_told(tmp_path) -> None:
    """An existing file stays as it is, until overwrite is asked for."""
    path = tmp_path / "s.json"
    path.write_text("mine")
    with pytest.raises(SnapshotFileError, match="it exists and is left as it is"):
        save_snapshot(SMALL, path)
    assert path.read_text() == "mine"
    save_snapshot(SMALL, path, overwrite=True)
    assert load_snapshot(path) == SMALL


def test_a_live_snapshot_is_a_recording_once_it_is_loaded(tmp_path) -> None:
    """What comes from a file is not live any more."""
    save_snapshot(replace(SMALL, origin="live"), tmp_path / "s.json")
    assert load_snapshot(tmp_path / "s.json").origin == "recorded"


def test_loaded_tables_and_frames_cannot_be_changed(tmp_path) -> None:
    """A loaded snapshot refuses item assignment at every level."""
    again = snapshot_from_dict(snapshot_to_dict(SMALL))
    process = again.processes["P"]
    for mapping in (again.processes, again.frames, again.swap, process.pgd, process.pgd[0], process.pgd[0][0][0]):
        with pytest.raises(TypeError):
            mapping[0] = None


def wrong(**changes: object) -> dict:
    """A valid file's values with some changed."""
    return snapshot_to_dict(SMALL) | changes


def process(**changes: object) -> dict:
    """A valid file's values with its process changed."""
    data = snapshot_to_dict(SMALL)
    return data | {"processes": {"P": data["processes"]["P"] | changes}}


def leaf(*rows: object) -> dict:
    """A valid file's values with one last-level table of these runs."""
    return process(pgd={"0": {"0": {"0": list(rows)}}})


@pytest.mark.parametrize(("data", "says"), [
    (None, "does not say"), ([], "does not say"), ("x", "does not say"), ({}, "does not say"), (3, "does not say"),
    (wrong(format="other"), "does not say"),
    (wrong(version=2), "of version 2; this gupkit reads version 1"),
    (wrong(version="1"), "of version '1'"),
    (wrong(surprise=1), "surprise"),
    (wrong(processes=[]), "processes must be object"),
    (wrong(clock=-1), "clock"),
    (wrong(clock=1.5), "clock must be integer"),
    (wrong(free="many"), "free"),
    (wrong(swap=[[1, 256]]), "swap"),
    (wrong(frames=[[7]]), "frames"),
    (wrong(frames=[[7, 5]]), "refers to a kind that is not listed"),
    (wrong(ptes=[{"present": "yes"}]), "present must be boolean"),
    (wrong(pins=[{"name": "p"}]), "pfn"),
    (process(vmas=[{"start": 1}]), "end"),
    (process(vmas=[{"start": 8192, "end": 4096}]), "overlap or are out of order"),
    (process(vmas=[{"start": 0, "end": 8192}, {"start": 4096, "end": 12288}]), "overlap or are out of order"),
    (process(pgd={"512": {}}), "512"),
    (process(pgd={"x": {}}), "must not contain"),
    (process(pgd={"0": []}), "must be object"),
    (leaf([0, 1]), "must contain at least 3 items"),
    (leaf([0, 1, 9]), "refers to entry kind 9"),
    (leaf([0, 513, 0]), "does not fit"),
    (leaf([0, 0, 0]), "does not fit"),
    (leaf([0, 10**30, 0, 5]), "does not fit"),
    (leaf([0, 2, 0, [1]]), "has 1 numbers for 2 entries"),
    (leaf([0, 2, 0], [1, 1, 0]), "does not fit"),
    (leaf([0, True, 0]), "must be integer"),
])
def test_what_is_no_snapshot_is_refused(tmp_path, data: object, says: str) -> None:
    """Each wrong file is refused in one line that names the file and what is wrong in it."""
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(data))
    with pytest.raises(SnapshotFileError) as caught:
        load_snapshot(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert says in message
    assert "\n" not in message
    assert len(message) < 320


@pytest.mark.parametrize("data", [
    b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"\x1f\x8b", gzip.compress(b"{}", mtime=0)[:-6],
    b"\x1f\x8b\x08\x00" + b"\xff" * 30, gzip.compress(b"not json", mtime=0),
])
def test_what_is_no_json_is_refused(tmp_path, data: bytes) -> None:
    """Text that is not JSON and damaged compressed files are refused in one line."""
    path = tmp_path / "wrong"
    path.write_bytes(data)
    with pytest.raises(SnapshotFileError, match="not JSON|damaged"):
        load_snapshot(path)


def test_what_cannot_be_read_or_written(tmp_path) -> None:
    """A missing file, a directory and a missing directory are named in one line."""
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(SnapshotFileError, match="cannot be read: "):
            load_snapshot(path)
    with pytest.raises(SnapshotFileError, match="cannot be written: No such file"):
        save_snapshot(SMALL, tmp_path / "no" / "where.json")
    assert isinstance(snapshot_from_dict(snapshot_to_dict(SMALL)).processes, MappingProxyType)
