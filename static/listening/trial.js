// The rater's page: two players, one answer.

import { Player } from "./player.js";

const form = document.getElementById("trial");
const hint = document.getElementById("hint");
const answers = [...form.querySelectorAll(".answer")];
const enough = Number(form.dataset.enough), tolerance = Number(form.dataset.tolerance);
const players = [...form.querySelectorAll(".player")].map((section) => new Player(section, enough, tolerance));
let last = players[0], sent = false;

function report() {
  for (const player of players) form.elements[`heard_${player.side}`].value = player.heard.toFixed(3);
  return fetch(form.dataset.heardUrl, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {});
}

function changed(player) {
  const heard = players.filter((one) => one.heardEnough);
  if (player.heard > 0) report(); // a lost report costs nothing: the vote carries the same
  if (sent) return;
  const ready = heard.length === players.length;
  for (const answer of answers) answer.disabled = !ready;
  const text = ready ? form.dataset.ready : heard.length ? form.dataset.other : form.dataset.first;
  if (heard.length && hint.textContent !== text) { hint.textContent = text; hint.classList.remove("warn"); }
}

for (const player of players) {
  player.onchange = changed;
  player.onplay = () => {
    last = player;
    for (const other of players) if (other !== player) other.pause();
  };
  player.load();
}

const loadedAt = performance.now();
form.addEventListener("submit", (event) => {
  if (sent) return event.preventDefault();
  sent = true;
  for (const player of players) {
    player.pause();
    form.elements[`heard_${player.side}`].value = player.heard.toFixed(3);
  }
  form.elements.response_ms.value = Math.round(performance.now() - loadedAt);
  hint.textContent = form.dataset.sent;
  form.classList.add("sent");
});

const PLAY = { a: 0, arrowleft: 0, b: 1, arrowright: 1 };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const key = event.key.toLowerCase();
  const answer = answers.find((one) => one.dataset.key === key);
  if (key in PLAY) players[PLAY[key]].toggle();
  else if (answer && !answer.disabled) form.requestSubmit(answer);
  // On a button or a link the space bar already means something.
  else if (key === " " && !event.target.closest("button, a, summary")) last.toggle();
  else return;
  event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden && players.some((player) => player.heard > 0)) report();
});
