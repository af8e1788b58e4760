// A question before a step is shown: the answer is compared with what the kernel did.

class Ask {
  // `answered(question, choice)` keeps the score; `goOn()` shows the step.
  constructor({ answered, goOn }) {
    Object.assign(this, { answered, goOn });
    this.question = make("p", { class: "gk-question", id: unique("question") });
    this.choices = make("div", { class: "gk-row" });
    this.verdict = make("p", { role: "status", class: "gk-verdict" });
    this.element = make("div", { class: "gk-ask", role: "group", "aria-labelledby": this.question.id, hidden: true },
      this.question, this.choices, this.verdict);
  }

  get open() {
    return !this.element.hidden;
  }

  // `focus`: the reader is here, so the question gets the keyboard.
  show(step, focus) {
    this.step = step;
    this.told = false;
    const { question, choices } = step.predict;
    this.element.hidden = false;
    this.question.replaceChildren(make("b", {}, `Before step ${step.index + 1}: `), question);
    this.verdict.textContent = "";
    const buttons = choices.map((choice) => button(String(choice), "○", "choice", () => this.answer(String(choice))));
    this.skip = button("Show it without a guess", "»", "skip", () => this.close(null));
    this.choices.replaceChildren(...buttons, this.skip);
    if (focus) buttons[0].focus();
  }

  answer(choice) {
    if (this.told) return;
    this.told = true;
    const { answer, because, choices } = this.step.predict;
    const right = choice === String(answer);
    [...this.choices.children].slice(0, choices.length).forEach((made, i) => {
      const said = String(choices[i]);
      const sign = said === String(answer) ? "✓ " : said === choice ? "✗ " : "○ ";
      made.firstChild.textContent = sign;
      set(made, { "aria-disabled": "true" });
    });
    this.verdict.textContent = `${right ? `Right: ${answer}.` : `You said ${choice}; the answer is ${answer}.`} ${because}`;
    const on = button("Show the step", "▶", "go-on", () => this.close(choice));
    this.skip.replaceWith(on);
    on.focus();
    this.answered(this.step, choice);
  }

  close(choice) {
    this.element.hidden = true;
    this.goOn(this.step, choice);
  }
}
