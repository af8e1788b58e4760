// What the reader has before their eyes is drawn at once, the rest when that is on the screen.

const REST = 30; // ms after the frame: what came with the picture goes first

class Sight {
  // `came(element)` is called when one comes into sight.
  constructor(came) {
    this.out = new Set();
    this.pending = false; // whether the rest is still to be drawn
    this.observer = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) this.out.add(target);
        else if (this.out.delete(target)) came(target);
      }
    });
  }

  // From now on it is these that may be in sight.
  watch(elements) {
    this.observer.disconnect();
    this.out.clear();
    for (const element of elements) this.observer.observe(element);
  }

  // Whether something is, as far as is known.
  sees(element) {
    return !this.out.has(element);
  }

  // `first()` now, `rest()` when the frame that shows it is on the screen, unless `draw` is called again before.
  draw(first, rest) {
    clearTimeout(this.later);
    cancelAnimationFrame(this.frame);
    this.pending = true;
    first();
    const end = () => {
      this.pending = false;
      rest();
    };
    this.frame = requestAnimationFrame(() => { this.later = setTimeout(end, REST); });
  }
}
