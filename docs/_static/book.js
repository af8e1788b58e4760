// A part that scrolls sideways can be reached with the keyboard, and only such a part.

const PARTS = "pre, .gk-rows, .gk-still, .gk-still details, .gk-stage .gk-view, .gupkit-scene, .table-wrapper";

function reachable() {
  for (const part of document.querySelectorAll(PARTS)) {
    const scrolls = part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight;
    if (scrolls) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}

addEventListener("DOMContentLoaded", reachable);
addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);
