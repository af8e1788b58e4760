"""The lines of /proc/PID/maps, the odd ones too."""

import pytest

from gupkit.host.maps import TASK_SIZE, parse_line, parse_maps


def line(path: bytes, perms: bytes = b"r--p", offset: bytes = b"00000000") -> bytes:
    """A line as the kernel prints it, with the path in its column."""
    head = b"7f0000000000-7f0000002000 " + perms + b" " + offset + b" fe:00 1234"
    return head.ljust(73) + path if path else head + b" "


def test_a_line_without_a_name() -> None:
    """Anonymous memory has no file and an empty name, and its range is half open."""
    vma = parse_line(line(b"", b"rw-p"))
    assert (vma.start, vma.end, vma.pages, vma.file, vma.name) == (0x7F0000000000, 0x7F0000002000, 2, None, "")
    assert vma.flags == ("READ", "WRITE")


@pytest.mark.parametrize(("path", "file", "name"), [
    (b"[heap]", None, "[heap]"),
    (b"[anon:my own]", None, "[anon:my own]"),
    (b"/usr/lib/libc.so.6", "/usr/lib/libc.so.6", "libc.so.6"),
    (b"/a dir/with  two spaces ", "/a dir/with  two spaces ", "with  two spaces "),
    (b"/tmp/two\\012lines", "/tmp/two\nlines", "two\\012lines"),
    (b"/tmp/carriage\rreturn\x85\x0c", "/tmp/carriage\rreturn\\x85\x0c", "carriage\rreturn\\x85\x0c"),
    (b"/tmp/\xff\xfe.bin", "/tmp/\\xff\\xfe.bin", "\\xff\\xfe.bin"),
    ("/tmp/größe".encode(), "/tmp/größe", "größe"),
    (b"/tmp/gone (deleted)", "/tmp/gone (deleted)", "gone (deleted)"),
    (b"/memfd:buffer (deleted)", "/memfd:buffer (deleted)", "memfd:buffer (deleted)"),
    (b"/SYSV00000000 (deleted)", "/SYSV00000000 (deleted)", "SYSV00000000 (deleted)"),
    (b"anon_inode:[perf_event]", "anon_inode:[perf_event]", "anon_inode:[perf_event]"),
    (b"socket:[4711]", "socket:[4711]", "socket:[4711]"),
])
def test_names_and_files(path: bytes, file: str | None, name: str) -> None:
    """A path is kept as the kernel prints it, byte for byte where it is text; the name is its last part."""
    vma = parse_line(line(path))
    assert (vma.file, vma.name) == (file, name)


def test_shared_anonymous_memory_is_called_so() -> None:
    """The nameless file behind MAP_SHARED | MAP_ANONYMOUS is named by what it is; a private /dev/zero is not."""
    assert parse_line(line(b"/dev/zero (deleted)", b"rw-s")).name == "[shared anonymous]"
    assert parse_line(line(b"/dev/zero", b"rw-p")).name == "zero"


@pytest.mark.parametrize(("perms", "flags"), [
    (b"---p", ()),
    (b"r-xp", ("READ", "EXEC")),
    (b"rw-s", ("READ", "WRITE", "SHARED", "MAYSHARE")),
    (b"r--s", ("READ", "MAYSHARE")),
])
def test_flags_are_those_the_line_tells(perms: bytes, flags: tuple[str, ...]) -> None:
    """The letter s tells MAYSHARE; SHARED follows only where the mapping can be written."""
    assert parse_line(line(b"/x", perms)).flags == flags


def test_the_stack_grows_down() -> None:
    """The main stack's VMA has GROWSDOWN."""
    assert "GROWSDOWN" in parse_line(line(b"[stack]", b"rw-p")).flags


def test_the_offset_is_in_pages() -> None:
    """The offset column counts bytes, pgoff pages."""
    assert parse_line(line(b"/x", offset=b"1000003000")).pgoff == 0x1000003


def test_lines_beyond_the_address_space_are_left_out() -> None:
    """[vsyscall] and what five levels of tables reach are no VMAs here; a last VMA below the end is."""
    text = (
        b"7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n"
        b"800000000000-800000001000 rw-p 00000000 00:00 0 \n"
        b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n"
    )
    assert [(vma.name, vma.end) for vma in parse_maps(text)] == [("[stack]", TASK_SIZE)]


def test_names_do_not_break_lines() -> None:
    """Only a newline ends a line: carriage returns and form feeds in names do not."""
    text = line(b"/a\rb") + b"\n" + line(b"/c\x0cd\x1ee") + b"\n"
    assert [vma.file for vma in parse_maps(text)] == ["/a\rb", "/c\x0cd\x1ee"]


@pytest.mark.parametrize("text", [b"nonsense", b"1000 rw-p 0 0 0", b"zz-yy rw-p 0 00:00 0"])
def test_other_text_is_refused(text: bytes) -> None:
    """What is no line of a maps file raises ValueError."""
    with pytest.raises(ValueError, match=".+"):
        parse_line(text)
