"""The interactive view of a scenario or trace: what can be chosen, where the reader goes, and what is seen there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import ipywidgets as widgets

from ..errors import GupkitError
from ..film.place import step_of
from ..film.view import View
from ..scenario.vocabulary import ERAS
from . import panels
from .choices import AS_WRITTEN, RIGHTS, TOGGLES, toggles_of
from .controls import button, choice, disclosure, fill, number, press, row, text, toggle
from .model import UNITS, ExplorerModel
from .stage import Showing, make_stage
from .turns import Turns

STRIDES = (
    ("first", "First", "fast-backward"), ("step-back", "Step back", "backward"),
    ("event-back", "Event back", "step-backward"), ("event-forward", "Event forward", "step-forward"),
    ("step-forward", "Step forward", "forward"), ("last", "Last", "fast-forward"),
)  # fmt: skip
"""Name, words and icon of the buttons that move the reader."""

FAILED = "The simulator failed at this, which is a fault of the kit; everything is as it was before."
"""What a reader is told of an error that nobody foresaw; the error itself goes to the notebook's log."""

NEVER = ("", 0)
"""No moment, as an entry of the list."""


class Stepper:
    """Widgets on an :class:`ExplorerModel`. ``controls`` has every control by name, ``children`` all in order."""

    def __init__(self, model: ExplorerModel) -> None:
        self.model = model
        self.turns = Turns()
        every = dict.fromkeys(name for era in ERAS for name in toggles_of(era))
        self.toggles = {name: toggle(name) for name in every}
        self.strides = {name: button(words, icon, self._go(name), name) for name, words, icon in STRIDES}
        self.call = choice("Call", "call", "min(100%, 40em)")
        self.era = choice("Linux", "era", "10.5em")
        self.rights = choice("Region may", "rights", "21em")
        self.beside = choice("Beside", "beside", "16em")
        self.base = choice("Indices", "base", "12em")
        self.missing = text(name="left-out")
        rare = [made for name, made in self.toggles.items() if name not in TOGGLES]
        self.more, self.rare = disclosure("More", "more", *rare, self.base, self.missing)
        self.meanwhile = choice("Meanwhile", "meanwhile", "20em")
        self.when = choice("When", "when", "24em")
        self.reset = button("As the scenario has it", "undo", self._doing(model.reset), "reset")
        self.event = number("Event", "event")
        self.step = choice("Step", "step", "min(100%, 34em)")
        self.process = choice("Page tables of", "process", "14em")
        names = ("title", "advice", "say", "alert", "note", "facts", "events", "page-map", "page-table")
        self.texts = {name: text(name=name) for name in names}
        acts = {
            "strike": lambda m: self._doing(lambda: self.model.strike(m["at"], m["nth"]))(),
            "guess": self._guessed,
            "open": lambda m: self._doing(lambda: self.model.open(str(m["key"])))(),
        }
        self.stage = make_stage(self.turns, acts, self._went, self._started, self._ahead)
        self.plain = widgets.VBox(self._plain())
        self._listen()
        self.show()

    def _detail(self) -> str:
        trace = self.model.trace
        return f"Linux {trace.era}, simulated" if trace.era and trace.backend == "sim" else ""

    def _show_title(self) -> None:
        trace = self.model.trace
        self.texts["title"].value = panels.STYLE + panels.title(self.model.title, trace.about, self._detail())

    @property
    def controls(self) -> dict[str, Any]:
        """Every control by name."""
        lists = {"call": self.call, "meanwhile": self.meanwhile, "when": self.when, "reset": self.reset}
        more = {"era": self.era, "rights": self.rights, "beside": self.beside, "more": self.more, "base": self.base}
        return {**self.toggles, **lists, **more, **self.strides, "event": self.event, "step": self.step,
                "process": self.process}

    @property
    def children(self) -> tuple[Any, ...]:
        """Everything, from top to bottom: the order in which Tab goes through it."""
        live = [self.stage.widget] if self.stage else []
        return (self.texts["title"], *self._choosing(), self.texts["alert"], *live, self.plain)

    def _plain(self) -> tuple[Any, ...]:
        """What is shown until a page says that it has the live view, and for good where it cannot have it."""
        texts = self.texts
        wide = widgets.VBox([texts["page-map"], self.process, texts["page-table"]], layout={"flex": "3 1 560px"})
        words = widgets.VBox([texts["facts"], texts["events"]], layout={"flex": "2 1 330px"})
        body = widgets.HBox([wide, words], layout={"flex_flow": "row wrap", "align_items": "flex-start"})
        going = [row(*self.strides.values()), row(self.event, self.step)]
        return (*going, texts["say"], texts["note"], body)

    def _choosing(self) -> list[Any]:
        """What a trace from elsewhere does not have: choices."""
        if self.model.runs is None or self.model.call is None:
            return [self.call] if len(self.model.calls) > 1 else []
        calls = [self.call] if len(self.model.calls) > 1 else []
        common = [self.toggles[name] for name in TOGGLES]
        rights = [self.rights] if self.model.rights else []
        return [row(*calls, *common, self.more, self.reset), self.rare,
                row(self.era, *rights, self.meanwhile, self.when, self.beside), self.texts["advice"]]

    # --- what the reader does

    def _listen(self) -> None:
        for name, made in self.toggles.items():
            self._on_value(made, self._switching(name))
        self._on_value(self.call, self.model.choose_call)
        self._on_value(self.era, self.model.choose_era)
        self._on_value(self.rights, self.model.permit)
        self._on_value(self.beside, self.model.put_beside)
        self._on_value(self.base, self.model.write_indices)
        self._on_value(self.meanwhile, self.model.happen)
        self._on_value(self.when, lambda moment: self.model.strike(*moment))
        self._on_value(self.event, self._goto)
        self._on_value(self.step, self._goto_step)
        self._on_value(self.process, lambda name: setattr(self.model, "process", name))

    def _on_value(self, made: Any, act: Callable[[Any], None]) -> None:
        def changed(change: Any) -> None:
            if not self.turns.quiet and change["new"] is not None:
                self._doing(lambda: act(change["new"]))()

        made.observe(changed, names="value")

    def _switching(self, name: str) -> Callable[[Any], None]:
        return lambda _: self.model.toggle(name)

    def _doing(self, act: Callable[[], None]) -> Callable[[], None]:
        """``act``, then show what came of it; what cannot be done is said in one line, and nothing changes."""

        def do_now() -> None:
            self.model.message = ""
            problem = FAILED
            try:
                act()
                problem = ""
            except GupkitError as error:
                problem = str(error)
            finally:
                self.show(problem)

        return lambda: self.turns.take(do_now)

    def _go(self, name: str) -> Callable[[], None]:
        model = self.model
        ends = {"first": lambda: model.goto(0), "last": lambda: model.goto(len(model.trace) - 1)}
        if name in ends:
            return self._doing(ends[name])
        unit, _, way = name.partition("-")
        return self._doing(lambda: model.stride(unit, 1 if way == "forward" else -1))

    def _went(self, place: int, unit: str) -> None:
        """The reader went somewhere in the page, which shows it by itself."""
        if 0 <= place < len(self.model.trace) and unit in UNITS:
            self.model.unit, self.model.message = unit, ""
            self.model.goto(place)
            self.turns.quietly(self._show_place)

    def _guessed(self, message: Mapping[str, Any]) -> None:
        self.model.guess(message["step"], str(message["choice"]))

    def _started(self) -> None:
        """A page shows the live view: the plain one steps aside."""
        self.plain.layout.display = "none"
        self.turns.quietly(self._show_choices)

    def _goto(self, place: int) -> None:
        self.model.unit = "event"
        self.model.goto(place)

    def _goto_step(self, index: int) -> None:
        if index < 0:
            self.model.goto(0)
        else:
            self.model.goto_step(index)

    # --- what the reader sees

    def show(self, problem: str = "") -> None:
        """Everything as the model has it now; ``problem`` is said where something could not be done."""
        self.turns.quietly(lambda: self._show(problem))

    def _show(self, problem: str) -> None:
        if self.stage is not None:  # before all else: the pictures are what a reader waits for
            self.stage.show(_showing(self.model))
        self._show_title()
        self._show_choices()
        self._show_place()
        self.texts["alert"].value = panels.alert(problem)
        if self.stage is None or not self.stage.live:  # else the page tells all else by itself
            self._show_texts(self.model.view())

    def _ahead(self) -> Iterator[Showing]:
        """What each of the toggles that the reader sees would lead to."""
        seen = self.model.toggles if self.more.value else TOGGLES
        for name in seen if self.model.can_toggle else ():
            with suppress(GupkitError):  # what cannot be run is said when it is chosen
                yield _showing(self.model.toggled(name))

    def _show_choices(self) -> None:
        model, choices = self.model, self.model.choices
        if choices is None:
            return
        for name, made in self.toggles.items():
            press(made, name, model.is_on(name))
            made.disabled = not model.can_toggle
            made.layout.display = None if name in model.toggles else "none"
        fill(self.call, [(self._step_words(index), index) for index in model.calls], choices.call)
        if model.runs is None:
            return
        fill(self.era, [(era, era) for era in model.eras], model.era)
        if model.rights:
            fill(self.rights, [(words, words) for words in dict.fromkeys([*RIGHTS, model.rights])], model.rights)
        fill(self.beside, [(what, what) for what in model.beside.offered(model)], model.beside.what)
        fill(self.base, [("octal", "oct"), ("hexadecimal", "hex")], model.wishes.base)
        fill(self.meanwhile, [(_meanwhile_words(name), name) for name in model.meanwhiles], choices.meanwhile)
        moments = [(moment.label, (moment.at, moment.nth)) for moment in model.moments]
        fill(self.when, moments or [("at no time", NEVER)], choices.moment or NEVER)
        self.when.disabled = not moments
        live = self.stage is not None and self.stage.live
        self.when.layout.display = "none" if live or not moments else None
        self.texts["advice"].value = panels.hint(self._advice())
        self.missing.value = panels.hint(model.left_out_words())

    def _advice(self) -> str:
        """What was chosen to happen, and at which moment, in words."""
        fixed = "" if self.model.can_toggle else "A system call sets the flags here, so they cannot be switched. "
        return fixed + self.model.meanwhile_words()

    def _step_words(self, index: int) -> str:
        return f"{index + 1}: {self.model.step_words(index)}"

    def _show_place(self) -> None:
        model = self.model
        with self.event.hold_sync():
            self.event.max = len(model.trace) - 1
            self.event.value = model.place
        ran = [(self._step_words(step.index), step.index) for step in model.trace.steps if step.last > step.first]
        step = step_of(model.trace, model.place)
        chosen = step.index if step is not None and step.last > step.first else -1
        fill(self.step, [("before the first", -1), *ran], chosen)
        processes = model.processes()
        fill(self.process, [(name, name) for name in processes], model.shown_process())
        self.process.layout.display = None if len(processes) > 1 else "none"

    def _show_texts(self, view: View) -> None:
        values = {
            "say": panels.say(view, self.model.message), "note": panels.note(view), "facts": panels.facts(view),
            "events": panels.events(view.rows), "page-map": view.page_map.svg(), "page-table": view.page_table.svg(),
        }  # fmt: skip
        for name, value in values.items():
            self.texts[name].value = value


def _showing(model: ExplorerModel) -> Showing:
    """What a page shows of the model as it is now."""
    return Showing((model.choices, model.beside, model.wishes), model.films, model.place, model.unit, model.names())


def _meanwhile_words(name: str) -> str:
    return "as the scenario has it" if name == AS_WRITTEN else name
