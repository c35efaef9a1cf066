// The keyboard: letters play, digits answer. Whoever speaks to their computer, or slips, can switch them off.

const OFF = "keys off";

export function listenToKeys(form, players, deck) {
  const box = document.getElementById("keys");
  box.checked = !stored();
  box.addEventListener("change", () => store(!box.checked));
  let last = players[0];
  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    last = deck.player ?? last;
    const act = action(event, form, players, last);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function action(event, form, players, last) {
  const key = event.key.toLowerCase(), on = event.target;
  const player = players.find((one) => one.letter === key) ?? byArrow(key, on, players);
  if (player) return () => { player.toggle(); player.section.querySelector("[type=range]:enabled")?.focus(); };
  const answer = form.querySelector(`[data-key="${CSS.escape(key)}"]:enabled`);
  if (answer) return () => answer.click();
  // On a button or in a field these keys already mean something.
  if (key === " " && !on.closest("button, a, summary, [type=radio], [type=checkbox]")) return () => last.toggle();
  const next = form.querySelector(".next:enabled");
  return key === "enter" && next && !on.closest("button, a, summary") ? () => next.click() : null;
}

// Left and right are a pair's two sounds; in a field they move what is there.
function byArrow(key, on, players) {
  if (players.length !== 2 || on.closest("input")) return undefined;
  return players[["arrowleft", "arrowright"].indexOf(key)];
}

function stored() { try { return localStorage.getItem(OFF) !== null; } catch { return false; } }
function store(off) { try { if (off) localStorage.setItem(OFF, "1"); else localStorage.removeItem(OFF); } catch { /* for this page only */ } }
