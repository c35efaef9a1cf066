// The rater's page: sounds, one answer, and the way to the next page.

import { fetchAhead } from "./ahead.js";
import { answersOf } from "./answers.js";
import { Deck } from "./deck.js";
import { forget, keep, kept } from "./kept.js";
import { listenToKeys } from "./keys.js";
import { Player } from "./player.js";
import { send } from "./sending.js";

const form = document.getElementById("trial");
const hint = document.getElementById("hint");
const next = form.querySelector(".next");
const pair = form.elements.pair.value;
const deck = new Deck("together" in form.dataset);
const enough = Number(form.dataset.enough), tolerance = Number(form.dataset.tolerance);
const players = [...form.querySelectorAll(".player")].map((section) => new Player(section, deck, enough, tolerance));
const answers = answersOf(form, answered);
const loadedAt = performance.now();
const SELDOM = 10_000; // ms between reports of what was heard
let sending = false, reportedAt = -SELDOM;

function changed(player) {
  // Now and then is enough: this tab keeps it, too, the vote carries the same, and whoever leaves reports once more.
  keep(pair, { given: answers.given(), heard: heard() });
  if (player.heard > 0 && performance.now() - reportedAt > SELDOM) report();
  update();
}

function heard() {
  return Object.fromEntries(players.map((player) => [player.letter, player.heard]));
}

function answered() {
  keep(pair, { given: answers.given(), heard: heard() });
  update();
}

function update() {
  if (sending) return;
  const heard = players.filter((one) => one.heardEnough).map((one) => one.letter);
  const all = heard.length === players.length;
  answers.update(heard, all);
  if (next) next.disabled = !(all && answers.complete);
  if (heard.length) tell(whatIsMissing(heard, all));
}

// Only what is still to be done, so that whoever has it read aloud hears a new line rarely.
function whatIsMissing(heard, all) {
  const { unheard, unrated, then, ready } = form.dataset;
  const names = (letters) => letters.map((letter) => letter.toUpperCase()).join(", ");
  if (!all) return `${unheard} ${names(players.map((one) => one.letter).filter((one) => !heard.includes(one)))}`;
  if (answers.complete) return ready;
  const { missing } = answers;
  return missing.length && missing.length < players.length ? `${unrated} ${names(missing)}` : then;
}

function tell(text, warn = false) {
  if (hint.textContent === text) return;
  hint.textContent = text;
  hint.classList.toggle("warn", warn);
}

function noteHeard() {
  for (const player of players) form.elements[`heard_${player.letter}`].value = player.heard.toFixed(3);
}

function report() {
  reportedAt = performance.now();
  noteHeard();
  if (!form.dataset.heard) return;
  fetch(form.dataset.heard, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true }).catch(() => {});
}

// The answer goes into the form itself: what is sent again, or after a reload, is the same.
function fill(fields) {
  for (const [name, value] of Object.entries(fields)) {
    const there = form.querySelector(`input[type=hidden][name="${name}"]`);
    const field = there ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    field.value = value;
  }
}

async function vote(fields) {
  sending = true;
  deck.pause();
  fill(fields);
  form.classList.add("sent");
  tell(form.dataset.sending);
  keep(pair, { given: answers.given(), heard: heard(), fields });
  const stored = await send(form, () => tell(form.dataset.unsent, true));
  if (stored) forget(pair); else keep(pair, { given: answers.given(), heard: heard() });
  if (stored) location.replace(form.dataset.next); else HTMLFormElement.prototype.submit.call(form);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (sending) return;
  noteHeard();
  const { csrfmiddlewaretoken, ...fields } = Object.fromEntries(new FormData(form));
  fields.response_ms = Math.round(performance.now() - loadedAt);
  if (event.submitter?.name) fields[event.submitter.name] = event.submitter.value;
  vote(fields);
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden && players.some((player) => player.heard > 0)) report();
});
// A page that the back button brings up again may be long over.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const before = kept(pair);
answers.restore(before.given ?? {});
for (const player of players) {
  player.before = Math.max(player.before, before.heard?.[player.letter] ?? 0);
  player.onchange = changed;
}
listenToKeys(form, players, deck);
const loading = players.map((player) => player.load());
if (before.fields) vote(before.fields);
else if (form.dataset.ahead) Promise.all(loading).then(() => fetchAhead(form)).catch(() => {});
