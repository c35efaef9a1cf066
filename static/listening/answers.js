// The three ways to answer: one press, sliders, a best and a worst. Each knows what is missing and what was given.

// One press answers and sends.
class Buttons {
  constructor(form) { this.all = [...form.querySelectorAll(".answer")]; }

  // heard: letters of the sounds that were heard; all: whether these are all.
  update(heard, all) { for (const one of this.all) one.disabled = !all; }
  get complete() { return true; }
  get missing() { return []; }
  given() { return {}; }
  restore() {}
}

// Sliders without a value until they are touched: where a thumb stands from the start, answers gather.
class Sliders {
  constructor(form, changed) {
    this.words = [...form.querySelectorAll(".scale li")].map((one) => one.textContent).reverse();
    this.bands = Boolean(form.querySelector(".scale.bands"));
    this.all = [...form.querySelectorAll(".slider")].map((box) => this.slider(box, changed));
  }

  slider(box, changed) {
    const range = box.querySelector("[type=range]");
    const one = { box, range, letter: box.dataset.letter, stored: box.querySelector("[type=hidden]") };
    // A press in the very middle changes nothing for the browser, but it is an answer.
    for (const name of ["input", "click"]) {
      range.addEventListener(name, () => { this.set(one, range.value); changed(); });
    }
    return one;
  }

  set(one, value) {
    const word = this.word(value);
    one.range.value = one.stored.value = value;
    one.range.setAttribute("aria-valuetext", `${value}, ${word}`);
    one.box.classList.remove("unset");
    one.box.style.setProperty("--value", value / 100);
    one.box.querySelector("output b").textContent = value;
    one.box.querySelector("output span").textContent = word;
  }

  // A band names a fifth of the scale, a point the places that are nearest to it.
  word(value) {
    const count = this.words.length;
    return this.words[this.bands ? Math.min(count - 1, Math.floor((value * count) / 100)) : Math.round((value * (count - 1)) / 100)];
  }

  update(heard) { for (const one of this.all) one.range.disabled = !heard.includes(one.letter); }
  get missing() { return this.all.filter((one) => one.stored.value === "").map((one) => one.letter); }
  get complete() { return this.missing.length === 0; }
  given() { return Object.fromEntries(this.all.filter((one) => one.stored.value).map((one) => [one.letter, one.stored.value])); }
  restore(given) { for (const one of this.all) if (one.letter in given) this.set(one, given[one.letter]); }
}

// One sound is best and another one worst: choosing it as one takes it back as the other.
class Ends {
  constructor(form, changed) {
    this.form = form;
    this.all = [...form.querySelectorAll(".end input")];
    for (const one of this.all) one.addEventListener("change", () => { this.exclude(one); changed(); });
  }

  exclude(chosen) {
    for (const one of this.all) if (one.name !== chosen.name && one.value === chosen.value) one.checked = false;
  }

  update(heard, all) { for (const one of this.all) one.disabled = !all; }
  get missing() { return []; }
  get complete() { return this.all.filter((one) => one.checked).length === 2; }
  given() { return Object.fromEntries(this.all.filter((one) => one.checked).map((one) => [one.name, one.value])); }
  restore(given) { for (const one of this.all) one.checked = given[one.name] === one.value; }
}

export function answersOf(form, changed) {
  if (form.querySelector(".answer")) return new Buttons(form);
  return form.querySelector(".slider") ? new Sliders(form, changed) : new Ends(form, changed);
}
