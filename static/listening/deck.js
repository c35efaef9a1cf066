// What plays: one sound at a time. Another one can take over at the same place without a gap (ITU-R BS.1534).

const FADE = 0.008; // seconds: a change in the middle of a sound without a click

export class Deck {
  // together: sounds share one place, and begin again at their end.
  constructor(together) {
    this.together = together;
    this.player = null; // the one that plays
    this.place = 0; // seconds, where the last one stopped
  }

  // at: seconds; left out, it goes on where the sound, or what played before it, stopped.
  play(player, at) {
    this.pause();
    at ??= this.together ? this.place : player.place;
    if (this.together && this.last !== player) this.last?.rewind();
    const context = this.open(player.buffer.sampleRate);
    const source = new AudioBufferSourceNode(context, { buffer: player.buffer, loop: this.together });
    const gain = new GainNode(context);
    this.from = at < player.buffer.duration - FADE ? at : 0;
    this.began = context.currentTime;
    if (this.from) {
      gain.gain.setValueAtTime(0, this.began);
      gain.gain.linearRampToValueAtTime(1, this.began + FADE);
    }
    source.connect(gain).connect(context.destination);
    source.start(this.began, this.from);
    source.onended = () => { if (this.source === source) this.pause(); };
    Object.assign(this, { player, source, gain, last: player });
    player.started();
  }

  pause() {
    if (!this.player) return;
    const { player, source, gain, from, reached, position } = this;
    const now = this.context.currentTime;
    gain.gain.setValueAtTime(1, now);
    gain.gain.linearRampToValueAtTime(0, now + FADE);
    source.stop(now + FADE);
    this.player = this.source = null;
    this.place = position;
    player.stopped(from, reached, position);
  }

  // Seconds into the sound, counted on where it has begun again; it stands still while nothing comes out.
  get reached() {
    const to = this.from + this.context.currentTime - this.began;
    return this.together ? to : Math.min(to, this.player.buffer.duration);
  }

  get position() {
    const { duration } = this.player.buffer;
    return this.together ? this.reached % duration : this.reached < duration ? this.reached : 0;
  }

  // At the sounds' own rate: nothing is resampled before the browser's own output.
  open(sampleRate) {
    if (!this.context) {
      // A phone that is silenced for calls would silence the test as well.
      if (navigator.audioSession) navigator.audioSession.type = "playback";
      this.context = new AudioContext({ sampleRate });
      this.context.onstatechange = () => { if (this.context.state === "interrupted") this.pause(); };
    }
    if (this.context.state !== "running") this.context.resume();
    return this.context;
  }
}
