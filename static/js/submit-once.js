// A form with data-submit-once goes out once: a second click while it is under way does nothing.
// The button turns busy and shows its data-busy-text. It is not disabled: its name must be sent too.
// The server does not rely on this; a repeat there returns the first result.
function reset() {
  for (const form of document.querySelectorAll("form[data-submit-once][aria-busy]")) {
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll(".btn-busy")) {
      button.classList.remove("btn-busy");
      if (button.dataset.restText) button.textContent = button.dataset.restText;
    }
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.hasAttribute("data-submit-once")) return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  const button = event.submitter;
  if (!button) return;
  button.classList.add("btn-busy");
  if (button.dataset.busyText) {
    button.dataset.restText = button.textContent.trim();
    button.textContent = button.dataset.busyText;
  }
});
// The browser may bring the page back from memory when the user goes back.
window.addEventListener("pageshow", (event) => { if (event.persisted) reset(); });
