// Fills fields for the writer. A button data-copy-to copies the text of data-copy-from into a field. A column
// copied in a spreadsheet and pasted into a field with data-column goes on into the fields below with the
// same name: one line each, of a row with several cells the first. Buttons stay hidden without script.
const put = (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

for (const button of document.querySelectorAll("[data-copy-to]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.copyTo);
    put(field, document.getElementById(button.dataset.copyFrom).innerText.trim());
    field.focus();
  });
}

// An English Excel writes 3,505 where we write 3.505.
const asWritten = (cell) => (/^\d{1,3}(,\d{3})+$/.test(cell) ? cell.replaceAll(",", "") : cell);

document.addEventListener("paste", (event) => {
  const first = event.target;
  const column = first.dataset?.column;
  const lines = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "").split(/\r?\n/);
  if (!column || lines.length < 2) return;
  event.preventDefault();
  const fields = [...first.form.querySelectorAll(`[data-column="${CSS.escape(column)}"]`)];
  const below = fields.slice(fields.indexOf(first));
  lines.slice(0, below.length).forEach((line, place) => {
    const cell = asWritten(line.split("\t")[0].trim());
    if (cell && !below[place].readOnly) put(below[place], cell);  // a figure that follows others stays
  });
});
