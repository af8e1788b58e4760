// The two ways in: a widget that asks Python for films, and a page that has its films in itself.

const PAUSE = 40; // ms that a background request for pictures waits, so that what the reader does goes first
const STILL = 800; // ms that the first of a film waits: who switches one thing often switches the next
const LOOKING = 150; // ms that the reader looks before what they may choose next is asked for, and between two such
const TELLING = 80; // ms between two tellings of the place to Python: scrubbing moves faster than that

// Asks for batches of places: one request at a time, but one for the place the reader is at goes out at once.
class Requests {
  constructor(send) {
    this.send = send;
    this.stop();
  }

  ask(i, first, urgent) {
    const wanted = `${i}:${first}`;
    if (this.open === wanted || (this.open && !urgent)) return;
    this.open = wanted;
    clearTimeout(this.later);
    const send = () => {
      this.sent = true;
      this.send({ want: "shots", film: i, first });
    };
    this.later = setTimeout(send, urgent ? 0 : this.pause);
  }

  // A batch has come, which may be one that nobody asked for.
  came() {
    if (!this.sent) return;
    this.sent = false;
    this.open = "";
    this.pause = PAUSE;
  }

  // Another film: what was asked of the last one is not wanted any more.
  stop() {
    clearTimeout(this.later);
    this.sent = false;
    this.open = "";
    this.pause = STILL;
  }
}

function render({ model, el }) {
  let run = -1;
  const values = []; // what was told once and is only named by number since, in whichever film
  const told = new Map(); // number of a run: its films, whether they are shown, were, or may be
  const requests = new Requests((message) => model.send({ ...message, run }));
  const host = {
    shots: (i, first, urgent) => requests.ask(i, first, urgent),
    place: () => tell(),
    strike: ({ at, nth }) => model.send({ do: "strike", at, nth }),
    guess: (step, choice) => model.send({ do: "guess", step: step.index, choice }),
    open: (key) => model.send({ do: "open", key }),
    idle: () => askAhead(),
  };
  const stage = new Stage(el, host);
  let telling = 0;
  let asking = 0;
  const tellNow = () => {
    clearTimeout(telling);
    telling = 0;
    model.set("place", stage.place);
    model.set("unit", stage.unit);
    model.save_changes();
  };
  // Also while the reader moves on and on: a toggle that is pressed then must keep the place.
  const tell = () => { telling = telling || setTimeout(tellNow, TELLING); };
  // What the reader may choose next is told of ahead, one choice at a time, while nothing else goes on.
  const askAhead = () => {
    clearTimeout(asking);
    asking = setTimeout(() => model.send({ want: "ahead" }), LOOKING);
  };
  const keep = (message) => {
    if (message.afresh) {
      values.length = 0;
      told.clear();
    }
    const { pairs, names, forgets } = message;
    for (const other of forgets) told.delete(other);
    told.set(message.run, { films: message.films.map((head) => new Film(head, values)), pairs, names });
  };
  const heard = (message) => {
    if (message.films) keep(message);
    const of = told.get(message.run);
    if (!of) return;
    if (message.place !== undefined) {
      addTo(of.films, message.batches);
      requests.stop();
      ({ run } = message);
      stage.open(of.films, { ...of, ...message });
    } else if (message.run === run) {
      requests.came();
      stage.add(message.batches);
    } else {
      addTo(of.films, message.batches);
      askAhead();
    }
  };
  const moved = () => {
    if (model.get("place") !== stage.place && stage.films.length) stage.go(model.get("place"), model.get("unit"));
  };
  model.on("msg:custom", heard);
  model.on("change:place", moved);
  model.send({ want: "film" });
  return () => {
    requests.stop();
    clearTimeout(telling);
    clearTimeout(asking);
    stage.transport.pause();
    model.off("msg:custom", heard);
    model.off("change:place", moved);
  };
}

// A page of its own: everything is here, nobody is asked. `message.hidden`: the views that it begins without.
export function open(element, message) {
  const stage = new Stage(element, { shots: () => {}, place: () => {} });
  if (message.hidden) stage.hidden = new Set(message.hidden);
  const films = message.films.map((head) => new Film(head));
  addTo(films, message.batches);
  stage.open(films, message);
  return stage;
}

export default { render };
