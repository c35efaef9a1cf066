// One sound on the page: fetched, drawn, played; it knows how much of it was heard.

import { download } from "./download.js";
import { covered, within } from "./heard.js";
import { open } from "./wav.js";
import { Wave } from "./wave.js";

export class Player {
  // enough, tolerance: seconds that make a sound count as heard, and what may be missing of them.
  constructor(section, deck, enough, tolerance) {
    Object.assign(this, { section, deck, enough, tolerance });
    this.letter = section.dataset.letter;
    this.before = Number(section.dataset.heard); // seconds heard before this page was loaded
    this.place = 0;
    this.stretches = [];
    this.button = section.querySelector(".play");
    this.said = section.querySelector(".said");
    this.retry = section.querySelector(".retry");
    this.wave = new Wave(section.querySelector(".wave"));
    this.onchange = () => {};
    this.button.addEventListener("click", () => this.toggle());
    this.retry.addEventListener("click", () => location.replace(section.closest("form").dataset.next));
    section.querySelector(".wave").addEventListener("click", (event) => this.seek(event));
  }

  async load() {
    const { dataset } = this.section;
    try {
      const bytes = await download(dataset.audio, {
        progress: (share) => this.say(`${dataset.loading} ${Number.isNaN(share) ? "" : `${Math.floor(100 * share)} %`}`),
        broken: () => this.say(dataset.broken, true),
      });
      this.opened(open(bytes));
    } catch {
      this.say(dataset.gone, true);
      this.retry.hidden = false;
    }
  }

  opened({ buffer, samples }) {
    this.buffer = buffer;
    this.button.disabled = false;
    this.section.classList.add("ready");
    this.wave.draw(samples);
    this.show();
    this.onchange(this);
  }

  get loaded() { return Boolean(this.buffer); }
  get playing() { return this.deck.player === this; }

  get heard() {
    if (!this.loaded) return this.before;
    const { from, reached } = this.playing ? this.deck : { from: 0, reached: 0 };
    return Math.max(this.before, covered([...this.stretches, ...within(from, reached, this.buffer.duration)]));
  }

  get heardEnough() {
    return this.loaded && this.heard >= Math.min(this.enough, this.buffer.duration) - this.tolerance / 2;
  }

  toggle() {
    if (!this.loaded) return;
    if (this.playing) this.deck.pause(); else this.deck.play(this);
  }

  seek(event) {
    if (!this.loaded) return;
    const box = event.currentTarget.getBoundingClientRect();
    this.deck.play(this, ((event.clientX - box.left) / box.width) * this.buffer.duration);
  }

  started() {
    const follow = () => { this.show(); if (this.playing) requestAnimationFrame(follow); };
    follow();
  }

  stopped(from, reached, position) {
    this.stretches.push(...within(from, reached, this.buffer.duration));
    this.place = position;
    this.show();
    this.onchange(this);
  }

  rewind() {
    this.place = 0;
    this.show();
  }

  show() {
    const { dataset, classList } = this.section, position = this.playing ? this.deck.position : this.place;
    this.wave.move(position / this.buffer.duration);
    classList.toggle("playing", this.playing);
    this.button.setAttribute("aria-label", this.playing ? dataset.pause : dataset.play);
    this.say(this.heardEnough ? dataset.done : this.heard > 0 ? dataset.partly : dataset.unheard);
    if (this.heardEnough && !classList.contains("heard")) {
      classList.add("heard");
      this.onchange(this);
    }
  }

  say(text, warn = false) {
    if (this.said.textContent !== text) this.said.textContent = text;
    this.said.classList.toggle("warn", warn);
  }
}
