"""Real processes, read through this machine's /proc."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gupkit.host import tables
from gupkit.host.live import snapshot_of
from gupkit.host.proc import HostError, ProcFiles, parse_stat
from gupkit.host.scan import IS_PRESENT, pages_of
from gupkit.trace.snapshot import Process, Snapshot
from tests.host.child import child, sees_frames

KNOWN = """
file = os.open(sys.argv[1], os.O_RDWR)
untouched, touched, none, shared, ready, copied, cache, late = (
    mmap(4), mmap(4), mmap(4), mmap(4, flags=SHARED | ANON), mmap(40, flags=PRIVATE | ANON | POPULATE),
    mmap(4, fd=file, flags=PRIVATE), mmap(2, fd=file, flags=SHARED, offset=1), mmap(4))
write(touched); read(touched + 2 * P)
write(shared + P)
write(copied); read(copied + P)
read(cache + P)
write(late); write(late + P); libc.mprotect(late, 4 * P, NONE)
tell(untouched=untouched, touched=touched, none=none, shared=shared, ready=ready, copied=copied, cache=cache, late=late)
"""

SCANS = "/proc/self/pagemap"


def only(snapshot: Snapshot) -> Process:
    """The one process of a live snapshot."""
    (process,) = snapshot.processes.values()
    return process


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, dict[str, int], str]:
    """A snapshot of a child with one mapping of each kind, where they are, and the file it maps."""
    path = tmp_path_factory.mktemp("known") / "a file"
    path.write_bytes(b"x" * 16384)
    with child(KNOWN, str(path)) as (process, told):
        return snapshot_of(process.pid), told, str(path)


def present(process: Process, start: int, pages: int) -> list[int]:
    """Which of the pages from ``start`` on are present, by number."""
    ptes = process.ptes(start, start + pages * 4096)
    return [(address - start) // 4096 for address, pte in ptes if pte.present]


def test_touched_pages_are_present_and_others_are_not(known) -> None:
    """A page is present after its first touch, or at once with MAP_POPULATE."""
    snapshot, at, _ = known
    process = only(snapshot)
    found = {name: present(process, at[name], 4) for name in ("untouched", "touched", "none", "shared", "late")}
    assert found == {"untouched": [], "touched": [0, 2], "none": [], "shared": [1], "late": [0, 1]}
    assert present(process, at["ready"], 40) == list(range(40))


def test_a_page_that_was_only_read_is_the_zero_page(known) -> None:
    """The zero page is told by a kernel that has PAGEMAP_SCAN; a written page is never it."""
    snapshot, at, _ = known
    fd = os.open(SCANS, os.O_RDONLY)
    told = pages_of(fd, 0, 4096, IS_PRESENT) is not None
    os.close(fd)
    process = only(snapshot)
    assert process.pte(at["touched"] + 8192).zero == told
    assert not process.pte(at["touched"]).zero


def test_file_pages_and_private_copies(known) -> None:
    """A page of the page cache says file; the copy made by a private write does not, and is exclusive."""
    snapshot, at, _ = known
    process = only(snapshot)
    copy, read, cache = (process.pte(a) for a in (at["copied"], at["copied"] + 4096, at["cache"] + 4096))
    assert (copy.file, copy.exclusive) == (False, True)
    assert (read.file, cache.file) == (True, True)
    assert process.pte(at["shared"] + 4096).file


def test_vmas_tell_protection_sharing_and_file(known) -> None:
    """Each mapping's VMA has its range, its protection, whether it is shared, and its file with the offset."""
    snapshot, at, path = known
    process = only(snapshot)
    vmas = {name: process.find_vma(address) for name, address in at.items()}
    assert {name: vma.prot for name, vma in vmas.items()} == dict.fromkeys(at, "rw-") | {"late": "---"}
    assert {name for name, vma in vmas.items() if vma.shared} == {"shared", "cache"}
    assert (vmas["cache"].file, vmas["cache"].name, vmas["cache"].pgoff) == (path, "a file", 1)
    assert vmas["shared"].name == "[shared anonymous]"


def test_prot_none_keeps_its_pages(known) -> None:
    """Pages written before mprotect(PROT_NONE) stay, and say that they may not be touched."""
    snapshot, at, _ = known
    assert all(only(snapshot).pte(at["late"] + offset).protnone for offset in (0, 4096))


