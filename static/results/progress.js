// Keeps the progress of a running study up to date; when its status changes, the whole page is shown anew.
const EVERY = 3000; // milliseconds
const place = document.getElementById("progress");
let walk = place.querySelector(".walk");

async function refresh() {
  if (document.hidden) return;
  const response = await fetch(place.dataset.address, { credentials: "same-origin" });
  if (!response.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".walk");
  if (!fresh) return;
  if (fresh.dataset.status !== walk.dataset.status) return void location.reload();
  walk.replaceWith(fresh);
  walk = fresh;
}

setInterval(() => refresh().catch(() => {}), EVERY); // the next turn tries again
