"""Who sees what he must not: found at the write, whatever is looked at later."""

from typing import Any

import pytest

from gupkit.interleave.isolation import Lost
from gupkit.interleave.run import Run
from gupkit.scenario import Scenario


def lost(*steps: dict[str, Any], era: str = "2.6.39") -> list[Lost]:
    """What isolation did not survive when these steps run as written."""
    files = {"f": [0x61], "m": {"pages": [0x70], "memfd": True}}
    run = Run(Scenario.load({"title": "t", "files": files, "steps": list(steps)}), era)
    while not run.over:
        run.go(())
    assert not run.broken
    return run.isolation.lost


MAP: dict[str, Any] = {"mmap": {"as": "A", "pages": 1}}
STORE: dict[str, Any] = {"store": {"at": "A[0]", "byte": 1}}
FORK: dict[str, Any] = {"fork": {"as": "C"}}
PIN: dict[str, Any] = {"gup": {"as": "p", "at": "A[0]", "flags": ["WRITE"]}}
CHILD_STORE: dict[str, Any] = {"store": {"by": "C", "at": "A[0]", "byte": 5}}
DEVICE: dict[str, Any] = {"page_store": {"pin": "p[0]", "byte": 3}}


def test_what_a_process_does_with_its_own_is_nobodys_business() -> None:
    """Stores before and after fork, forced writes and one's own pins show nobody anything."""
    assert lost(MAP, STORE, PIN, DEVICE, {"put_page": {"pin": "p"}}, FORK, STORE, CHILD_STORE) == []
    assert lost(MAP, STORE, FORK, {"process_vm_writev": {"by": "C", "of": "P", "at": "A[0]", "byte": 4}}) == []


def test_a_device_writes_into_a_shared_page() -> None:
    """A pin from before the fork, a write after it: the child sees it, and a step that shows it is named."""
    (found,) = lost(MAP, STORE, PIN, FORK, DEVICE)
    assert (found.writer, found.seen_by, found.op, found.by_get) == ("P", "C", 4, False)
    assert found.witness == {"load": {"by": "C", "at": "A[0]"}, "expect": {"byte": 1}}


@pytest.mark.parametrize(("era", "api", "expected"), [
    ("5.8", "pin_user_pages", [False]), ("5.10", "pin_user_pages", []), ("5.10", "get_user_pages", [True]),
])  # fmt: skip
def test_fork_spares_what_a_foll_pin_holds(era: str, api: str, expected: list[bool]) -> None:
    """From 5.9 on a FOLL_PIN keeps the child out; with FOLL_GET it does not, and that is told of the caller."""
    pin = {"gup": {"as": "p", "at": "A[0]", "flags": ["WRITE"], "api": api}}
    assert [found.by_get for found in lost(MAP, STORE, pin, FORK, DEVICE, era=era)] == expected


def test_a_pipe_shows_what_is_written_later() -> None:
    """A page that the child has put into a pipe and unmapped is the parent's to write, and the child's to read."""
    splice, unmap = {"vmsplice": {"by": "C", "at": "A[0]", "pipe": "z"}}, {"munmap": {"by": "C", "at": "A"}}
    steps = (MAP, STORE, FORK, splice, unmap, STORE)
    (found,) = lost(*steps)
    assert (found.writer, found.seen_by) == ("P", "C")
    assert found.witness == {"pipe_read": {"by": "C", "pipe": "z"}, "expect": {"bytes": "01"}}
    assert lost(*steps, era="5.8") == []


def test_a_read_only_file_is_changed() -> None:
    """Through a private mapping, or one of a file opened for reading, the file itself is out of reach."""
    private = {"mmap": {"as": "A", "pages": 1, "file": "f", "prot": "r"}}
    read = {"gup": {"as": "p", "at": "A[0]"}}
    (found,) = lost(private, read, DEVICE)
    assert found.seen_by == "file f"
    assert found.witness == {"pread": {"file": "f", "offset": 0}, "expect": {"bytes": "61"}}
    read_only = {"mmap": {"as": "A", "pages": 1, "file": "f", "share": "shared", "ro": True, "prot": "r"}}
    (found,) = lost(read_only, read, DEVICE)
    assert found.seen_by == "file f"


@pytest.mark.parametrize("file", ["f", "m"])
def test_a_shared_file_is_everybodys(file: str) -> None:
    """Who maps a file shared and opened it for writing may change it, by a store or through a pin."""
    shared = {"mmap": {"as": "A", "pages": 1, "file": file, "share": "shared"}}
    assert lost(shared, FORK, STORE, PIN, DEVICE, {"mem_write": {"at": "A[0]", "byte": 8}}) == []


def test_shared_memory_is_shared() -> None:
    """A shared anonymous mapping is a file without a name: parent and child write to one page as they should."""
    shared = {"mmap": {"as": "A", "pages": 1, "share": "shared"}}
    assert lost(shared, STORE, FORK, STORE, CHILD_STORE) == []


def test_the_zero_page_is_nobodys() -> None:
    """A write through a read pin of untouched memory appears wherever memory is untouched."""
    (found,) = lost(MAP, {"gup": {"as": "p", "at": "A[0]"}}, DEVICE)
    assert found.seen_by == "everybody"


def test_a_registered_buffer_sees() -> None:
    """The parent registers a buffer, forks and writes, which moves it away: page and buffer are the child's."""
    register = {"uring_register": {"at": "A[0]", "as": "u"}}
    (found,) = lost(MAP, STORE, register, FORK, STORE, CHILD_STORE)
    assert (found.writer, found.seen_by) == ("C", "P")
    assert "registered buffer u" in found.text
    assert lost(MAP, STORE, register, FORK, STORE, CHILD_STORE, era="5.10") == []


def test_a_pin_sees() -> None:
    """The same with a driver's pin: its holder is shown what the child writes."""
    (found,) = lost(MAP, STORE, PIN, FORK, STORE, CHILD_STORE)
    assert (found.writer, found.seen_by, found.witness) == (
        "C", "P", {"page_load": {"pin": "p[0]"}, "expect": {"byte": 1}}
    )  # fmt: skip


def test_a_call_under_way_sees() -> None:
    """A direct write has the page in its hands while another process writes to it: the disk gets the wrong bytes."""
    meanwhile = [{"munmap": {"by": "C", "at": "A"}}, {"store": {"at": "A[0]", "byte": 9}}]
    write: dict[str, Any] = {
        "odirect_write": {"by": "C", "at": "A[0]", "file": "f"}, "race": [{"at": "direct_io", "do": meanwhile}],
    }  # fmt: skip
    (found,) = lost(MAP, STORE, FORK, write)
    assert (found.writer, found.seen_by) == ("P", "C")
    assert "under way" in found.text
