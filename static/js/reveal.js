// A button with data-reveal shows what is typed into the field that it controls, and hides it again.
// It stays hidden where there is no script; before the form goes out the field is a password again.
for (const button of document.querySelectorAll("[data-reveal]")) button.hidden = false;

function set(button, shown) {
  document.getElementById(button.getAttribute("aria-controls")).type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.textContent = shown ? button.dataset.hide : button.dataset.show;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (button) set(button, button.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("[data-reveal]")) set(button, false);
});
