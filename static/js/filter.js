// A filter form (data-autosubmit) goes out when a choice changes; its button (data-autosubmit-button)
// is needed only without script. Empty fields stay out of the address. The focus comes back after loading.
const key = "filter-focus";

for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  form.querySelector("[data-autosubmit-button]")?.setAttribute("hidden", "");
  form.addEventListener("change", (event) => {
    if (event.target.matches("[type=search], [type=text]")) return; // these go out on Enter
    try { sessionStorage.setItem(key, event.target.id); } catch { /* the focus is a comfort only */ }
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
}

try {
  document.getElementById(sessionStorage.getItem(key))?.focus();
  sessionStorage.removeItem(key);
} catch { /* storage may be forbidden */ }
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const field of document.querySelectorAll("form[data-autosubmit] :disabled")) field.disabled = false;
});
