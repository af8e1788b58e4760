// Where the page has the films of an explorer, put the live view in the place of its still steps.

const HIDDEN = document.currentScript.dataset.hidden.split(" ");

function choice(name, films, choose) {
  const row = document.createElement("fieldset");
  row.className = "gk-films-row";
  row.append(Object.assign(document.createElement("legend"), { textContent: "The call" }));
  films.forEach((film, number) => {
    const label = document.createElement("label");
    const button = Object.assign(document.createElement("input"), { type: "radio", name, checked: !number });
    button.addEventListener("change", () => choose(number));
    label.append(button, ` ${film.name}`);
    row.append(label);
  });
  return row;
}

// The live view's headings stand below whatever heading the page has: the third level skips none.
function level(element) {
  const tell = () => element.querySelectorAll("h4:not([aria-level])").forEach((h) => h.setAttribute("aria-level", 3));
  new MutationObserver(tell).observe(element, { childList: true, subtree: true });
  tell();
}

document.querySelectorAll("script.gk-films").forEach((script, number) => {
  const films = JSON.parse(script.textContent);
  const element = document.createElement("div");
  let shown = 0;
  const open = (told) => gupkitStage(element, { ...told, hidden: HIDDEN });
  let stage = open(films[0].told);
  const choose = (other) => {
    const place = films[shown].places[other][stage.place];
    stage.transport.pause();
    stage = open({ ...films[other].told, place });
    shown = other;
  };
  level(element);
  element.setAttribute("aria-label", `Explorer: ${films[0].told.films[0].title}`);
  const still = script.parentElement.querySelector(".gk-still");
  const title = still.querySelector(".gk-name");
  const about = still.querySelector("details.gk-about");
  still.replaceWith(title, ...(about ? [about] : []));
  if (films.length > 1) script.before(choice(`films-${number}`, films, choose));
  script.before(element);
});
