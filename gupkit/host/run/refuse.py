"""What the host cannot do for a scenario: said before anything runs."""

from __future__ import annotations

from ...errors import BackendError
from ...scenario.model import Scenario
from ...scenario.ops import OPS
from ...scenario.parts import Step
from ...scenario.scope import is_thread
from ...scenario.words import hint
from .probe import Powers

_NEEDED_BY = {
    "uring_register": "io_uring", "uring_unregister": "io_uring", "drop_caches": "drop_caches",
    "process_vm_readv": "process_vm", "process_vm_writev": "process_vm",
}  # fmt: skip


def refuse(scenario: Scenario, powers: Powers) -> None:
    """Raise BackendError, naming the need or the op, if this machine cannot run ``scenario``."""
    for need in scenario.needs:
        if need not in powers.offers:
            tail = _why(need) or hint(need, powers.offers)
            raise BackendError(f"{scenario.source}: needs {need!r}, which this machine does not offer{tail}")
    for number, step in enumerate(scenario.steps, 1):
        problem = _problem(step, powers)
        if problem:
            where = f"{scenario.source}:{step.line}" if step.line else f"{scenario.source}: step {number}"
            raise BackendError(f"{where}: {problem}")


def _why(need: str) -> str:
    """What is known of a need that a machine may lack, or nothing."""
    if need in ("kernel", "refcount", "hwpoison"):
        return ": only the simulated kernel has it"
    known = {"swap": "no swap is on", "frames": "frame numbers need root", "io_uring": "it is forbidden here"}
    return f": {known[need]}" if need in known else ""


def _problem(step: Step, powers: Powers) -> str:
    """Why a step cannot be done here, or nothing."""
    if OPS[step.op].sim_only:
        return f"{step.op} is done by the kernel, which no user can make it do: only the simulated kernel runs it"
    if step.race:
        return f"a race inside {step.op} needs a kernel that can be stopped: only the simulated one can"
    if step.op == "mmap" and step.args["kind"] != "normal":
        return f"mmap kind {step.args['kind']!r} is a driver's mapping, which only the simulated kernel has"
    power = _NEEDED_BY.get(step.op)
    if power and not getattr(powers, power):
        return f"{step.op} is not permitted on this machine{': it needs root' if power == 'drop_caches' else ''}"
    if is_thread(step.by) and not powers.code:
        return f"thread {step.by} needs machine code that only x86-64 has here"
    return ""
