"use strict";
// Tables sort by a click or a key press on a column's title; cells without a value stay last.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const original = [...body.rows];
  const valueOf = (row, column) => {
    const cell = row.querySelector(`[data-col="${column}"]`);
    if (!cell || cell.classList.contains("none")) return null;
    return cell.dataset.v === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.v);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  const sortBy = (column, direction) => {
    const keyed = original.map((row) => [valueOf(row, column), row]);
    const known = keyed.filter(([value]) => value !== null);
    known.sort(([a], [b]) => direction * compare(a, b));
    body.append(...known.map(([, row]) => row), ...keyed.filter(([value]) => value === null).map(([, row]) => row));
    heads.forEach((head, index) => {
      head.setAttribute("aria-sort", index !== column ? "none" : direction > 0 ? "ascending" : "descending");
    });
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    const first = head.classList.contains("n") ? -1 : 1;
    button.addEventListener("click", () => {
      const now = { ascending: 1, descending: -1 }[head.getAttribute("aria-sort")];
      sortBy(column, now ? -now : first);
    });
  });
}
// What is folded away must be on paper too.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not([open])")) fold.open = true;
});
