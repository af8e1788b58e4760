// The timeline: a piece for each step, signs where somebody waits or errs, the slider, and when an operation strikes.

class Timeline {
  constructor(transport) {
    this.transport = transport;
    this.pieces = make("div", { class: "gk-pieces", "aria-hidden": "true" });
    this.ticks = make("div", { class: "gk-ticks", "aria-hidden": "true" });
    this.strike = make("input", { type: "range", min: 0, class: "gk-strike", id: unique("strike") });
    this.strikeLabel = make("label", { for: this.strike.id }, "It strikes");
    this.strike.addEventListener("input", () => this.snap());
    this.strike.addEventListener("change", () => this.choose());
    this.strikeTrack = make("div", { class: "gk-track" }, this.ticks, this.strike);
    this.element = make("div", { class: "gk-timeline" },
      make("label", { for: transport.slider.id }, "Event"), make("div", { class: "gk-track" }, this.pieces, transport.slider),
      this.strikeLabel, this.strikeTrack);
  }

  // A place as a distance from the left, in CSS: a slider's thumb does not reach its ends.
  static left(place, last) {
    return `calc(8px + (100% - 16px) * ${last ? (place / last).toFixed(5) : 0})`;
  }

  show(place) {
    const { head } = this.transport.film();
    if (head !== this.head) this.draw(head);
    for (const piece of this.pieces.children) {
      if (piece.dataset.last) piece.toggleAttribute("data-now", Number(piece.dataset.first) < place && place <= Number(piece.dataset.last));
    }
  }

  draw(head) {
    this.head = head;
    const last = head.places - 1;
    const at = (place) => Timeline.left(place, last);
    const pieces = head.steps.filter((s) => s.last > s.first).map((s) => {
      const piece = make("span", { class: "gk-piece", title: `${s.index + 1}: ${s.words}`, "data-first": s.first, "data-last": s.last }, String(s.index + 1));
      piece.style.left = at(s.first);
      piece.style.width = `calc((100% - 16px) * ${((s.last - s.first) / last).toFixed(5)})`;
      piece.addEventListener("click", () => this.transport.go(s.last, "step"));
      return piece;
    });
    const signs = { waits: "‖", wakes: "»", bug: "✗" };
    const marks = head.events.flatMap(([, , , , , , kind], i) => (kind ? [this.sign(signs[kind], at(i + 1), kind)] : []));
    this.pieces.replaceChildren(...pieces, ...marks);
    this.drawStrikes(head, at, last);
  }

  sign(words, left, kind) {
    const made = make("span", { class: "gk-sign", "data-kind": kind }, words);
    made.style.left = left;
    return made;
  }

  drawStrikes(head, at, last) {
    const moments = head.moments || [];
    this.moments = moments;
    this.strikeLabel.hidden = this.strikeTrack.hidden = !moments.length;
    if (!moments.length) return;
    this.ticks.replaceChildren(...moments.map((moment) => this.sign("|", at(moment.place), "moment")));
    set(this.strike, { max: last });
    this.chosen = moments.find((moment) => moment.chosen) || moments[0];
    this.showStrike(this.chosen);
  }

  showStrike(moment) {
    this.strike.value = String(moment.place);
    this.strikeLabel.textContent = `It strikes: ${moment.label}`;
    set(this.strike, { "aria-valuetext": `${moment.label}, at event ${moment.place}` });
    this.wished = moment;
  }

  // Between two moments nothing can happen: the thumb jumps to the nearest one in the direction it moves.
  snap() {
    const value = Number(this.strike.value);
    const forward = value > this.wished.place;
    const there = this.moments.filter((m) => (forward ? m.place > this.wished.place : m.place < this.wished.place));
    const near = there.sort((a, b) => Math.abs(a.place - value) - Math.abs(b.place - value))[0];
    this.showStrike(value === this.wished.place ? this.wished : near || this.wished);
  }

  choose() {
    if (this.wished !== this.chosen) this.transport.strike(this.wished);
  }
}
