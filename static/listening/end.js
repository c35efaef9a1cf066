// Copies the code where the browser allows it.

const button = document.getElementById("copy");
if (navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("code").textContent);
    button.textContent = button.dataset.copied;
  });
}
