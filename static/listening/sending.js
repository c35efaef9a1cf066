// The vote, sent until the server has it.

import { pause } from "./waiting.js";

const PATIENCE = 20_000; // ms for one try

// True once it is stored; false where the server refuses it, and its own page should say why.
export async function send(form, unsent) {
  const body = new URLSearchParams(new FormData(form));
  for (let tries = 0; ; tries++) {
    const answer = await post(form.action, body);
    if (answer?.type === "opaqueredirect") return true;
    if (answer?.status === 409 && tries) return true; // an earlier try arrived, and only its answer was lost
    if (answer && answer.status < 500) return false;
    unsent();
    await pause(tries);
  }
}

async function post(address, body) {
  try {
    return await fetch(address, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return null;
  }
}
