// What the reader has before their eyes is drawn at once, the rest when that is on the screen.

const LATER = 30; // ms after the frame: what came with the picture goes first

class Sight {
  // `came(element)` is called when one comes into sight.
  constructor(came) {
    this.out = new Set();
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

  // `draw(one)` for each of `all`; `element(one)` is where it is drawn. Afterwards, where some had to wait: `done()`.
  draw(all, element, draw, done) {
    clearTimeout(this.later);
    cancelAnimationFrame(this.frame);
    const waiting = all.filter((one) => !this.sees(element(one)));
    for (const one of all) if (!waiting.includes(one)) draw(one);
    if (!waiting.length) return;
    const rest = () => { waiting.forEach(draw); done(); };
    this.frame = requestAnimationFrame(() => { this.later = setTimeout(rest, LATER); });
  }
}
