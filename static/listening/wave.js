// A sound's outline with a playhead, as SVG paths in the page's own colours.

const WIDTH = 480, HEIGHT = 80, BAR = 7; // of the drawing; BAR in pixels of the page

// Peaks 0..1 of 16-bit samples, one a bar, the highest scaled to 1.
function peaks(samples, bars) {
  const heights = new Array(bars).fill(0);
  for (let bar = 0; bar < bars; bar++) {
    const stop = Math.floor(((bar + 1) * samples.length) / bars);
    for (let i = Math.floor((bar * samples.length) / bars); i < stop; i++) {
      heights[bar] = Math.max(heights[bar], Math.abs(samples[i]));
    }
  }
  const highest = Math.max(1, ...heights);
  return heights.map((height) => height / highest);
}

export class Wave {
  constructor(svg) {
    this.svg = svg;
    this.ahead = svg.querySelector(".ahead");
    this.behind = svg.querySelector(".behind");
    this.head = svg.querySelector(".head");
  }

  draw(samples) {
    const count = Math.max(12, Math.round(this.svg.clientWidth / BAR)), step = WIDTH / count;
    this.bars = peaks(samples, count).map((peak, bar) => {
      const x = (bar + 0.5) * step, half = Math.max(1.5, (peak * (HEIGHT - 10)) / 2);
      return `M${x} ${HEIGHT / 2 - half}V${HEIGHT / 2 + half}`;
    });
    this.move(0);
  }

  // share: 0..1 of the sound that has been played.
  move(share) {
    const played = Math.round(share * this.bars.length), x = Math.min(WIDTH - 1, Math.max(1, share * WIDTH));
    this.behind.setAttribute("d", this.bars.slice(0, played).join(""));
    this.ahead.setAttribute("d", this.bars.slice(played).join(""));
    this.head.setAttribute("d", share > 0 && share < 1 ? `M${x} 0V${HEIGHT}` : "");
  }
}
