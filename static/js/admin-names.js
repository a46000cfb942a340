// Django's tables of rows and its select2 fields, named for those who do not see them.
//
// A select2 box is named by its own value only; its <select>, which carries the name, is hidden.

const nameOf = (select) =>
  select.getAttribute("aria-label") ??
  document.querySelector(`label[for="${CSS.escape(select.id)}"]`)?.textContent.replace(":", "").trim() ??
  "";

const nameBoxes = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const box = select.nextElementSibling?.querySelector('[role="combobox"]');
    if (!box) continue;
    const value = box.getAttribute("aria-labelledby");
    if (value) box.setAttribute("aria-describedby", value);
    box.removeAttribute("aria-labelledby");
    for (const part of [box, ...box.querySelectorAll('[role="searchbox"]')]) {
      part.setAttribute("aria-label", nameOf(select));
    }
    // The value is no field of its own; as plain text it is what describes the box.
    for (const text of box.querySelectorAll('[role="textbox"]')) {
      text.removeAttribute("role");
      text.removeAttribute("aria-readonly");
    }
  }
};

// The columns of Django's hidden keys and of its remove buttons have a header without a word in it.
for (const header of document.querySelectorAll("th:empty")) {
  const cell = document.createElement("td");
  cell.className = header.className;
  header.replaceWith(cell);
}
// select2 draws its boxes when the document is ready, and again in every added row.
document.addEventListener("DOMContentLoaded", () => setTimeout(nameBoxes));
window.addEventListener("load", nameBoxes);
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
