// A sound's bytes, however bad the connection: what is there is kept, and only the rest is asked for again.

import { pause } from "./waiting.js";

const STALLED = 10_000; // ms without a byte: the connection is dead, even if nobody says so

export class Gone extends Error {}

// Calls progress(share of 1) as bytes arrive, and broken() each time that nothing comes any more.
export async function download(address, { progress, broken }) {
  const bytes = { parts: [], have: 0, total: NaN };
  for (let tries = 0; ; tries++) {
    const before = bytes.have;
    try {
      await rest(address, bytes, progress);
      return await new Blob(bytes.parts).arrayBuffer();
    } catch (error) {
      if (error instanceof Gone) throw error;
      broken();
      if (bytes.have > before) tries = 0;
      await pause(tries);
    }
  }
}

async function rest(address, bytes, progress) {
  const abort = new AbortController();
  let watch;
  const alive = () => { clearTimeout(watch); watch = setTimeout(() => abort.abort(), STALLED); };
  alive();
  try {
    await receive(await ask(address, bytes, abort.signal), bytes, () => { alive(); progress(bytes.have / bytes.total); });
  } finally {
    clearTimeout(watch);
  }
  if (bytes.have < bytes.total) throw new Error("incomplete");
}

async function ask(address, bytes, signal) {
  // From the browser's own store where the sound was fetched ahead; the rest of one that broke is only at the server.
  const again = { headers: { Range: `bytes=${bytes.have}-` }, cache: "no-store", signal };
  const response = await fetch(address, bytes.have ? again : { signal });
  if (response.status >= 400 && response.status < 500) throw new Gone(String(response.status));
  if (!response.ok) throw new Error(String(response.status));
  if (response.status === 200) Object.assign(bytes, { parts: [], have: 0 });
  bytes.total = bytes.have + Number(response.headers.get("Content-Length") ?? NaN);
  return response.body.getReader();
}

async function receive(reader, bytes, arrived) {
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    bytes.parts.push(value);
    bytes.have += value.length;
    arrived();
  }
}
