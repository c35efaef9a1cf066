// One sound: fetched once, drawn, played; it knows how much of it was heard.

import { Wave } from "./wave.js";

const WAITS = [500, 1500, 4000]; // ms before another try where the connection breaks

export class Player {
  constructor(section, enough, tolerance) {
    this.section = section;
    this.side = section.dataset.side;
    this.before = Number(section.dataset.heard); // seconds heard before this page was loaded
    this.enough = enough;
    this.tolerance = tolerance;
    this.button = section.querySelector(".play");
    this.said = section.querySelector(".said");
    this.retry = section.querySelector(".retry");
    this.wave = new Wave(section.querySelector(".wave"));
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.onchange = () => {};
    this.onplay = () => {};
    this.listen();
  }

  listen() {
    this.button.addEventListener("click", () => this.toggle());
    this.retry.addEventListener("click", () => this.load());
    this.section.querySelector(".wave").addEventListener("click", (event) => this.seek(event));
    for (const name of ["play", "pause", "ended", "timeupdate"]) {
      this.audio.addEventListener(name, () => this.show());
    }
    this.audio.addEventListener("play", () => { this.onplay(this); this.follow(); });
    for (const name of ["pause", "ended"]) this.audio.addEventListener(name, () => this.onchange(this));
  }

  async load() {
    this.retry.hidden = true;
    this.received = this.received || [];
    for (const wait of [...WAITS, null]) {
      try {
        return this.open(await this.fetchRest());
      } catch {
        if (wait === null) break;
        await new Promise((done) => setTimeout(done, wait));
      }
    }
    this.said.textContent = this.section.dataset.failed;
    this.retry.hidden = false;
  }

  get have() { return this.received.reduce((sum, chunk) => sum + chunk.length, 0); }

  // What is there already is kept: after a break the rest is asked for, not the whole again.
  async fetchRest() {
    const have = this.have;
    const headers = have ? { Range: `bytes=${have}-` } : {};
    const response = await fetch(this.section.dataset.audio, { headers, cache: "no-store" });
    if (!response.ok) throw new Error(response.statusText);
    if (response.status === 200) this.received = [];
    this.total = (response.status === 206 ? have : 0) + Number(response.headers.get("Content-Length"));
    await this.receive(response.body.getReader());
    if (this.have !== this.total) throw new Error("incomplete");
    return new Blob(this.received, { type: "audio/wav" });
  }

  async receive(reader) {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      this.received.push(value);
      this.said.textContent = `${this.section.dataset.loading} ${Math.floor((100 * this.have) / this.total)} %`;
    }
  }

  async open(blob) {
    const buffer = await blob.arrayBuffer();
    await new Promise((done, failed) => {
      this.audio.addEventListener("loadedmetadata", done, { once: true });
      this.audio.addEventListener("error", failed, { once: true });
      this.audio.src = URL.createObjectURL(blob);
    });
    this.button.disabled = false;
    this.section.classList.add("ready");
    this.wave.draw(buffer);
    this.show();
    this.onchange(this);
  }

  get loaded() { return !this.button.disabled; }
  get playing() { return !this.audio.paused && !this.audio.ended; }

  // Seconds of the sound that were played, each counted once.
  get heard() {
    let sum = 0;
    for (let i = 0; i < this.audio.played.length; i++) sum += this.audio.played.end(i) - this.audio.played.start(i);
    return Math.max(this.before, sum);
  }

  get heardEnough() {
    return this.loaded && this.heard >= Math.min(this.enough, this.audio.duration) - this.tolerance / 2;
  }

  toggle() {
    if (!this.loaded) return;
    if (this.playing) this.audio.pause(); else this.audio.play().catch(() => this.show());
  }

  pause() { this.audio.pause(); }

  seek(event) {
    if (!this.loaded) return;
    const box = event.currentTarget.getBoundingClientRect();
    this.audio.currentTime = ((event.clientX - box.left) / box.width) * this.audio.duration;
    this.show();
  }

  follow() {
    this.show();
    if (this.playing) requestAnimationFrame(() => this.follow());
  }

  show() {
    if (!this.loaded) return;
    const { dataset } = this.section;
    this.wave.move(this.audio.currentTime / this.audio.duration);
    this.section.classList.toggle("playing", this.playing);
    this.button.setAttribute("aria-label", this.playing ? dataset.pause : dataset.play);
    const text = this.heardEnough ? dataset.done : this.heard > 0 ? dataset.partly : dataset.unheard;
    if (this.said.textContent !== text) this.said.textContent = text;
    if (this.heardEnough && !this.section.classList.contains("heard")) {
      this.section.classList.add("heard");
      this.onchange(this);
    }
  }
}
