// Going through time: buttons, the timeline with its slider, and playing.

const SPEEDS = [0.5, 1, 2, 4, 8, 16];
const KEYS = {
  ArrowLeft: "event-back", ArrowRight: "event-forward", PageUp: "step-back", PageDown: "step-forward",
  Home: "first", End: "last",
};

class Transport {
  // `go(place, unit)` moves the reader; `at()` tells where the reader is, `film()` the film.
  constructor({ go, at, film, strike }) {
    Object.assign(this, { go, at, film, strike });
    this.timer = null;
    this.buttons = this.makeButtons();
    this.speed = make("select", {}, ...SPEEDS.map((s) => make("option", { value: s }, `${s} a second`)));
    this.speed.value = "2";
    this.speed.addEventListener("change", () => { if (this.timer) this.play(); });
    this.steps = make("select", { class: "gk-goto-step" });
    this.steps.addEventListener("change", () => this.go(Number(this.steps.value), "step"));
    this.slider = make("input", { type: "range", min: 0, class: "gk-slider", id: unique("slider") });
    this.slider.addEventListener("input", () => this.scrub());
    this.timeline = new Timeline(this);
    this.stepRow = labelled("Step", this.steps);
    this.element = make("div", { class: "gk-transport", role: "group", "aria-label": "Time" },
      make("div", { class: "gk-row" }, ...Object.values(this.buttons), labelled("Speed", this.speed)),
      this.timeline.element);
  }

  makeButtons() {
    const made = {};
    const add = (name, words, sign, act) => { made[name] = button(words, sign, name, act); };
    add("first", "First", "|◀", () => this.move("first"));
    add("step-back", "Step back", "◀◀", () => this.move("step-back"));
    add("event-back", "Event back", "◀", () => this.move("event-back"));
    add("play", "Play", "▷", () => (this.timer ? this.pause() : this.play()));
    add("event-forward", "Event forward", "▶", () => this.move("event-forward"));
    add("step-forward", "Step forward", "▶▶", () => this.move("step-forward"));
    add("last", "Last", "▶|", () => this.move("last"));
    return made;
  }

  move(name) {
    this.pause();
    const [film, place] = [this.film(), this.at()];
    const to = {
      first: [0, "step"], last: [film.places - 1, "step"],
      "event-back": [place - 1, "event"], "event-forward": [place + 1, "event"],
      "step-back": [film.previousStop(place), "step"], "step-forward": [film.nextStop(place), "step"],
    }[name];
    this.go(Math.max(0, Math.min(to[0], film.places - 1)), to[1]);
  }

  // The keys of the stage; true if the key was one of them.
  key(name) {
    if (!KEYS[name]) return false;
    this.move(KEYS[name]);
    return true;
  }

  // The slider may send more moves than there are frames on the screen: one a frame is enough.
  scrub() {
    this.pause();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.go(Number(this.slider.value), "event");
    });
  }

  play() {
    clearInterval(this.timer);
    if (this.at() >= this.film().places - 1) this.go(0, "step");
    this.timer = setInterval(() => this.tick(), 1000 / Number(this.speed.value));
    this.showPlaying();
  }

  tick() {
    if (!this.element.isConnected || this.at() >= this.film().places - 1) return this.pause();
    if (this.film().has(this.at() + 1)) this.go(this.at() + 1, "event");
    return undefined;
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.showPlaying();
  }

  showPlaying() {
    const [sign, words] = this.timer ? ["‖ ", "Pause"] : ["▷ ", "Play"];
    if (this.buttons.play.lastChild.textContent === words) return;
    this.buttons.play.firstChild.textContent = sign;
    this.buttons.play.lastChild.textContent = words;
  }

  show(place, words) {
    const film = this.film();
    const last = film.places - 1;
    this.element.hidden = this.stepRow.hidden = film.places < 2;
    set(this.slider, { max: last, "aria-valuetext": `Event ${place} of ${last}. ${words}` });
    this.slider.value = String(place);
    const stops = film.head.steps.filter((s) => s.last > s.first);
    const after = stops.every((s) => s.last < last) ? [[last, "after the last"]] : [];
    fill(this.steps, [[0, "before the first"], ...stops.map((s) => [s.last, `${s.index + 1}: ${s.words}`]), ...after],
      film.step(place)?.last ?? (place && last));
    for (const [name, end] of [["first", 0], ["event-back", 0], ["step-back", 0]]) this.dim(name, place === end);
    for (const name of ["last", "event-forward", "step-forward"]) this.dim(name, place === last);
    this.timeline.show(place);
  }

  // At an end a button does nothing; it stays reachable, so that the focus is not lost.
  dim(name, yes) {
    set(this.buttons[name], { "aria-disabled": yes ? "true" : null });
  }
}
