// Leaving a form with data-unsaved asks first when something typed in it was not sent.
const dirty = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-unsaved")) dirty.add(form);
});
document.addEventListener("submit", (event) => dirty.delete(event.target));
document.addEventListener("reset", (event) => dirty.delete(event.target));
document.addEventListener("saved", (event) => dirty.delete(event.target)); // by js/autosave.js
window.addEventListener("beforeunload", (event) => { if (dirty.size) event.preventDefault(); });