def test_every_vma_of_maps_is_there(known) -> None:
    """The heap and the stack are found by name; VMAs are in order; no address lies outside every VMA."""
    snapshot, _, _ = known
    process = only(snapshot)
    assert {"[heap]", "[stack]"} <= {vma.name for vma in process.vmas}
    assert all(a.end <= b.start for a, b in zip(process.vmas, process.vmas[1:], strict=False))
    assert all(process.find_vma(address) for address, _ in process.ptes())


def test_present_pages_are_as_many_as_the_kernel_counts() -> None:
    """In each VMA the present pages, the zero page aside, are those that smaps counts while the process waits."""
    with child("tell(a=mmap(9, flags=PRIVATE | ANON | POPULATE))") as (process, _):
        snapshot = snapshot_of(process.pid)
        smaps = Path(f"/proc/{process.pid}/smaps").read_text()
    counts = [int(line.split()[1]) // 4 for line in smaps.splitlines() if line.startswith("Rss:")]
    vmas = only(snapshot).vmas
    for vma, count in zip(vmas, counts, strict=False):  # smaps may end with [vsyscall]
        if not vma.name.startswith("[v"):  # the kernel's own pages are mapped, and by some kernels not counted
            ptes = only(snapshot).ptes(vma.start, vma.end)
            assert sum(pte.present and not pte.zero for _, pte in ptes) == count, vma
    assert sum(counts) > 500


def test_what_it_says_about_itself(known) -> None:
    """A live snapshot has the origin live, and one sentence with the PID, the counts and what is hidden."""
    snapshot, _, _ = known
    process = only(snapshot)
    assert snapshot.origin == "live"
    count = sum(pte.present for _, pte in process.ptes())
    for part in (f"Process {process.pid}", f"{len(process.vmas)} VMAs", f"{count:,} pages present", "nobody can see"):
        assert part in snapshot.about
    assert "\n" not in snapshot.about
    assert process.min_flt > 0


def test_frames_are_seen_by_root_only(known) -> None:
    """Root gets a frame for each present page, with its kind, map count and place in its file; others get none."""
    snapshot, at, path = known
    process = only(snapshot)
    pfns = {pte.pfn for _, pte in process.ptes() if pte.present}
    if not sees_frames():
        assert (pfns, len(snapshot.frames)) == ({None}, 0)
        return
    assert set(snapshot.frames) == pfns
    assert list(snapshot.frames) == sorted(pfns)
    written, cached = (snapshot.frame(process.name, at[n] + o) for n, o in (("touched", 0), ("cache", 4096)))
    assert (written.kind, written.mapcount, written.file) == ("anon", 1, None)
    assert "swapbacked" in written.flags
    assert (cached.kind, cached.file, cached.index) == ("file", path, 2)
    zero = snapshot.frame(process.name, at["touched"] + 8192)
    assert (zero.kind, zero.file) == ("zero", None)
    with pytest.raises(KeyError):
        snapshot.frames[max(pfns) + 1]


def test_after_fork_pages_are_shared_until_one_writes() -> None:
    """A forked page is mapped twice in both processes; the child's write gives it a frame of its own."""
    program = """
a = mmap(2); write(a); write(a + P)
r, w = os.pipe()
pid = os.fork()
if pid == 0:
    write(a + P)
    os.write(w, b"."); sys.stdin.read(); os._exit(0)
os.read(r, 1)
tell(a=a, child=pid)
"""
    with child(program) as (process, told):
        parent, forked = snapshot_of(process.pid), snapshot_of(told["child"], name="C")
    both = [only(parent).pte(told["a"] + offset).exclusive for offset in (0, 4096)]
    assert both == [only(forked).pte(told["a"] + offset).exclusive for offset in (0, 4096)] == [False, True]
    assert list(forked.processes) == ["C"]
    if sees_frames():
        assert parent.frame(process_name(parent), told["a"]) == forked.frame("C", told["a"])
        assert parent.frame(process_name(parent), told["a"]).mapcount == 2


def process_name(snapshot: Snapshot) -> str:
    """The key of the one process."""
    return only(snapshot).name


def test_guard_pages_are_told_where_the_kernel_has_them() -> None:
    """MADV_GUARD_INSTALL (6.13) leaves entries that are neither present nor swapped, and forbid every touch."""
    program = "a = mmap(4); write(a); r = libc.madvise(a + P, 2 * P, 102); tell(a=a, installed=r == 0)"
    with child(program) as (process, told):
        found = dict(only(snapshot_of(process.pid)).ptes(told["a"], told["a"] + 4 * 4096))
    guards = [address for address, pte in found.items() if pte.protnone and not pte.present and not pte.swapped]
    # 6.15 was the first to tell them from swapped pages.
    assert guards == ([told["a"] + 4096, told["a"] + 8192] if told["installed"] and kernel() >= (6, 15) else [])


def kernel() -> tuple[int, int]:
    """This machine's kernel version."""
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def test_reading_changes_nothing() -> None:
    """Two readings of a process that waits say the same, and it takes no fault in between."""
    with child("a = mmap(8); write(a); read(a + P); tell()") as (process, _):
        first, second = snapshot_of(process.pid), snapshot_of(process.pid)
    assert only(first) == only(second)


def test_reading_does_not_disturb_copy_on_write() -> None:
    """After fork and the child's write, the parent's write reuses its frame, though it was read before each step."""
    program = """
a = mmap(1); write(a)
r, w = os.pipe(); back, go = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(go)  # so that the next read ends when the parent does; standard input is the parent's alone
    os.read(back, 1); write(a); os.write(w, b"."); os.read(back, 1); os._exit(0)
print(json.dumps({"a": a}), flush=True); sys.stdin.buffer.raw.read(1)
os.write(go, b"."); os.read(r, 1)
print("written", flush=True); sys.stdin.buffer.raw.read(1)
write(a); print("reused", flush=True); sys.stdin.read()
"""
    with child(program) as (process, told):
        seen = []
        for _ in range(2):
            seen.append(only(snapshot_of(process.pid)).pte(told["a"]))
            process.stdin.write(b".")
            process.stdin.flush()
            process.stdout.readline()
        seen.append(only(snapshot_of(process.pid)).pte(told["a"]))
    assert [pte.exclusive for pte in seen] == [False, True, True]
    assert len({pte.pfn for pte in seen}) == 1


def test_ones_own_process() -> None:
    """A process that reads itself finds its VMAs and pages, and what it touched before is there."""
    kept = bytearray(1 << 20)
    kept[::4096] = b"x" * 256
    process = only(snapshot_of(os.getpid()))
    assert process.pid == os.getpid()
    assert sum(pte.present for _, pte in process.ptes()) > 256


def test_reserved_terabytes_are_searched() -> None:
    """Pages far apart in a reservation of 16 TiB are found, where the kernel can tell (6.7 and later)."""
    program = "a = mmap(1 << 32, flags=PRIVATE | ANON | NORESERVE); write(a + P); write(a + (1 << 43)); tell(a=a)"
    with child(program) as (process, told):
        snapshot = snapshot_of(process.pid)
    found = [address - told["a"] for address, _ in only(snapshot).ptes(told["a"], told["a"] + (1 << 44))]
    assert found == ([4096, 1 << 43] if kernel() >= (6, 7) else [])


def test_what_an_older_kernel_cannot_search_is_said(monkeypatch) -> None:
    """Without PAGEMAP_SCAN, large VMAs are read whole up to a bound; beyond it they are left out, and it says so."""
    monkeypatch.setattr(tables, "pages_of", lambda *_: None)
    program = """
c = mmap(1 << 19, flags=PRIVATE | ANON | NORESERVE)
libc.madvise(c, 1 << 31, 15)  # no huge pages
a = mmap(1 << 32, flags=PRIVATE | ANON | NORESERVE)
write(a + (1 << 40)); write(c + (1 << 30)); tell(a=a, c=c)
"""
    with child(program) as (process, told):
        snapshot = snapshot_of(process.pid)
    assert "16,384 GiB of address space were too many to search" in snapshot.about
    assert only(snapshot).pte(told["a"] + (1 << 40)) is None
    assert [a - told["c"] for a, _ in only(snapshot).ptes(told["c"], told["c"] + (1 << 31))] == [1 << 30]
    assert any(only(snapshot).ptes(vma.start, vma.end) for vma in only(snapshot).vmas if vma.name == "[stack]")


def test_a_large_process_is_read_whole() -> None:
    """2,000 VMAs and 250,000 present pages."""
    program = """
a = mmap(250_000, flags=PRIVATE | ANON | POPULATE)
for i in range(1000): libc.mprotect(a + i * 2 * 64 * P, 64 * P, R)
tell(a=a)
"""
    with child(program) as (process, told):
        snapshot = snapshot_of(process.pid)
    inside = [vma for vma in only(snapshot).vmas if vma.start >= told["a"] and vma.end <= told["a"] + 250_000 * 4096]
    assert len(inside) >= 1990
    assert len(present(only(snapshot), told["a"], 250_000)) == 250_000


# What can go wrong


@pytest.mark.parametrize("pid", [0, -1, True, "12", 1.5, None])
def test_what_is_no_pid_is_refused(pid: object) -> None:
    """Anything but a positive whole number is refused by its value."""
    with pytest.raises(HostError, match="is not a process ID"):
        snapshot_of(pid)


@pytest.mark.parametrize("pid", [2**22 + 1, 2**40, 10**30])
def test_a_process_that_does_not_exist(pid: int) -> None:
    """A number that no process has is said to be so."""
    with pytest.raises(HostError, match=f"there is no process {pid}"):
        snapshot_of(pid)


def test_a_process_that_has_ended_and_was_not_waited_for() -> None:
    """A zombie is told from a process that never was."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(HostError, match="has ended and waits for its parent"):
            snapshot_of(process.pid)


def test_a_process_that_ends_before_its_vmas_are_read() -> None:
    """A process that ends after its files were opened is said to have ended."""
    with child("tell()") as (process, _), ProcFiles(process.pid) as files:
        process.kill()
        process.wait()
        with pytest.raises(HostError, match="ended while it was read"):
            files.maps()


def test_a_process_that_ends_before_its_pages_are_read() -> None:
    """A process that ends between its VMAs and its pages does not come out as one without pages."""
    with child("tell(a=mmap(4))") as (process, told), ProcFiles(process.pid) as files:
        assert files.maps()
        process.kill()
        process.wait()
        with pytest.raises(HostError, match="ended while it was read"):
            files.words(told["a"], told["a"] + 4 * 4096)


def test_no_file_stays_open_after_an_error() -> None:
    """However reading ends, the files of /proc are closed."""
    before = sorted(Path("/proc/self/fd").iterdir())
    for pid in (2**22 + 1, 0, os.getpid()):
        try:
            snapshot_of(pid)
        except HostError:
            continue
    assert sorted(Path("/proc/self/fd").iterdir()) == before


def test_kernel_threads_have_no_address_space() -> None:
    """Each kernel thread that this machine shows is refused as one (in a container there may be none to show)."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    threads = [pid for pid in pids if is_kernel_thread(pid)][:3]
    for pid in threads:
        with pytest.raises(HostError, match="is a kernel thread"):
            snapshot_of(pid)
    assert threads or not Path("/proc/2/comm").exists() or Path("/proc/2/comm").read_text() != "kthreadd\n"


def is_kernel_thread(pid: int) -> bool:
    """By the flag in its stat; a process that has gone meanwhile is none."""
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_bytes()).kernel_thread
    except OSError:
        return False


