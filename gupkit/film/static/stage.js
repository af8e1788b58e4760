// The whole: time above, what is told, the pictures of one film or of two side by side.

const EXTRAS = [["facts", "The call"], ["events", "Events"], ["source", "Source"]];
const MARKS = [
  "Thick outline with a filled corner: changed in this step.", "Double outline: what you point at; thin double outline: what has to do with it.",
];
const DIFFERS = "Dotted thick outline: not the same on the other side.";

class Stage {
  // `host` is who can be asked: {shots(film, first), place(place, unit), strike(moment), guess(step, choice), open(key),
  // idle()}, the last when all is drawn; all but the first two may be missing.
  constructor(element, host) {
    Object.assign(this, { element, host, place: 0, unit: "step", films: [], pairs: null, answered: new Set(), hidden: new Set(["source"]) });
    this.transport = new Transport({
      go: (place, unit) => this.go(place, unit), at: () => this.place, film: () => this.films[0],
      strike: (moment) => host.strike?.(moment),
    });
    this.say = new Say();
    this.ask = new Ask({
      answered: (step, choice) => { this.answered.add(step.predict.question); host.guess?.(step, choice); },
      goOn: (step, choice) => { this.answered.add(step.predict.question); this.go(...this.wanted, choice); },
    });
    this.pointing = new Pointing({ pictures: () => this.shownPictures(), open: host.open });
    this.legend = new Legend();
    this.sight = new Sight((one) => { if (one === element) this.fetch(); });
    this.process = make("select", { class: "gk-whose" });
    this.process.addEventListener("change", () => this.show());
    this.processRow = labelled("Process", this.process);
    this.shown = make("fieldset", { class: "gk-row gk-shown" });
    this.size = make("select", { class: "gk-size" }, ...[["1", "page"], ["1.5", "lecture room"], ["2", "large hall"]].map(([value, words]) => make("option", { value }, words)));
    this.size.addEventListener("change", () => this.resize());
    this.waiting = make("p", { class: "gk-waiting", role: "status" });
    this.board = make("div", { class: "gk-board" });
    element.classList.add("gk-stage");
    set(element, { role: "group" });
    element.replaceChildren(this.transport.element, this.ask.element, this.say.element, this.waiting,
      make("div", { class: "gk-row gk-options" }, this.transport.stepRow, this.processRow, this.pointing.element,
        make("details", { class: "gk-view-options" }, make("summary", {}, "View"),
          make("div", { class: "gk-row" }, this.shown, labelled("Size for", this.size)))),
      this.pointing.words, this.board, this.legend.element);
    element.addEventListener("keydown", (event) => this.key(event));
  }

  // Show other films: one, or two with (`pairs`) the place in the second for each of the first.
  open(films, { pairs, place, unit, names, samples }) {
    this.films = films;
    this.pairs = pairs;
    this.legend.samples = samples || this.legend.samples;
    set(this.element, { "aria-label": `Explorer: ${films[0].head.title || "one moment"}` });
    this.transport.pause();
    this.say.forgetHeight();
    this.build(names);
    this.place = 0;
    this.delta = null;
    this.go(place, unit);
  }

  build(names) {
    const { views } = this.films[0].head;
    const layout = JSON.stringify([views, this.films.length, names]);
    if (layout === this.layout) return;
    this.layout = layout;
    const both = (view) => this.films.map((_, i) => new Picture(view.name, view.title, names[i]));
    this.pictures = views.map(both);
    this.names = names;
    this.facts = this.films.map((_, i) => new Facts(names[i]));
    this.events = new Events((place, unit) => this.go(place, unit));
    for (const picture of this.pictures.flat()) this.pointing.listen(picture.svg);
    const pair = (figures) => (figures.length > 1 ? make("div", { class: "gk-pair" }, ...figures) : figures[0]);
    const pictures = this.pictures.map((pictures) => pair(pictures.map((p) => p.figure)));
    const facts = pair(this.facts.map((f) => f.element));
    this.board.replaceChildren(make("div", { class: "gk-pictures" }, ...pictures),
      make("div", { class: "gk-texts" }, facts, this.events.element, this.say.source.element));
    this.board.toggleAttribute("data-pair", this.films.length > 1);
    this.sight.watch([this.element, ...this.pictures.flat().map(({ figure }) => figure)]);
    this.offer(views);
  }

