"""Scenarios as text: for a file, and for a person."""

import pytest

from gupkit.scenario import Scenario
from gupkit.scenario.dump import describe

HEAD = "title: t\nfiles: {f1: [1]}\nsteps:\n- mmap: {as: A, pages: 1}\n"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("mmap: {as: B, pages: 1, addr: 0x7e0000000000, prot: '', ro: true, file: f1}",
         "mmap B pages=1 addr=0x7e0000000000 prot=none file=f1 ro=yes"),
        ("gup: {as: p, at: A, flags: [WRITE, GET], get: false}", "gup p A flags=WRITE+GET get=no"),
        ("process_vm_readv: {iov: [[A, 1], ['A[1]', 2]]}", "process_vm_readv iov=A 1+A[1] 2"),
        ("store: {by: T2, at: 'A[0]+1', byte: 16}", "T2: store A[0]+1 byte=0x10"),
        ("drop_caches: {}", "drop_caches"),
    ],
)  # fmt: skip
def test_a_step_in_words(step: str, words: str) -> None:
    """Who, what and where come first; defaults are left out; bytes and addresses are hexadecimal."""
    assert describe(Scenario.from_text(f"{HEAD}- {step}\n").steps[1]) == words
