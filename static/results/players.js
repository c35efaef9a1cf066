// One sound at a time: starting a clip stops the one before, or two arms would be heard at once.
document.addEventListener("play", (event) => {
  for (const other of document.querySelectorAll("audio")) {
    if (other !== event.target) other.pause();
  }
}, true);
