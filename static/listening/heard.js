// How much of a sound was played: stretches in seconds, each moment counted once.

// A stretch that may run past the end of a sound, as stretches within it.
export function within(from, to, duration) {
  if (to - from >= duration) return [[0, duration]];
  if (to <= duration) return [[from, to]];
  return [[from, duration], [0, to - duration]];
}

export function covered(stretches) {
  let sum = 0, end = 0;
  for (const [from, to] of [...stretches].sort((one, other) => one[0] - other[0])) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum;
}
