// What is told in words: the sentence of a place, the call, the events around, the source.

const AROUND = 4;
const SIGNS = { waits: "‖ ", wakes: "» ", bug: "✗ " };

class Say {
  constructor() {
    this.where = make("span", { class: "gk-where" });
    this.by = make("span", { class: "gk-by" });
    this.sentence = make("span", { class: "gk-sentence" });
    this.changes = make("span", { class: "gk-small" });
    this.other = make("span", { class: "gk-sentence" });
    this.status = make("div", { class: "gk-line", role: "status", "aria-live": "polite", "aria-atomic": "true" },
      make("span", { class: "gk-heads" }, this.where, this.by), this.sentence, this.other, this.changes);
    this.source = new Source();
    this.note = make("p", { class: "gk-note" });
    this.element = make("div", { class: "gk-saying" }, this.status, this.note);
    this.height = 0;
    this.width = 0;
    this.observer = new ResizeObserver(() => this.keepHeight());
    this.observer.observe(this.element);
  }

  // `other`: what the film beside this one tells, empty where there is none.
  show(film, place, changes, other) {
    const last = film.places - 1;
    this.other.textContent = other;
    this.status.hidden = last < 1;
    this.where.textContent = [last ? `Event ${place} of ${last}.` : "", film.heading(place)].filter(Boolean).join(" ");
    this.sentence.textContent = film.sentence(place);
    this.changes.textContent = [changes, place === last && film.head.problem ? `The run ended early: ${film.head.problem}` : ""]
      .filter(Boolean).join(" ");
    this.by.replaceChildren(...byWhom(film.event(place)));
    const note = film.step(place)?.note;
    this.note.hidden = !note;
    this.note.replaceChildren(make("b", {}, "Note: "), note || "");
    this.source.show(film, place);
  }

  // Once high, it stays high: what stands below must not jump up and down from step to step. This is asked when
  // all is laid out: asking earlier would have it laid out once more.
  keepHeight() {
    const { offsetWidth } = this.element;
    if (offsetWidth !== this.width) this.forgetHeight(); // lines of another length
    this.width = offsetWidth;
    const height = this.element.offsetHeight;
    if (height > this.height) {
      this.height = height;
      this.element.style.minHeight = `${height}px`;
    }
  }

  forgetHeight() {
    this.height = 0;
    this.element.style.minHeight = "";
    this.observer.disconnect();
    this.observer.observe(this.element);
  }
}

// The kernel function that did it, the line of the simulator, the task and the time.
function byWhom(event) {
  if (!event) return [];
  const more = [event.where && `gupkit/${event.where}`, `by ${event.task}`, `clock ${event.clock}`].filter(Boolean);
  return [make("code", {}, event.name), ` ${more.join(", ")}`];
}

// The lines of the simulator around the one that did it.
class Source {
  constructor() {
    this.heading = make("figcaption");
    this.code = make("pre", { class: "gk-code", tabindex: 0, role: "group", "aria-label": "The simulator's source" });
    this.element = make("figure", { class: "gk-view", "data-view": "source" }, this.heading, this.code);
  }

  show(film, place) {
    const event = film.event(place);
    const lines = event && film.head.sources[event.where];
    this.element.hidden = !lines;
    if (!lines || lines === this.lines) return;
    this.lines = lines;
    this.heading.textContent = `The simulator: gupkit/${event.where}`;
    const [first, marked, text] = lines;
    const width = String(first + text.length).length;
    this.code.replaceChildren(...text.map((line, i) => {
      const here = first + i === marked;
      return make(here ? "b" : "span", {}, `${here ? "▶" : " "} ${String(first + i).padStart(width)}  ${line}\n`);
    }));
  }
}

// The call, locks and reports as a table.
class Facts {
  constructor(side) {
    this.heading = `${side ? `${side}: the` : "The"} call and the locks`;
    this.element = make("figure", { class: "gk-view gk-facts", "data-view": "facts" });
  }

  show(film, place) {
    if (!film.has(place)) return;
    const number = film.shots[place].facts;
    if (this.film === film && this.number === number) return;
    Object.assign(this, { film, number });
    const rows = film.values[number].map(([head, lines]) => make("tr", {}, make("th", { scope: "row" }, head),
      make("td", {}, ...lines.map((line) => make("div", {}, ...partable(line))))));
    this.element.replaceChildren(make("figcaption", {}, this.heading),
      make("div", { class: "gk-scroll" }, make("table", { class: "gk-call" }, make("tbody", {}, ...rows))));
    this.empty = !rows.length;
  }
}

// The events around the current one; each is a way to go there.
class Events {
  constructor(go) {
    this.go = go;
    this.list = make("ol", { class: "gk-list" });
    this.element = make("figure", { class: "gk-view gk-events", "data-view": "events" },
      make("figcaption", {}, "What happens around here"), this.list);
  }

  show(film, place) {
    const last = film.places - 1;
    this.element.hidden = last < 1;
    const first = Math.max(1, Math.min(place - AROUND, last - 2 * AROUND));
    const rows = [];
    for (let number = first; number <= Math.min(last, first + 2 * AROUND); number++) rows.push(this.row(film, number, place));
    this.list.replaceChildren(...rows);
    set(this.list, { start: first });
  }

  row(film, number, place) {
    const { say, depth, kind } = film.event(number);
    const here = number === place;
    const row = make("li", { "aria-current": here ? "step" : null, class: depth ? "gk-inside" : null },
      ...partable(`${here ? "▶ " : ""}${SIGNS[kind] || ""}${say}`));
    row.addEventListener("click", () => this.go(number, "event"));
    return row;
  }
}

// One legend for all pictures: a sample of each state that is in use, and what marks mean.
class Legend {
  constructor() {
    this.samples = {};
    this.list = make("ul", { class: "gk-legend" });
    this.element = make("details", { class: "gk-legend-box" }, make("summary", {}, "Legend"), this.list);
    this.element.open = true;
  }

  show(styles, notes) {
    const names = Object.keys(this.samples).filter((name) => styles.has(name));
    const now = JSON.stringify([names, notes]);
    if (now === this.shown) return;
    this.shown = now;
    const items = names.map((name) => {
      const item = make("li");
      item.innerHTML = this.samples[name];
      return item;
    });
    this.list.replaceChildren(...items, ...notes.map((note) => make("li", { class: "gk-legend-note" }, note)));
  }
}