UNPRIVILEGED = """
import ctypes, json, os, sys
from gupkit.host.live import snapshot_of
from gupkit.host.proc import HostError
other = os.getppid() if os.geteuid() == 0 else 1
snapshot_of(os.getpid())  # load what is loaded late, while its files can still be read
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: the process may again read its own /proc files
s = snapshot_of(os.getpid())
p = next(iter(s.processes.values()))
ptes = [pte for _, pte in p.ptes()]
try: snapshot_of(other); refused = ""
except HostError as error: refused = str(error)
print(json.dumps({
    "about": s.about, "frames": len(s.frames), "pfns": sum(pte.pfn is not None for pte in ptes),
    "present": sum(pte.present for pte in ptes), "file": sum(pte.file for pte in ptes),
    "exclusive": sum(pte.exclusive for pte in ptes), "refused": refused, "other": other,
}))
"""


def test_without_root() -> None:
    """Without root the pages and their bits are seen, frames are not, and another's process is refused in one line."""
    done = subprocess.run([sys.executable, "-c", UNPRIVILEGED], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["frames"], told["pfns"]) == (0, 0)
    assert told["present"] > 500
    assert 0 < told["file"] < told["present"]
    assert 0 < told["exclusive"] < told["present"]
    assert "need root" in told["about"]
    assert told["refused"].startswith(f"process {told['other']}: no permission to read /proc/")
    assert "\n" not in told["refused"]


def test_threads_share_the_address_space() -> None:
    """A thread's own number leads to the address space that it shares."""
    stop, started, ids = threading.Event(), threading.Event(), []

    def wait() -> None:
        ids.append(threading.get_native_id())
        started.set()
        stop.wait()

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    try:
        vmas = {vma.name for vma in only(snapshot_of(ids[0])).vmas}
    finally:
        stop.set()
        thread.join()
    assert "[heap]" in vmas
