"""The interactive view of one snapshot: a process, its pictures, its VMAs in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from ..errors import GupkitError
from . import panels
from .controls import choice, fill, row, text
from .snapshot_model import SnapshotModel
from .stage import Showing, make_stage
from .turns import Turns

FOLDS = {"where needed": None, "always": True, "never": False}
"""When like neighbours are drawn as one box."""


class Looker:
    """Widgets on a :class:`SnapshotModel`. ``controls`` has every control by name, ``children`` all in order."""

    def __init__(self, model: SnapshotModel) -> None:
        self.model = model
        self.turns = Turns()
        self.process = choice("Process", "process", "20em")
        self.fold = choice("Fold what is alike", "fold", "21em")
        self.find = widgets.Text(
            description="Find VMA", placeholder="part of a name, or an address 0x…", continuous_update=False,
            layout={"width": "98%"}, style={"description_width": "initial"})
        self.find.add_class("gk-find")
        self.texts = {name: text(name=name) for name in ("title", "alert", "vmas", "page-map", "page-table")}
        about = panels.hint(model.snapshot.about or "One moment of a machine.")
        self.texts["title"].value = panels.STYLE + panels.title("Memory of a process", "") + about
        fill(self.process, [(name, name) for name in model.processes], model.process)
        self.stage = make_stage(self.turns, {"open": self._open}, lambda _place, _unit: None, self._started)
        self.plain = widgets.VBox([self.texts["page-table"], self.texts["page-map"]])
        self._show_fold()
        self._listen()
        self.draw()

    @property
    def controls(self) -> dict[str, Any]:
        """Every control by name."""
        return {"process": self.process, "fold": self.fold, "find": self.find}

    @property
    def children(self) -> tuple[Any, ...]:
        """Everything, from top to bottom."""
        texts = self.texts
        several = [self.process] if len(self.model.processes) > 1 else []
        live = [self.stage.widget] if self.stage else []
        wide = widgets.VBox([*live, self.plain], layout={"flex": "3 1 560px", "min_width": "0"})
        words = widgets.VBox([self.find, texts["vmas"]], layout={"flex": "2 1 330px"})
        body = widgets.HBox([wide, words], layout={"flex_flow": "row wrap", "align_items": "flex-start"})
        return texts["title"], row(*several, self.fold), texts["alert"], body

    def _listen(self) -> None:
        model = self.model
        self._on_value(self.process, model.choose)
        self._on_value(self.fold, lambda words: model.refold(FOLDS[words]))
        self._on_value(self.find, lambda wanted: setattr(model, "wanted", wanted), self._list)

    def _on_value(self, made: Any, act: Callable[[Any], None], show: Callable[[], None] | None = None) -> None:
        def changed(change: Any) -> None:
            if not self.turns.quiet:
                self.turns.take(lambda: self._do(act, change["new"], show or self.draw))

        made.observe(changed, names="value")

    def _do(self, act: Callable[[Any], None], value: Any, show: Callable[[], None]) -> None:
        problem = ""
        try:
            act(value)
        except GupkitError as error:
            problem = str(error)
        self.texts["alert"].value = panels.alert(problem)
        show()

    def draw(self) -> None:
        """Pictures and words as the model has them now."""
        self.turns.quietly(self._show_fold)
        if self.stage is not None:
            self.stage.show(Showing(self.model.seen, self.model.films, 0))
        if self.stage is None or not self.stage.live:
            self.texts["page-table"].value = self.model.page_table().svg()
            self.texts["page-map"].value = self.model.page_map().svg()
        self._list()

    def _open(self, message: Mapping[str, Any]) -> None:
        self.model.open(str(message["key"]))
        self.draw()

    def _started(self) -> None:
        """A page shows the live view: the plain one steps aside."""
        self.plain.layout.display = "none"

    def _show_fold(self) -> None:
        chosen = next(words for words, fold in FOLDS.items() if fold is self.model.fold)
        fill(self.fold, [(words, words) for words in FOLDS], chosen)

    def _list(self) -> None:
        self.texts["vmas"].value = panels.listing(self.model.summary(), self.model.vma_lines())
