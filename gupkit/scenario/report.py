"""A run in words: one line per step, with its answer, and what was expected where something else came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def report(
    result: Mapping[str, Any], texts: tuple[str, ...], name: str, told: Mapping[int, Sequence[str]] | None = None
) -> Iterator[str]:
    r"""Lines for one run: ``result`` as ``Trace.to_result()`` gives it, ``texts`` what each step did in words, ``told``
    what more there is to say of a step (an index, from 0).

    >>> steps = [{"op": "load", "by": "P", "result": {"ret": 0, "byte": 66}, "faults": {"minor": 1, "major": 0},
    ...           "unmet": ["byte: expected 0x0, got 0x42"], "unobservable": []}]
    >>> run = {"title": "t", "backend": "sim", "era": "2.6.39", "ok": False, "steps": steps}
    >>> print("\n".join(report(run, ("load A[0]",), "mine")))
    mine: t (sim 2.6.39)
      1  load A[0]  ->  0, byte 0x42; 1 minor fault
         NOT MET  byte: expected 0x0, got 0x42
    mine: 1 expectation not met
    """
    yield f"{name}: {result['title']} ({result['backend']} {result['era']})"
    width = min(max(map(len, texts), default=0), 56)
    for number, (step, text) in enumerate(zip(result["steps"], texts, strict=True), 1):
        yield f"{number:3}  {text:{width}}  ->  {outcome(step)}"
        yield from (f"     {line}" for line in (told or {}).get(number - 1, ()))
        yield from (f"     NOT MET  {line}" for line in step["unmet"])
        yield from (f"     not observable here  {line}" for line in step["unobservable"])
    if result.get("problem"):
        yield f"{name}: the run ended early: {result['problem']}"
    yield f"{name}: {verdict(result)}"


def outcome(step: Mapping[str, Any]) -> str:
    """What a step answered, its faults and the version it came with, on one line.

    >>> outcome({"result": {"errno": "EFAULT"}, "faults": {"minor": 0, "major": 2}, "since": "5.4"})
    '-EFAULT; 2 major faults; new in Linux 5.4'
    """
    words = [", ".join(_answer(step["result"]))]
    for kind in ("minor", "major"):
        count = step.get("faults", {}).get(kind, 0)
        if count:
            words.append(f"{count} {kind} fault{'s' if count > 1 else ''}")
    if step.get("since"):
        words.append(f"new in Linux {step['since']}")
    return "; ".join(words)


def _answer(result: Mapping[str, Any]) -> Iterator[str]:
    if "errno" in result:
        yield f"-{result['errno']}"
    elif "signal" in result:
        yield str(result["signal"])
    else:
        yield str(result.get("ret", "done"))
    for key, value in result.items():
        if key == "byte":
            yield f"byte {value:#04x}"
        elif key == "bytes":
            yield f"bytes {value or 'none'}"
        elif key == "lock_after":
            yield f"mmap_sem {value}"
        elif key in ("nonblocking", "vec", "unknown"):
            yield f"{key} {value}"


def verdict(result: Mapping[str, Any]) -> str:
    """One phrase for the whole run.

    >>> verdict({"ok": True, "steps": [{"unmet": [], "unobservable": []}]})
    'every expectation held'
    """
    unmet = sum(len(step["unmet"]) for step in result["steps"])
    blind = sum(len(step["unobservable"]) for step in result["steps"])
    words = "every expectation held" if result["ok"] else f"{unmet} expectation{'s' if unmet != 1 else ''} not met"
    return f"{words}, {blind} not observable here" if blind else words
