// A button with data-copies puts the value of that field on the clipboard and says so (data-done). It stays
// hidden without script, and where the browser offers no clipboard (a page that came over plain http).
for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
  });
}
