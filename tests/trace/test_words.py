"""Every event has a sentence, and the sentence says what is true."""

import ast
from functools import cache
from pathlib import Path

import pytest

import gupkit
from gupkit.api import run
from gupkit.scenario import builtin_names
from gupkit.trace.event import Event
from gupkit.trace.words import SAYS, TEMPLATES, known, sentence
from gupkit.trace.words_format import numbers_words, ret_words

ROOT = Path(gupkit.__file__).parent


@cache
def events() -> list[Event]:
    """All that happens in all built-in scenarios."""
    return [event for name in builtin_names() for event in run(name).events]


def emitted() -> set[str]:
    """The names of the trace points that the source passes, where they are written out."""
    found = set()
    for path in (*(ROOT / "kernel").glob("*.py"), ROOT / "scenario" / "runner.py", ROOT / "trace" / "recorder.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".emit", ".schedule", "._traced")):
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return found


def event(name: str, **fields: object) -> Event:
    """An event of P at tick 1."""
    return Event(0, name, "P", 1, fields=fields)


def test_every_trace_point_in_the_source_has_a_sentence() -> None:
    """No trace point that the kernel or the runner passes is without words of its own."""
    assert len(emitted()) > 30
    assert {name for name in emitted() if not known(name)} == set()


def test_every_event_of_every_built_in_scenario_has_a_sentence() -> None:
    """Running them all meets no event without words, and each sentence is one line that ends with a full stop."""
    for happened in events():
        words = sentence(happened)
        assert known(happened.name), happened
        assert words.endswith("."), words
        assert "\n" not in words
        assert "{" not in words
        assert "None" not in words


def test_sentences_show_no_bare_addresses_or_errors() -> None:
    """Addresses are in hex and errors by name: no long decimal number and no negative one is left."""
    for happened in events():
        numbers = [word.strip(".,:;()") for word in sentence(happened).split()]
        assert not [n for n in numbers if n.isdigit() and len(n) > 7], sentence(happened)
        if "count" not in happened.fields:
            assert not [n for n in numbers if n.startswith("-") and n[1:].isdigit()], sentence(happened)


def test_no_words_without_a_trace_point() -> None:
    """The tables hold nothing that no trace point has: what is renamed in the kernel is renamed here."""
    locks = {f"{way}_{mode}" for way in ("down", "up") for mode in ("read", "write")}
    assert (SAYS.keys() | TEMPLATES.keys()) - emitted() - locks == set()


@pytest.mark.parametrize(
    ("ret", "words"),
    [
        (0x404, "busy and is not mapped yet, so __get_user_pages ends here and the caller has to ask again."),
        (0x1, "no frame could be allocated, so __get_user_pages ends here."),
        (0x10, "the memory of the page has failed, so __get_user_pages ends here."),
        (0x8, "the writer has a page that it may write."),
    ],
)
def test_a_walk_says_what_it_makes_of_a_fault(ret: int, words: str) -> None:
    """Inside __get_user_pages a fault's sentence says whether the walk goes on."""
    fault = event("handle_mm_fault", address=0x1000, ret=ret, fault_flags=8, foll_flags=4)
    assert sentence(fault).endswith(words)


def test_a_cpu_fault_says_nothing_of_a_walk() -> None:
    """A fault that a load took has no caller that could end."""
    fault = event("handle_mm_fault", address=0x1000, ret=0x404, fault_flags=8)
    assert sentence(fault).endswith("the page was busy and is not mapped yet.")


def test_gup_tells_flags_and_nonblocking() -> None:
    """The start of a call names its flags and what a wait would do; the end names the error and the lock."""
    fields = {"at": "enter", "process": "P", "start": 0x7F0000000000, "nr_pages": 1, "gup_flags": 0x15}
    assert "1 page from 0x7f0000000000" in sentence(event("__get_user_pages", **fields, nonblocking=1))
    assert "FOLL_WRITE|FOLL_GET|FOLL_FORCE" in sentence(event("__get_user_pages", **fields, nonblocking=1))
    assert "nonblocking is NULL" in sentence(event("__get_user_pages", **fields, nonblocking=None))
    end = sentence(event("__get_user_pages", at="return", ret=-14, sem="none", nonblocking=0))
    assert end.startswith("__get_user_pages returns -EFAULT; mmap_sem is free; *nonblocking is 0: a page was busy")


def test_what_is_answered_with_an_error_is_told_so() -> None:
    """A munmap that fails is not told as if it had unmapped."""
    said = sentence(event("do_munmap", process="P", start=0x1000, end=0x2000, ret=-22))
    assert said == "P is answered -EINVAL for 0x1000 to 0x2000."


def test_a_release_tells_who_is_left() -> None:
    """up_read says whether others are inside, and that a broken count is broken."""
    said = [sentence(event("up_read", lock="mmap_sem of P", count=n)) for n in (0, 1, -1)]
    assert [s.rpartition(": ")[2] for s in said] == [
        "whoever waits may go on.", "1 reader still inside.", "its count is now -1, which is wrong.",
    ]  # fmt: skip


def test_numbers_that_are_no_errors_stay_numbers() -> None:
    """A negative number that no error has is shown as it is; rows of numbers are folded."""
    assert ret_words(-99999) == "-99999"
    assert numbers_words([], "page") == "no page"
    assert numbers_words([3, 1, 2], "page") == "pages 1 to 3"


def test_a_report_counts_frames_as_the_pictures_do() -> None:
    """What the debug layer says of a leak names the frame by the number that it has in every picture."""
    trace = run("leak")
    leak = next(sentence(event) for event in trace.events if event.name == "BUG")
    held = [pin.pfn for pin in trace[-1].pins]
    assert any(f"frame {pfn} " in leak for pfn in held), (leak, held)
