// One sound behind one button: fetched whole, so that nothing stutters, and played as often as one likes.

const WAITS = [500, 1500, 4000]; // ms before another try where the connection breaks
let playing = null; // one at a time

export class Sound {
  constructor(button, words = {}) {
    this.button = button;
    this.words = words;
    this.audio = new Audio();
    this.onready = this.onplay = this.onmove = () => {};
    button.addEventListener("click", () => this.toggle());
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.show());
  }

  async load() {
    this.button.classList.remove("broken");
    for (const wait of [...WAITS, null]) {
      try {
        return await this.open();
      } catch {
        if (wait !== null) await new Promise((done) => setTimeout(done, wait));
      }
    }
    this.button.disabled = false;
    this.button.classList.add("broken");
    this.button.setAttribute("aria-label", this.words.broken ?? this.button.dataset.play);
  }

  async open() {
    const response = await fetch(this.button.dataset.sound);
    if (!response.ok) throw new Error(response.statusText);
    this.audio.src = URL.createObjectURL(await response.blob());
    await new Promise((done, failed) => {
      this.audio.addEventListener("loadedmetadata", done, { once: true });
      this.audio.addEventListener("error", failed, { once: true });
    });
    this.button.disabled = false;
    this.show();
    this.onready();
  }

  get loaded() { return this.audio.readyState > 0; }
  get on() { return !this.audio.paused && !this.audio.ended; }

  toggle() {
    if (!this.loaded) return this.load();
    if (this.on) return this.stop();
    playing?.stop();
    playing = this;
    this.audio.currentTime = 0;
    this.audio.play().then(() => this.follow(), () => this.show());
    this.onplay();
  }

  stop() { this.audio.pause(); }

  follow() {
    this.onmove(this.on ? this.audio.currentTime : -1);
    if (this.on) requestAnimationFrame(() => this.follow());
  }

  show() {
    this.button.classList.toggle("on", this.on);
    this.button.setAttribute("aria-label", this.on ? this.button.dataset.stop : this.button.dataset.play);
  }
}
