// Keeps parts of a page up to date without a reload: asks for the same address again and puts in what has changed.
// A part in which a sound plays, a field is filled in or something is opened waits until that is over.
const EVERY = 2500; // milliseconds
const place = document.querySelector("[data-live]");
const told = document.querySelector("[data-live-told]");

const inUse = (part) =>
  part.querySelector(":is(a, button, summary, input, select):focus") !== null ||
  [...part.querySelectorAll("audio")].some((sound) => !sound.paused) ||
  part.querySelector("details[open]") !== null;

function put(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const shown = place.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!shown) return true; // the page has another shape now
    if (shown.innerHTML !== part.innerHTML && !inUse(shown)) shown.replaceChildren(...part.childNodes);
  }
  return false;
}

async function refresh() {
  if (document.hidden) return;
  const response = await fetch(location.href, { credentials: "same-origin", headers: { "X-Live": "1" } });
  if (response.redirected) return void location.reload(); // signed out meanwhile
  if (!response.ok) throw new Error(response.statusText);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const state = fresh.querySelector("[data-state]")?.dataset.state;
  if (state !== place.querySelector("[data-state]")?.dataset.state || put(fresh)) location.reload();
}

async function turn() {
  try {
    await refresh();
    if (told) told.hidden = true;
  } catch {
    if (told) told.hidden = false; // the next turn tries again
  }
  setTimeout(turn, EVERY);
}

setTimeout(turn, EVERY);
