// One picture: an <svg> whose shapes are kept, moved, made or removed as the next picture has it, and marked.

const SVG = "http://www.w3.org/2000/svg";
const templates = new Map();
const AROUND_WINDOW = 200; // px around the window in which shapes are drawn at once: what is above may grow

function makeShape(markup) {
  if (!templates.has(markup)) {
    const holder = document.createElementNS(SVG, "svg");
    holder.innerHTML = markup;
    templates.set(markup, holder.firstElementChild);
  }
  return templates.get(markup).cloneNode(true);
}

class Picture {
  // `side` names the film where there are two.
  constructor(view, title, side) {
    this.view = view;
    this.side = side ? `${side}: ` : "";
    this.figure = make("figure", { class: "gk-view", "data-view": view });
    this.heading = make("figcaption", {}, this.side + title);
    this.svg = document.createElementNS(SVG, "svg");
    this.list = make("ul", { id: unique("words") });
    this.words = make("details", { class: "gk-words" }, make("summary", {}, "In words"), this.list);
    set(this.svg, { class: "gk-svg gk-live", role: "img", "aria-describedby": this.list.id });
    this.figure.append(this.heading, this.svg, this.words);
    this.nodes = [];
  }

  // From where to where, from its top on and in its own px, the window shows it; null: nothing is known of that.
  inWindow() {
    const { top, width } = this.svg.getBoundingClientRect();
    const scale = this.shown && width / this.shown.box[1];
    return scale ? [-top / scale, (window.innerHeight - top) / scale] : null;
  }

  // Show `picture` of `film`; null: there is none here. `part`: from where to where, for now; null: all of it.
  show(film, picture, part = null) {
    this.svg.style.display = picture ? "" : "none";
    if (picture === this.shown && (!picture || this.whole || part)) return;
    this.whole = !part;
    if (picture === this.shown) {
      this.place(film.values, picture.shapes, () => true);
      return;
    }
    this.shown = picture;
    if (!picture) {
      this.list.replaceChildren(make("li", {}, "Not there yet, or no longer."));
      this.nodes = [];
      this.svg.replaceChildren();
      return;
    }
    const title = film.values[picture.title];
    const [top, width, height] = picture.box;
    set(this.svg, { viewBox: `0 ${top} ${width} ${height}`, "aria-label": this.side + title });
    this.svg.style.setProperty("--gk-width", `${width}px`);
    this.heading.textContent = this.side + title;
    this.list.replaceChildren(...picture.words.map((number) => make("li", {}, film.values[number])));
    const [from, to] = part || [-Infinity, Infinity];
    this.place(film.values, picture.shapes, (y) => from - AROUND_WINDOW < y - top && y - top < to + AROUND_WINDOW);
  }

  // Bring the shapes into the <svg>, new ones where `near(y)`, lines always as one may come from afar. Those that are
  // there already stay the same elements.
  place(values, shapes, near) {
    const spare = new Map();
    for (const node of this.nodes) {
      if (!spare.has(node.markup)) spare.set(node.markup, []);
      spare.get(node.markup).push(node);
    }
    this.nodes = [];
    let before = null;
    for (let i = 0; i < shapes.length; i += 3) {
      const markup = values[shapes[i]];
      const kept = spare.get(markup)?.shift();
      if (!kept && !near(shapes[i + 2]) && !markup.includes("<polyline class=\"e\"")) continue;
      const node = kept || { markup, element: makeShape(markup) };
      moveTo(node, shapes[i + 1], shapes[i + 2]);
      const follows = before ? before.nextSibling : this.svg.firstChild;
      if (follows !== node.element) this.svg.insertBefore(node.element, follows);
      before = node.element;
      this.nodes.push(node);
    }
    for (const nodes of spare.values()) for (const { element } of nodes) element.remove();
  }

  // Mark with attribute `name` every shape whose key `chosen(key)` says yes to; returns how many there are.
  mark(name, chosen) {
    let marked = 0;
    for (const { element } of this.nodes) {
      const yes = Boolean(element.dataset.key) && chosen(element.dataset.key);
      if (yes) marked += 1;
      if (yes !== element.hasAttribute(name)) element.toggleAttribute(name, yes);
    }
    return marked;
  }

  // Key and markup of everything that is not a line.
  things() {
    return this.nodes.filter(({ element }) => element.dataset.key && !element.dataset.key.includes("->"))
      .map(({ element, markup }) => ({ key: element.dataset.key, element, markup }));
  }

  lines() {
    return this.nodes.map(({ element }) => element.dataset.key || "").filter((key) => key.includes("->"));
  }
}

function moveTo(node, x, y) {
  if (node.x === x && node.y === y) return;
  node.x = x;
  node.y = y;
  node.element.setAttribute("transform", `translate(${x} ${y})`);
}
