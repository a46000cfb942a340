// Shows in the navigation which page of the document is in view. Without script the links still work.
const stage = document.querySelector("[data-viewer]");
const links = new Map(
  [...document.querySelectorAll("[data-viewer-nav] a[href^='#page-']")].map((link) => [link.hash.slice(1), link]),
);

const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  },
  { root: stage, rootMargin: "-40% 0px -55% 0px" }, // the page that crosses the middle
);
for (const id of links.keys()) watcher.observe(document.getElementById(id));