  // A box to tick for each view.
  offer(views) {
    const boxes = [...views.map(({ name, title }) => [name, title]), ...EXTRAS].map(([name, title]) => {
      const box = make("input", { type: "checkbox", class: `gk-show-${name}`, id: unique("show") });
      box.checked = !this.hidden.has(name);
      box.addEventListener("change", () => {
        this.hidden[box.checked ? "delete" : "add"](name);
        this.show();
      });
      return make("span", { class: "gk-labelled" }, box, make("label", { for: box.id }, title));
    });
    this.shown.replaceChildren(make("legend", {}, "Show"), ...boxes);
  }

  // Go to a place; stop before a step that asks first.
  go(place, unit) {
    const film = this.films[0];
    const to = Math.max(0, Math.min(place, film.places - 1));
    const asks = to > this.place ? film.asks(this.place, to, this.answered) : null;
    if (asks) {
      this.transport.pause();
      this.wanted = [to, unit];
      this.move(asks.first, "step");
      this.ask.show(asks, this.element.contains(document.activeElement));
      return;
    }
    this.ask.element.hidden = true;
    this.move(to, unit);
  }

  move(place, unit) {
    this.delta = [this.place, place, unit];
    this.place = place;
    this.unit = unit;
    this.host.place(place, unit);
    this.show();
  }

  // Keys and words of what changed on the way here: with an event, with a step, or in one of them undone.
  changes(film, place) {
    const shot = film.shots[place];
    const none = { changed: [], words: "" };
    if (!shot) return none;
    const tell = (one, before = "") => ({ changed: one.changed, words: before + film.values[one.changes] });
    const [from, to, unit] = this.delta || [place, place, this.unit];
    if (to < from && film === this.films[0]) return this.undone(film, from, to, unit, tell) || none;
    return tell(unit === "step" && shot.step ? shot.step : shot);
  }

  undone(film, from, to, unit, tell) {
    const shot = film.shots[from];
    if (!shot) return null;
    if (unit === "step" && shot.step && film.previousStop(from) === to) return tell(shot.step, "Undone is the step. ");
    if (from - 1 === to) return tell(shot, `Undone is event ${from}. `);
    return tell(film.shots[to]);
  }

  show() {
    const film = this.films[0];
    const parts = this.inWindow(); // before anything is another: nothing need be laid out for it
    const { changed, words } = this.changes(film, this.place);
    this.transport.show(this.place, film.sentence(this.place));
    this.say.show(film, this.place, words, this.otherSays());
    this.events.show(film, this.place);
    this.showProcesses(film);
    this.pointing.showOpened(film.head.opened);
    this.showPictures(changed, parts);
    this.hide();
    this.fetch();
  }

  showProcesses(film) {
    fill(this.process, film.head.processes.map((name) => [name, name]), this.process.value || film.head.processes[0]);
    if (this.process.selectedIndex < 0) this.process.selectedIndex = 0;
    this.processRow.hidden = film.head.processes.length < 2;
  }

  // What happened last in the film beside this one, where it is something else.
  otherSays() {
    if (this.films.length < 2) return "";
    const says = this.films[1].sentence(this.placeIn(1));
    return `${this.names[1]}: ${says === this.films[0].sentence(this.place) ? "the same." : says}`;
  }

  // The place in film `i` that belongs to the reader's.
  placeIn(i) {
    return i ? this.pairs[this.place] : this.place;
  }

  // What the window shows of the pictures in sight: each pair with the part, null for all of it.
  inWindow() {
    const seen = this.pictures.filter(([{ figure }]) => this.sight.sees(figure));
    return seen.map((pair) => [pair, pair.length > 1 ? null : pair[0].inWindow()]);
  }

