// A form with data-autosave sends itself to its action in the pauses of typing, and says when it was saved.
// One save at a time; a button waits for the one under way, so that two never cross. Whatever cannot be
// saved stays in the form: the writer's own “save” shows what stands against it.
const PAUSE = 2000; // milliseconds after the last key
const PATIENCE = 20_000;
const AGAIN = 10_000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const state = form.querySelector("[data-autosave-state]");
  let timer = 0;
  let saving = null;
  let changed = false;
  let refused = false;

  const say = (words, failed = false) => {
    state.classList.toggle("is-failed", failed);
    state.textContent = words;
  };

  async function send() {
    changed = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json" },
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const said = await answer.json();
      if (answer.ok) form.elements.version.value = said.version;
      refused = answer.status === 409; // another's text stands there: only the writer decides
      say(said.message, !answer.ok);
      if (answer.ok && !changed) form.dispatchEvent(new Event("saved", { bubbles: true }));
    } catch {
      changed = true;
      say(state.dataset.failed, true);
      later(AGAIN);
    }
  }

  async function save() {
    if (saving || !changed || refused) return;
    saving = send();
    await saving;
    saving = null;
    if (changed) later(PAUSE);
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  form.addEventListener("input", () => {
    changed = true;
    later(PAUSE);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!saving) return;
    event.preventDefault();
    const button = event.submitter;
    saving.then(() => form.requestSubmit(button));
  }, true);
}
