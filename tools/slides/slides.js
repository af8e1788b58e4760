// Start reveal.js, and make a slide that is taller than the screen smaller until it fits.

const WIDTH = 1280;
const HEIGHT = 700; // of the 720 px of a slide
const SMALLEST = 0.4;

function fit(slide) {
  let zoom = 1;
  do {
    slide.style.zoom = zoom;
    slide.style.width = `${WIDTH / zoom}px`;
    zoom -= 0.02;
  } while (slide.scrollHeight * slide.style.zoom > HEIGHT && zoom > SMALLEST);
}

// A choice that was clicked lets go of the keyboard, so that the next key goes on to the next slide.
document.addEventListener("click", (event) => {
  if (event.detail && event.target.closest("label, summary")) document.activeElement.blur();
});
for (const what of ["toggle", "click", "change", "keyup"]) {
  document.addEventListener(what, () => fit(Reveal.getCurrentSlide()), true);
}
Reveal.on("ready", (event) => fit(event.currentSlide));
Reveal.on("slidechanged", (event) => fit(event.currentSlide));

Reveal.initialize({
  width: 1280, height: 720, margin: 0.02, center: false, hash: true, slideNumber: "c/t", transition: "none",
  controlsTutorial: false, plugins: [RevealNotes],
});
