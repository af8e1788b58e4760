// Pointing at a thing: it is marked in every picture, and what has to do with it, more lightly.

// Keys of boxes that can be opened; one for pins says only how many there are.
const OPENS = /^(pte|vma|frame|table):.*\+/;

class Pointing {
  // `pictures()` are those on the page; `open(key)` asks for what a folded box holds, where somebody can be asked.
  constructor({ pictures, open }) {
    Object.assign(this, { pictures, open, held: "", key: "" });
    this.select = make("select", { class: "gk-point-at" });
    this.select.addEventListener("focus", () => this.list());
    this.select.addEventListener("change", () => this.hold(this.select.value));
    this.words = make("p", { class: "gk-pointed" });
    this.opener = button("Open what is folded", "+", "open", () => this.open(this.held));
    this.folder = button("Fold again", "−", "fold", () => this.open(""));
    this.folder.hidden = true;
    this.element = make("div", { class: "gk-row gk-point" }, labelled("Point at", this.select), this.opener, this.folder);
    fill(this.select, [["", "nothing"]], "");
    this.offer(false);
  }

  listen(svg) {
    const under = (event) => event.target.closest("[data-key]")?.dataset.key || "";
    svg.addEventListener("pointerover", (event) => this.at(under(event)));
    svg.addEventListener("pointerleave", () => this.at(""));
    svg.addEventListener("click", (event) => this.hold(under(event) === this.held ? "" : under(event)));
    svg.addEventListener("dblclick", (event) => { if (this.open && OPENS.test(under(event))) this.open(under(event)); });
  }

  // The pointer is over a thing, or (empty) over none: then what is held is marked again.
  at(key) {
    const wanted = key.split("->")[0] || this.held;
    if (wanted !== this.key) this.mark(wanted);
  }

  // Keep a thing marked until another is chosen.
  hold(key) {
    this.held = key.split("->")[0];
    this.list();
    this.mark(this.held);
  }

  // `opened`: how many boxes are open now.
  showOpened(opened) {
    this.folder.hidden = !this.open || !opened;
  }

  // Mark again after the pictures changed.
  again() {
    this.mark(this.key);
  }

  mark(key) {
    this.key = key;
    const all = this.pictures();
    const friends = key ? related(key, all.flatMap((picture) => picture.lines())) : new Set();
    const same = (one) => one === key || covers(one, key) || covers(key, one);
    let found = 0;
    for (const picture of all) {
      found += picture.mark("data-on", (one) => Boolean(key) && same(one));
      picture.mark("data-near", (one) => friends.has(one) && !same(one));
    }
    this.tell(key, found);
  }

  tell(key, found) {
    const thing = this.pictures().flatMap((picture) => picture.things()).find((one) => one.key === key);
    const words = thing?.element.querySelector("title")?.textContent || key;
    this.words.textContent = !key ? "" : found ? words : `${key} is not there now.`;
    this.offer(OPENS.test(this.held) && found);
  }

  // The button keeps its place when it is not offered: pictures must not move away from under the pointer.
  offer(yes) {
    this.opener.hidden = !this.open;
    this.opener.toggleAttribute("data-off", !yes);
  }

  // Everything that can be pointed at, by picture, for those who do not use a pointer.
  list() {
    const options = new Map([["", "nothing"]]);
    for (const picture of this.pictures()) {
      for (const { key, element } of picture.things()) {
        if (!options.has(key)) options.set(key, `${key} ${shortLabel(element)}`.trim());
      }
    }
    if (this.held && !options.has(this.held)) options.set(this.held, `${this.held} (not there now)`);
    fill(this.select, [...options], this.held);
  }
}

function shortLabel(element) {
  const lines = [...element.querySelectorAll("text")].map((text) => text.textContent);
  return lines.length ? `(${lines.join(", ")})` : "";
}
