// Puts an interactive figure in the place of each picture: the same specification, in the colours of the page.
// Expressions are interpreted, not compiled, so that a strict policy on scripts may stand.
const dark = () => getComputedStyle(document.documentElement).colorScheme === "dark" ||
  (document.documentElement.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches &&
    document.documentElement.dataset.theme !== "dark" || document.documentElement.dataset.theme === "dark");

function coloured(text, place) {
  if (!dark()) return text;
  const colours = place.dataset.dark.trim().split(/\s+/);
  for (let i = 0; i + 1 < colours.length; i += 2) text = text.replaceAll(colours[i], colours[i + 1]);
  return text;
}

async function draw(place) {
  const narrow = place.clientWidth < 620;
  const address = place.dataset.figure + (narrow ? (place.dataset.figure.includes("?") ? "&narrow=1" : "?narrow") : "");
  place.text ??= {};
  place.text[address] ??= await (await fetch(address, { credentials: "same-origin" })).text();
  const drawing = document.createElement("div");
  const options = { renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true } };
  await window.vegaEmbed(drawing, JSON.parse(coloured(place.text[address], place)), options);
  const picture = place.querySelector("picture img");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", picture?.alt ?? place.getAttribute("aria-label"));
  place.setAttribute("aria-label", drawing.getAttribute("aria-label"));
  place.replaceChildren(drawing);
}

const places = [...document.querySelectorAll("[data-figure]")];
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    draw(entry.target).catch((error) => console.warn("The figure stays a picture:", error));
  }
}, { rootMargin: "300px" });
for (const place of places) seen.observe(place);

// The choice of colours may change while the page is open.
new MutationObserver(() => places.filter((place) => place.text).forEach(draw))
  .observe(document.documentElement, { attributeFilter: ["data-theme"] });
