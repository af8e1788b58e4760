"""The explorer without its widgets: what is chosen, where the reader stands, and what there is to see."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

from ..draw.treelabels import BASES
from ..errors import GupkitError
from ..film import place as places
from ..film.call import Asked, Call, asked, call_at, calls_of, reaches_gup
from ..film.camera import Wishes
from ..film.film import Film
from ..film.moments import Moment, moments
from ..film.table import Table
from ..film.view import View, view_of
from ..scenario.dump import describe
from ..scenario.model import Scenario
from ..scenario.vocabulary import ERAS
from ..scenario.words import hint
from ..trace.step import Step
from ..trace.trace import Trace
from .beside import Beside
from .choices import (
    AS_WRITTEN,
    NOTHING,
    RIGHTS,
    Choices,
    as_written,
    region_step,
    rights_of,
    state_words,
    toggles_of,
)
from .meanwhile import KINDS, left_out, offered
from .runs import Runs
from .score import score
from .source import Source, read_source

UNITS = ("event", "step")
"""How far one stride goes: to the next kernel event, or to the end of the next step of the scenario."""


class ExplorerModel:
    """A scenario that can be changed and stepped through, or a trace that can be stepped through.

    ``trace`` is the run that is shown, ``scenario`` what was run, with the reader's changes. ``place`` is the number
    of the snapshot (0: before anything), ``unit`` the last stride, which also says what is marked: what the event
    changed, or what the whole step changed. ``message`` tells in one sentence what the last choice led to. Raises
    GupkitError for a source that cannot be opened or run.

    >>> m = ExplorerModel("munmap-waits")
    >>> m.toggle("FOLL_WRITE"); m.is_on("FOLL_WRITE"), m.view().call.returned
    (False, '2')
    """

    def __init__(self, source: Source, era: str | None = None, process: str | None = None) -> None:
        opened = read_source(source)
        if not isinstance(opened, Scenario | Trace):
            raise GupkitError("a snapshot has no steps to explore: open it with Explorer or SnapshotModel")
        self.runs = Runs(opened, era) if isinstance(opened, Scenario) else None
        self.trace: Trace = self.runs.written if self.runs else opened  # type: ignore[assignment]
        self.calls = self._find_calls()
        self.choices = self._first_choices()
        self.scenario = opened if isinstance(opened, Scenario) else Scenario(opened.title)
        self.beside = Beside()
        self.wishes = Wishes()
        self.unit = "step"
        self.process = process
        self.message = ""
        self.place = self._first_place()
        self._check_process()

    # --- what there is to choose

    @property
    def title(self) -> str:
        """The scenario's title."""
        return self.trace.title

    @property
    def call(self) -> Step | None:
        """The step whose call is shown and can be changed, as it went; None where nothing calls __get_user_pages."""
        return None if self.choices is None else self.step(self.choices.call)

    @property
    def era(self) -> str:
        """The kernel that ran what is shown; empty for a trace that does not say."""
        return self.trace.era

    @property
    def toggles(self) -> tuple[str, ...]:
        """Every toggle that the kernel has: the common ones first."""
        return toggles_of(self.era) if self.runs is not None else ()

    @property
    def eras(self) -> tuple[str, ...]:
        """The kernels that can run the scenario."""
        return ERAS if self.runs is not None else ()

    @property
    def rights(self) -> str | None:
        """What may be done in the region of the chosen call, in words; None where the call names no region."""
        if self.runs is None or self.choices is None:
            return None
        region = region_step(self.runs.scenario, self.choices.call)
        if region is None:
            return None
        return self.choices.rights or rights_of(self.runs.scenario.steps[region])

    @property
    def can_toggle(self) -> bool:
        """The flags of the chosen call are the scenario's to set: it is a ``gup`` step, not a system call."""
        return self.runs is not None and self.call is not None and self.call.op == "gup"

    @property
    def meanwhiles(self) -> tuple[str, ...]:
        """What can happen during the chosen call."""
        if self.runs is None or self.choices is None:
            return ()
        written = bool(self.runs.scenario.steps[self.choices.call].race)
        first = (AS_WRITTEN, NOTHING) if written else (NOTHING,)
        return (*first, *offered(self.runs.scenario, self.choices.call))

    @property
    def moments(self) -> tuple[Moment, ...]:
        """When it can happen: the schedule points that the call passes, in order; none while nothing is to happen."""
        if self.runs is None or self.choices is None or self.choices.meanwhile in (NOTHING, AS_WRITTEN):
            return ()
        return self.runs.moments(self.choices)

    def meanwhile_words(self) -> str:
        """What was chosen to happen and when."""
        if self.runs is None or self.choices is None:
            return ""
        name = self.choices.meanwhile
        chosen = {AS_WRITTEN: self._written_words(), NOTHING: "Nobody interrupts the call."}
        words = chosen[name] if name in chosen else KINDS[name].words
        return " ".join(part for part in (words, self._moment_words()) if part)

    def left_out_words(self) -> str:
        """What cannot be chosen to happen meanwhile, and why; empty where everything can."""
        return left_out(self.runs.scenario, self.choices.call) if self.runs and self.choices else ""

    def _moment_words(self) -> str:
        chosen = self.choices.moment if self.choices else None
        moment = next((m for m in self.moments if (m.at, m.nth) == chosen), None)
        if moment is None:
            return ""
        after = f" Just before: {moment.after}" if moment.after else ""
        return f"It strikes {moment.words}.{after}"

    def _written_words(self) -> str:
        race = self.runs.scenario.steps[self.choices.call].race if self.runs and self.choices else ()
        told = [f"at {i.at} (time {i.nth}) {describe(step)}" for i in race for step in i.do]
        return f"As the scenario has it: {'; '.join(told)}." if told else ""

    def is_on(self, toggle: str) -> bool:
        """Whether a toggle of :attr:`toggles` is on."""
        return self.choices is not None and toggle in self.choices.on

    def step(self, index: int) -> Step:
        """The step ``index`` (from 0) of the run that is shown. GupkitError if there is none."""
        found = next((step for step in self.trace.steps if step.index == index), None)
        if found is None:
            raise GupkitError(f"there is no step {index + 1}: this scenario has {len(self.trace.steps)}")
        return found

    def step_words(self, index: int) -> str:
        """What step ``index`` does in the run that is shown, on one short line."""
        if self.runs is None or self.choices is None:
            return self.step(index).text
        return describe(self.scenario.steps[index])

    # --- choosing

    def choose_call(self, index: int) -> None:
        """Look at another call (index of its step); the choices go back to what the scenario says of it."""
        if index not in self.calls:
            raise GupkitError(f"step {index + 1} does not call __get_user_pages; these do: "
                              f"{', '.join(str(call + 1) for call in self.calls)}")
        if self.runs is None:
            self.choices = Choices(index)
            return
        self._choose(as_written(self.runs.scenario, index), f"The call of step {index + 1}, as the scenario has it.")
        self.goto(self.step(index).last)

    def toggle(self, name: str) -> None:
        """Switch one of :attr:`toggles` and run again. GupkitError where there is nothing to switch."""
        if not self.can_toggle or self.choices is None:
            raise GupkitError(f"{name} cannot be switched: this is no gup step of a scenario")
        choices = self.choices.toggled(name, self.era)
        self._choose(choices, f"{name}: {state_words(name, name in choices.on)}")

    def toggled(self, name: str) -> ExplorerModel:
        """What this would be after :meth:`toggle`, as another model; this one stays as it is."""
        other = copy(self)
        other.toggle(name)
        return other

    def choose_era(self, era: str) -> None:
        """Run on another kernel; flags that it does not have are dropped. GupkitError for one that there is not."""
        if self.runs is None or self.choices is None:
            raise GupkitError("a finished trace cannot be run on another kernel: open its scenario instead")
        dropped = sorted(self.choices.on - set(toggles_of(era)))
        base = self.runs.written.era
        choices = replace(self.choices, era=None if era == base else era, on=self.choices.on - set(dropped))
        missing = f", which has no {' and no '.join(dropped)}" if dropped else ""
        self._choose(choices, f"Linux {era}{missing}")

    def permit(self, rights: str) -> None:
        """Choose what may be done in the region of the call, a key of ``choices.RIGHTS``, and run again."""
        if self.rights is None or self.runs is None or self.choices is None:
            raise GupkitError("the call names no region whose rights could be chosen")
        region = region_step(self.runs.scenario, self.choices.call)
        written = rights_of(self.runs.scenario.steps[region or 0])
        if rights not in RIGHTS and rights != written:
            raise GupkitError(f"no rights {rights!r}{hint(rights, RIGHTS)}")
        self._choose(replace(self.choices, rights=None if rights == written else rights), f"Rights: {rights}")

    def happen(self, name: str) -> None:
        """Choose what happens meanwhile: one of :attr:`meanwhiles`. GupkitError for another."""
        if self.choices is None or name not in self.meanwhiles:
            raise GupkitError(f"{name!r} cannot happen here{hint(name, self.meanwhiles)}")
        if name not in (NOTHING, AS_WRITTEN) and self.runs and not self.runs.moments(self.choices):
            raise GupkitError("this call passes no schedule point, so nothing can happen inside it")
        self._choose(replace(self.choices, meanwhile=name), f"Meanwhile: {name}")

    def strike(self, at: str, nth: int) -> None:
        """Choose when it happens: one of :attr:`moments`. GupkitError for another."""
        if self.choices is None or (at, nth) not in [(moment.at, moment.nth) for moment in self.moments]:
            raise GupkitError(f"the call does not pass {at!r} {nth} times")
        self._choose(replace(self.choices, moment=(at, nth)), f"It happens at {at}, time {nth}")

    def reset(self) -> None:
        """Everything as the scenario's author wrote it."""
        if self.runs is not None and self.choices is not None:
            self._choose(as_written(self.runs.scenario, self.choices.call), "As the scenario has it")

    def _choose(self, choices: Choices, message: str) -> None:
        """Run under ``choices`` and stand where the reader stood. Nothing changes if they cannot be run."""
        if self.runs is None:
            return
        choices = self.runs.settled(choices)
        trace = self.runs.trace(choices)
        self.place = places.moved(self.trace, self.place, trace)
        self.choices, self.trace, self.scenario = choices, trace, self.runs.scenario_of(choices)
        self.message = f"{message}; the scenario ran again." if message[-1] != "." else message

    # --- going

    def goto(self, place: int) -> None:
        """Stand right after event ``place`` (0: before anything). GupkitError where there is no such event."""
        if not 0 <= place < len(self.trace):
            raise GupkitError(f"there is no event {place}: this run has {len(self.trace) - 1}")
        self.place = place

    def goto_step(self, index: int) -> None:
        """Stand at the end of step ``index`` (from 0), with the whole step marked. GupkitError if there is none."""
        step = self.step(index)
        if step.last == step.first:
            raise GupkitError(f"step {index + 1} never came to its end in this run")
        self.unit = "step"
        self.goto(step.last)

    def stride(self, unit: str, direction: int) -> None:
        """One event or one step (of :data:`UNITS`) forward (1) or back (-1), no further than the ends."""
        if unit not in UNITS or direction not in (1, -1):
            raise GupkitError(f"a stride is an event or a step, forward (1) or back (-1), not {unit!r}, {direction!r}")
        self.unit = unit
        if unit == "event":
            self.goto(max(0, min(self.place + direction, len(self.trace) - 1)))
        elif direction > 0:
            self.goto(places.next_stop(self.trace, self.place))
        else:
            self.goto(places.previous_stop(self.trace, self.place))

    def guess(self, index: int, choice: str) -> bool:
        """Note what the reader answered to the question of step ``index``; whether that is what the kernel did."""
        asked = self.step(index).predict
        if asked is None or choice not in map(str, asked["choices"]):
            raise GupkitError(f"step {index + 1} does not ask anything that {choice!r} answers")
        score().add(asked["question"], choice, str(asked["answer"]))
        return choice == str(asked["answer"])

    # --- seeing

    def view(self) -> View:
        """What there is to see at :attr:`place`."""
        step = places.step_of(self.trace, self.place)
        words = "" if step is None else self.step_words(step.index)
        return view_of(self.trace, self.place, self._since(), words, self.shown_process(), self.call_now())

    def processes(self) -> tuple[str, ...]:
        """The processes that are there at :attr:`place`, in the order of their making."""
        there = self.trace[self.place].processes
        return tuple(sorted(there, key=lambda name: (there[name].pid, name)))

    def shown_process(self) -> str | None:
        """Whose page tables are drawn: the one wished for, while it is there, else the first one; None without any."""
        there = self.processes()
        return self.process if self.process in there else next(iter(there), None)

    def call_now(self) -> Call | None:
        """The chosen call as it stands at :attr:`place`."""
        return self.call_at(self.place)

    def call_at(self, place: int) -> Call | None:
        """The chosen call as it stands at a place."""
        step = self.call
        return None if step is None else call_at(self.trace, step, place, self._asked(step))

    def films(self, table: Table | None = None) -> list[Film]:
        """What there is to see at every place, packed for a page; with another run beside it if one was chosen.

        ``table`` has the values that the page was told before (None: of each film its own).
        """
        own = Film(self.trace, lambda step: self.step_words(step.index), self.call_at, self._strikes(), self.wishes,
                   table=table)
        other = self.beside.trace(self)
        if other is None:
            return [own]
        args = {index: step.args for index, step in enumerate(self.scenario.steps)}
        return [own, Film(other, call_at=calls_of(other, args), wishes=self.wishes, table=table)]

    def names(self) -> tuple[str, str] | tuple[()]:
        """What stands above the pictures where two runs are side by side."""
        return self.beside.names(self)

    def write_indices(self, base: str) -> None:
        """Write the indices of page tables in octal (``oct``) or hexadecimal (``hex``). GupkitError for another."""
        if base not in BASES:
            raise GupkitError(f"no base {base!r}{hint(base, BASES)}")
        self.wishes = replace(self.wishes, base=base)

    def open(self, key: str) -> None:
        """Draw what a folded box holds, by its key; an empty key folds everything again."""
        self.wishes = replace(self.wishes, opened=(*self.wishes.opened, key) if key else ())

    def put_beside(self, what: str) -> None:
        """Show another run beside this one: one of ``self.beside.offered(self)``. GupkitError for another."""
        self.beside = self.beside.chosen(self, what)

    def _strikes(self) -> list[dict[str, Any]]:
        """When the operation that interrupts the call could strike, and when it does, as places of this run."""
        there = {(moment.at, moment.nth) for moment in self.moments}
        if not there or self.choices is None:
            return []
        return [
            {"place": moment.event + 1, "at": moment.at, "nth": moment.nth, "label": moment.label,
             "chosen": (moment.at, moment.nth) == self.choices.moment}
            for moment in moments(self.trace, self.choices.call) if (moment.at, moment.nth) in there
        ]  # fmt: skip

    def _since(self) -> int:
        """The snapshot that the current one is compared with: one event back, or the beginning of the step."""
        step = places.step_of(self.trace, self.place)
        if self.unit == "event" or step is None:
            return max(0, self.place - 1)
        return step.first

    def _asked(self, step: Step) -> Asked:
        args = self.scenario.steps[step.index].args if self.runs is not None else None
        return asked(step.op, args)

    # --- the beginning

    def _find_calls(self) -> tuple[int, ...]:
        """The steps that call the function: those that a scenario calls ``gup``, and system calls that come to it."""
        return tuple(s.index for s in self.trace.steps if s.op == "gup" or reaches_gup(self.trace, s))

    def _first_choices(self) -> Choices | None:
        if not self.calls:
            return None
        own = [index for index in self.calls if self.step(index).op == "gup"]
        call = (own or list(self.calls))[0]
        return as_written(self.runs.scenario, call) if self.runs else Choices(call)

    def _first_place(self) -> int:
        """Right after the first call, where there is something to see; else after the first step."""
        step = self.call
        return step.last if step is not None and step.last else places.next_stop(self.trace, 0)

    def _check_process(self) -> None:
        there = {name for snapshot in (self.trace[0], self.trace[-1]) for name in snapshot.processes}
        if self.process is not None and self.process not in there:
            raise GupkitError(f"no process {self.process!r} in this run{hint(self.process, sorted(there))}")
