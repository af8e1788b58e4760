// Making elements.

let made = 0;
const unique = (name) => `gk-${name}-${++made}`;

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

// What can have the focus: JupyterLab must not take its keys for commands of the notebook.
const CONTROLS = ["button", "select", "input", "summary", "pre"];

function make(name, attributes = {}, ...children) {
  const element = set(document.createElement(name), attributes);
  if (CONTROLS.includes(name)) set(element, { "data-lm-suppress-shortcuts": "true" });
  element.append(...children);
  return element;
}

// Flags joined by | may be parted there, rather than anywhere, where a line is too short for them.
function partable(words) {
  return words.split(/(?<=\|)/).flatMap((part, i) => (i ? [make("wbr"), part] : [part]));
}

function button(words, sign, name, act) {
  const icon = make("span", { "aria-hidden": "true" }, `${sign} `);
  const made = make("button", { type: "button", class: `gk-${name}` }, icon, words);
  made.addEventListener("click", act);
  return made;
}

function labelled(words, control) {
  control.id = control.id || unique("control");
  return make("span", { class: "gk-labelled" }, make("label", { for: control.id }, words), control);
}

// Give a <select> its options ([value, words] each) and choose one, without touching what is already so.
function fill(select, options, value) {
  const now = JSON.stringify(options);
  if (select.dataset.options !== now) {
    select.replaceChildren(...options.map(([one, words]) => make("option", { value: one }, words)));
    select.dataset.options = now;
  }
  select.value = String(value);
}
