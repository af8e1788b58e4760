"""Another run beside the one that is shown: on another kernel, with one toggle the other way, or as it was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import GupkitError
from ..scenario.words import hint
from ..trace.trace import Trace
from .choices import TOGGLES, Choices, as_written, state_words

if TYPE_CHECKING:
    from .model import ExplorerModel

ALONE = "nothing"
WRITTEN = "as the scenario has it"


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a run: :data:`ALONE`, :data:`WRITTEN`, ``Linux ERA``, a toggle, or a trace of its own."""

    what: str = ALONE
    own: Trace | None = None

    def offered(self, model: ExplorerModel) -> tuple[str, ...]:
        """What can be put beside the run of ``model``."""
        if model.runs is None or model.choices is None:
            return (ALONE, *([self.what] if self.own else []))
        eras = tuple(f"Linux {era}" for era in model.eras if era != model.era)
        toggles = TOGGLES if model.can_toggle else ()
        own = (self.what,) if self.own else ()
        return (ALONE, WRITTEN, *eras, *toggles, *own)

    def chosen(self, model: ExplorerModel, what: str) -> Beside:
        """Beside the run of ``model``, this. GupkitError for what is not offered."""
        if what not in self.offered(model):
            raise GupkitError(f"{what!r} cannot stand beside this run{hint(what, self.offered(model))}")
        return replace(self, what=what)

    def trace(self, model: ExplorerModel) -> Trace | None:
        """The other run; None where nothing was chosen, or nothing would be another."""
        if self.own is not None and self.what not in (ALONE, WRITTEN):
            return self.own
        choices = self._choices(model)
        if choices is None or model.runs is None:
            return None
        return model.runs.trace(model.runs.settled(choices))

    def names(self, model: ExplorerModel) -> tuple[str, str] | tuple[()]:
        """What to call the two; nothing where there is only one."""
        if self.trace(model) is None:
            return ()
        if self.own is not None:
            return model.title or "this run", self.what
        if self.what in TOGGLES:
            on = model.is_on(self.what)
            return (f"{self.what}: {state_words(self.what, on)}", f"{self.what}: {state_words(self.what, not on)}")
        return ("with your choices", WRITTEN) if self.what == WRITTEN else (f"Linux {model.era}", self.what)

    def _choices(self, model: ExplorerModel) -> Choices | None:
        choices, runs = model.choices, model.runs
        if choices is None or runs is None or self.what == ALONE:
            return None
        if self.what == WRITTEN:
            return as_written(runs.scenario, choices.call)
        if self.what in TOGGLES:
            return choices.toggled(self.what, model.era)
        era = self.what.removeprefix("Linux ")
        return None if era == model.era else replace(choices, era=era)
