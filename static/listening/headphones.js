// The headphone check: six sounds of three intervals, an answer for each. What is right is not known here.

import { Sound } from "./sound.js";
import "./volume.js";

const STEP = 1.5; // seconds from one interval to the next
const form = document.getElementById("check");
const note = document.getElementById("note");
const rows = [...form.querySelectorAll(".listen")].map(row);
form.noValidate = true; // what is missing is said here, also of sounds that were never played

function row(fieldset) {
  const sound = new Sound(fieldset.querySelector("[data-sound]"), form.dataset);
  const radios = [...fieldset.querySelectorAll("input")];
  sound.onplay = () => { for (const radio of radios) radio.disabled = false; };
  sound.onmove = (seconds) => radios.forEach((radio, i) =>
    radio.parentElement.classList.toggle("sounding", seconds >= i * STEP && seconds < (i + 1) * STEP - 0.4));
  return { fieldset, sound, radios, get answered() { return radios.some((radio) => radio.checked); } };
}

const unanswered = () => rows.find((one) => !one.answered);
const here = () => rows.find((one) => one.fieldset.contains(document.activeElement)) ?? unanswered() ?? rows[0];

function answer(one, number) {
  if (one.radios[number].disabled) return;
  one.sound.stop();
  one.radios[number].checked = true;
  (unanswered()?.sound.button ?? document.getElementById("done")).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (["1", "2", "3"].includes(event.key)) answer(here(), Number(event.key) - 1);
  // On a button or an answer the space bar already means something.
  else if (event.key === " " && !event.target.closest("button, input")) here().sound.toggle();
  else return;
  event.preventDefault();
});

form.addEventListener("submit", (event) => {
  const missing = unanswered();
  if (!missing) return;
  event.preventDefault();
  note.textContent = form.dataset.missing;
  note.classList.add("warn");
  missing.sound.button.focus();
});
form.addEventListener("change", () => { note.textContent = ""; note.classList.remove("warn"); });

for (const one of rows) one.sound.load();
