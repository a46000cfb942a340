// Light or dark: loaded in the head, before the first paint, so that nothing flashes.
// Without a choice the system decides (tokens.css). The picker stays hidden without script.
(() => {
  const root = document.documentElement;
  const choices = ["light", "dark"];

  function stored() {
    try { return localStorage.getItem("theme"); } catch { return null; } // storage may be forbidden
  }

  function apply(choice) {
    if (choices.includes(choice)) root.dataset.bsTheme = choice;
    else delete root.dataset.bsTheme;
  }

  function mark(picker) {
    const now = choices.includes(stored()) ? stored() : "auto";
    for (const button of picker.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === now));
    }
  }

  apply(stored());
  document.addEventListener("DOMContentLoaded", () => {
    for (const picker of document.querySelectorAll("[data-theme-picker]")) {
      picker.hidden = false;
      mark(picker);
      picker.addEventListener("click", (event) => {
        const button = event.target.closest("[data-theme-choice]");
        if (!button) return;
        try { localStorage.setItem("theme", button.dataset.themeChoice); } catch { /* this page only */ }
        apply(button.dataset.themeChoice);
        mark(picker);
      });
    }
  });
})();
