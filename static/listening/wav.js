// The test's own WAV files: the plain 44-byte header, then 16-bit samples of one channel.

const HEADER = 44, RATE_AT = 24; // bytes

export function open(bytes) {
  const samples = new Int16Array(bytes, HEADER, (bytes.byteLength - HEADER) >> 1);
  const sampleRate = new DataView(bytes).getUint32(RATE_AT, true);
  const buffer = new AudioBuffer({ length: samples.length, sampleRate });
  buffer.copyToChannel(Float32Array.from(samples, (sample) => sample / 32768), 0);
  return { buffer, samples };
}
