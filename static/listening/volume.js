// The sample sound to set the volume by.

import { Sound } from "./sound.js";

new Sound(document.querySelector(".volume-setter [data-sound]")).load();