  showPictures(changed, parts) {
    const here = this.isHere();
    this.waiting.textContent = here ? "" : "The pictures of this place are being drawn.";
    if (!here) return;
    this.sight.draw(
      () => parts.forEach(([pair, part]) => this.showPair(pair, changed, part)),
      () => {
        this.pictures.forEach((pair) => this.showPair(pair, changed));
        this.showLegend();
        this.pointing.again();
        this.element.removeAttribute("data-drawing");
        if (this.sight.sees(this.element)) this.host.idle?.();
      },
    );
    set(this.element, { "data-drawing": true });
    this.facts.forEach((facts, i) => facts.show(this.films[i], this.placeIn(i)));
    this.showLegend();
    this.pointing.again();
  }

  showLegend() {
    this.legend.show(this.stylesInUse(), this.films.length > 1 ? [...MARKS, DIFFERS] : MARKS);
  }

  // A view of the one film, or of both; `part` of it, where given.
  showPair(pair, changed, part = null) {
    pair.forEach((picture, i) => {
      const shown = this.picture(picture, i);
      if (shown === undefined) return; // it comes in a moment, and until then the last one stays
      picture.show(this.films[i], shown, part);
      const keys = new Set(i ? this.changes(this.films[i], this.placeIn(i)).changed : changed);
      picture.mark("data-changed", (key) => keys.has(key.split("->")[0]) || [...keys].some((one) => covers(key, one)));
    });
    if (pair.length > 1) markDifferences(pair);
  }

  // What a view has to show of film `i`.
  picture({ view }, i) {
    return this.films[i].picture(this.placeIn(i), view, this.process.value);
  }

  stylesInUse() {
    const shown = this.pictures.flatMap((pair) => pair.map((one, i) => (this.hidden.has(one.view) ? null : this.picture(one, i))));
    return new Set(shown.flatMap((picture) => picture?.styles || []));
  }

  hide() {
    for (const { figure, view } of this.pictures.flat()) figure.hidden = this.hidden.has(view);
    for (const facts of this.facts) facts.element.hidden = facts.empty || this.hidden.has("facts");
    if (this.hidden.has("events")) this.events.element.hidden = true;
    if (this.hidden.has("source")) this.say.source.element.hidden = true;
    for (const pair of this.board.querySelectorAll(".gk-pair")) pair.hidden = [...pair.children].every((one) => one.hidden);
  }

  shownPictures() {
    return (this.pictures || []).flat().filter(({ view }) => !this.hidden.has(view));
  }

  // Ask for pictures that are missing: those of this place now, others while somebody looks.
  fetch() {
    const here = this.films.findIndex((film, i) => !film.has(this.placeIn(i)));
    if (here >= 0) this.host.shots(here, this.placeIn(here), true);
    else if (this.sight.sees(this.element)) this.fetchOthers();
  }

  fetchOthers() {
    const missing = this.films.map((film, i) => film.missing(this.placeIn(i)));
    const first = missing.findIndex((place) => place >= 0);
    if (first >= 0) this.host.shots(first, missing[first], false);
  }

  // Batches have come. What is about to be drawn anyway is not drawn for them.
  add(batches) {
    const had = this.films.every((film, n) => film.complete(this.placeIn(n)));
    const awaits = this.isHere() && this.sight.pending;
    addTo(this.films, batches);
    if (had || awaits) this.fetch();
    else this.show();
  }

  // Whether there are pictures of the reader's place, at least those that come first.
  isHere() {
    return this.films.every((film, i) => film.has(this.placeIn(i)));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, pre")) return;
    if (event.key === "Escape") this.pointing.hold("");
    else if (!this.transport.key(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  resize() {
    this.element.style.setProperty("--gk-zoom", this.size.value);
    this.say.forgetHeight();
  }
}

// Mark what the two pictures of a pair do not have alike.
function markDifferences(pair) {
  const [left, right] = pair.map((picture) => new Map(picture.things().map(({ key, markup }) => [key, markup])));
  pair[0].mark("data-differs", (key) => left.has(key) && left.get(key) !== right.get(key));
  pair[1].mark("data-differs", (key) => right.has(key) && right.get(key) !== left.get(key));
}
