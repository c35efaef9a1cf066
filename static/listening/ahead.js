// The next trial's sounds, fetched while this one is heard: the browser keeps them until its page asks.

// Only after this trial's sounds are there. What fails is fetched again by the page that needs it.
export async function fetchAhead(form) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
  const answer = await fetch(form.dataset.ahead, { method: "POST", body });
  if (!answer.ok) return;
  for (const address of (await answer.json()).sounds) {
    await (await fetch(address, { priority: "low" })).arrayBuffer();
  }
}
