"""Random sequences of what users can do with memory, as scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

STEPS = 20
"""Ops after the mappings."""
FILL = (0x61, 0x62, 0x63, 0x64)
_REGIONS = ("A", "B", "D")
_CHILDREN = ("C", "G")


def sequence(seed: int, number: int, *, direct: bool = True, process_vm: bool = True) -> dict[str, Any]:
    """Sequence ``number`` of a seed, as :meth:`Scenario.load` takes it; the same for the same arguments.

    Three regions, anonymous or of a memfd, private or shared; up to three processes; no disk file is mapped, whose
    pages come and go as the machine pleases. ``direct``: with O_DIRECT; ``process_vm``: with process_vm_readv.

    >>> sequence(1, 0)["steps"] == sequence(1, 0)["steps"]
    True
    """
    maker = _Maker(Random(f"{seed}:{number}"), direct, process_vm)
    steps = [maker.mmap(name) for name in _REGIONS] + [maker.step() for _ in range(STEPS)]
    files: dict[str, Any] = {"m": {"pages": list(FILL), "memfd": True}}
    if any("odirect" in op for step in steps for op in step):
        files["d"] = list(FILL)
    return {"title": f"random {seed}:{number}", "era": "6.18", "files": files, "steps": steps}


_WEIGHTS = {
    "store": 22, "load": 20, "process_vm_readv": 8, "process_vm_writev": 6, "madvise": 8, "mprotect": 6, "pwrite": 4,
    "mem_write": 4, "mem_read": 3, "fork": 4, "mlock": 3, "munlock": 1, "munmap": 2, "vmsplice": 3, "pipe_read": 2,
    "exit": 2, "odirect_read": 1, "odirect_write": 1, "mincore": 1,
}  # fmt: skip


@dataclass
class _Maker:
    random: Random
    direct: bool
    process_vm: bool
    pages: dict[str, int] = field(default_factory=dict)
    alive: list[str] = field(default_factory=lambda: ["P"])
    born: int = 0
    pipes: set[str] = field(default_factory=set)
    serial: int = 0

    def mmap(self, name: str) -> dict[str, Any]:
        """A mapping of one to four pages."""
        random = self.random
        self.pages[name] = random.randint(1, 4)
        args: dict[str, Any] = {
            "as": name, "pages": self.pages[name], "prot": random.choices(("rw", "r", ""), (6, 2, 1))[0],
            "share": random.choices(("private", "shared"), (5, 3))[0],
        }  # fmt: skip
        if random.random() < 0.3:
            args["file"] = "m"
        return {"mmap": args}

    def step(self) -> dict[str, Any]:
        """One op that can be done now."""
        while True:
            (op,) = self.random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
            args = getattr(self, f"_{op}", self._at)(op)
            if args is not None:
                return {op: args}

    # each of these makes the arguments of an op, or None if it cannot be done now

    def _by(self) -> dict[str, Any]:
        return {"by": self.random.choice(self.alive)}

    def _byte(self) -> int:
        self.serial += 1
        return self.serial

    def _place(self) -> str:
        """A page of a region, now and then the one behind it."""
        name = self.random.choice(_REGIONS)
        return f"{name}[{self.random.randint(0, self.pages[name] - (self.random.random() > 0.1))}]"

    def _range(self) -> str:
        name = self.random.choice(_REGIONS)
        first = self.random.randrange(self.pages[name])
        last = self.random.randint(first, self.pages[name] - 1)
        return f"{name}[{first}]" if first == last else f"{name}[{first}:{last + 1}]"

    def _at(self, op: str) -> dict[str, Any]:
        return {**self._by(), "at": self._range() if op in ("mlock", "munlock", "munmap") else self._place()}

    def _store(self, op: str) -> dict[str, Any]:
        return {**self._at(op), "byte": self._byte()}

    def _mincore(self, op: str) -> dict[str, Any]:
        return {**self._by(), "at": self._range()}

    def _mprotect(self, op: str) -> dict[str, Any]:
        return {**self._by(), "at": self._range(), "prot": self.random.choice(("rw", "rw", "r", "r", ""))}

    def _madvise(self, op: str) -> dict[str, Any]:
        advice = self.random.choice(("DONTNEED", "DONTNEED", "POPULATE_READ", "POPULATE_WRITE"))
        return {**self._by(), "at": self._range(), "advice": advice}

    def _whose(self) -> dict[str, Any]:
        """Now and then another process's memory."""
        return {"of": self.random.choice(self.alive)} if self.random.random() < 0.3 else {}

    def _process_vm_readv(self, op: str) -> dict[str, Any] | None:
        if not self.process_vm:
            return None
        return {**self._by(), **self._whose(), "at": self._place(), "length": self.random.choice((1, 4096, 8192))}

    def _process_vm_writev(self, op: str) -> dict[str, Any] | None:
        args = self._process_vm_readv(op)
        return None if args is None else {**args, "byte": self._byte()}

    def _mem_read(self, op: str) -> dict[str, Any]:
        return {**self._by(), **self._whose(), "at": self._place(), "length": self.random.choice((1, 4096))}

    def _mem_write(self, op: str) -> dict[str, Any]:
        return {**self._by(), **self._whose(), "at": self._place(), "length": 1, "byte": self._byte()}

    def _pwrite(self, op: str) -> dict[str, Any]:
        return {"file": "m", "offset": self.random.randrange(len(FILL)), "length": 1, "byte": self._byte()}

    def _fork(self, op: str) -> dict[str, Any] | None:
        if self.born == len(_CHILDREN):
            return None
        args = {**self._by(), "as": _CHILDREN[self.born]}
        self.alive.append(_CHILDREN[self.born])
        self.born += 1
        return args

    def _exit(self, op: str) -> dict[str, Any] | None:
        if len(self.alive) == 1:
            return None
        return {"by": self.alive.pop(self.random.randrange(len(self.alive)))}

    def _vmsplice(self, op: str) -> dict[str, Any]:
        args = {**self._by(), "at": self._place()}
        args["pipe"] = f"p{args['by']}"
        self.pipes.add(args["pipe"])
        return args

    def _pipe_read(self, op: str) -> dict[str, Any] | None:
        if not self.pipes:
            return None
        return {**self._by(), "pipe": self.random.choice(sorted(self.pipes))}

    def _odirect_read(self, op: str) -> dict[str, Any] | None:
        if not self.direct:
            return None
        return {**self._by(), "at": self._place(), "file": "d", "offset": self.random.randrange(len(FILL))}

    _odirect_write = _odirect_read
