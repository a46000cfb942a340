// Keeps the conference board up to date: asks each second, and changes the page only when something did.
// The session goes on as long as somebody leaves the board open; when it is over, the page asks to sign in.
const board = document.querySelector("[data-board]");
const live = board.querySelector("[data-board-live]");
const lost = board.querySelector("[data-board-lost]");
const news = board.querySelector("[data-board-news]");
const EVERY = 1000; // milliseconds
const PATIENCE = 5000;
let mark = board.dataset.mark;

async function look() {
  try {
    const answer = await fetch(board.dataset.board, {
      cache: "no-store",
      headers: { "If-None-Match": mark },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) return location.reload();
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(answer.status);
      live.innerHTML = await answer.text();
      mark = answer.headers.get("ETag");
      news.textContent = live.querySelector("[data-board-newest]")?.textContent ?? "";
    }
    lost.hidden = true;
  } catch {
    lost.hidden = false;
  }
  setTimeout(look, EVERY);
}
look();
