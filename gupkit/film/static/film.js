// The data of one trace: what is told of every place, and the pictures of those places that have come so far.

const LATER = -2; // in the place of a picture's number: it has not come yet

class Film {
  // `values` is what films before this one have told.
  constructor(head, values = []) {
    this.head = head;
    this.values = values;
    this.learn(head.values);
    this.places = head.places;
    this.shots = new Array(head.places);
    this.pictures = new Map();
    this.stops = [0, ...head.steps.filter((s) => s.last > s.first).map((s) => s.last)];
    this.lenses = this.lensNames();
  }

  // Takes in values that pictures and sentences name by number.
  learn(values) {
    for (const value of values) this.values.push(value);
  }

  // Takes in a batch of places with the pictures that come first in it.
  add(batch) {
    this.learn(batch.values);
    for (const [number, picture] of Object.entries(batch.pictures)) {
      if (picture.like) {
        const [other, head, tail] = picture.like;
        const like = this.pictures.get(other).shapes;
        picture.shapes = [...like.slice(0, head), ...picture.shapes, ...like.slice(like.length - tail)];
      }
      this.pictures.set(Number(number), picture);
    }
    batch.shots.forEach((shot, i) => this.take(batch.first + i, shot));
  }

  // A place, which may have come in part before.
  take(place, shot) {
    const before = this.shots[place]?.views;
    if (before) shot.views = shot.views.map((number, i) => (number === LATER ? before[i] : number));
    this.shots[place] = shot;
  }

  // The names of the pictures of a shot, in their order.
  lensNames() {
    const ofProcess = ["page_table", "vma_strip"];
    return this.head.views.flatMap(({ name }) =>
      ofProcess.includes(name) ? this.head.processes.map((p) => `${name}:${p}`) : [name]);
  }

  has(place) {
    return this.shots[place] !== undefined;
  }

  complete(place) {
    return this.has(place) && !this.shots[place].views.includes(LATER);
  }

  // The place after `from` (or, past the end, before it) whose pictures have not come; -1 when all are here.
  missing(from) {
    for (let place = from; place < this.places; place++) if (!this.has(place)) return place;
    for (let place = 0; place < from; place++) if (!this.has(place)) return place;
    return -1;
  }

  // The picture of a view at a place; null where there is none, undefined where it has not come yet.
  picture(place, view, process) {
    if (!this.has(place)) return undefined;
    const lens = this.lenses.includes(view) ? view : `${view}:${process}`;
    const at = this.lenses.indexOf(lens);
    const number = at < 0 ? -1 : this.shots[place].views[at];
    if (number === LATER) return undefined;
    return number < 0 ? null : this.pictures.get(number);
  }

  // What happened last at a place: sentence, function, line of the simulator, task, clock, depth, kind.
  event(place) {
    if (place < 1) return null;
    const [say, name, where, task, clock, depth, kind] = this.head.events[place - 1];
    const of = (number) => this.values[number];
    return { say: of(say), name: of(name), where: of(where), task: of(task), clock, depth, kind };
  }

  sentence(place) {
    return place < 1 ? this.head.nothing : this.event(place).say;
  }

  // The innermost step that a place belongs to.
  step(place) {
    const around = this.head.steps.filter((s) => s.first < place && place <= s.last);
    return around.sort((a, b) => a.last - a.first - (b.last - b.first))[0] || null;
  }

  heading(place) {
    const total = this.head.steps.length;
    const step = this.step(place);
    if (step) return `Step ${step.index + 1} of ${total}: ${step.words}`;
    if (!total) return "";
    return `${place ? "After the last" : "Before the first"} of ${total} step${total === 1 ? "" : "s"}`;
  }

  nextStop(place) {
    return this.stops.find((stop) => stop > place) ?? this.places - 1;
  }

  previousStop(place) {
    return this.stops.findLast((stop) => stop < place) ?? 0;
  }

  // The first step between two places that asks a question nobody has answered; null if there is none.
  asks(from, to, answered) {
    const asking = this.head.steps.filter((s) => s.predict && s.last > s.first && s.first < to && s.first >= from);
    return asking.find((s) => !answered.has(s.predict.question)) || null;
  }
}

// Gives batches, [number of the film, batch] each, to their films.
function addTo(films, batches) {
  for (const [i, batch] of batches) films[i].add(batch);
}
