// Sorts the page's tables by a click on a column's head, and saves them as CSV. Needs no network.
"use strict";
(() => {
  const status = document.createElement("p");
  status.className = "unseen";
  status.setAttribute("role", "status");
  document.body.append(status);

  const text = (cell) => cell.textContent.trim().replace(/\s+/g, " ");
  // what a cell stands for: all its values, in full
  const values = (cell) => ("v" in cell.dataset ? cell.dataset.v : text(cell)).split("|");
  const bodyRows = (table) => [...table.tBodies[0].rows];

  function compare(a, b) {
    // numbers before texts, as numbers; names with numbers in them by these
    const [x, y] = [Number(a), Number(b)];
    if (Number.isFinite(x) && Number.isFinite(y)) return x - y;
    if (Number.isFinite(x) !== Number.isFinite(y)) return Number.isFinite(x) ? -1 : 1;
    return a.localeCompare(b, "en", { numeric: true });
  }

  function sort(table, column, direction) {
    const keyed = bodyRows(table).map((row, place) => {
      const key = values(row.cells[column])[0];
      return { row, key: key === "–" ? "" : key, place: Number((row.dataset.place ??= place)) };
    });
    keyed.sort((a, b) => {
      if (direction === "none") return a.place - b.place;
      // what is unknown stays last, whichever way
      if ((a.key === "") !== (b.key === "")) return a.key === "" ? 1 : -1;
      const order = compare(a.key, b.key);
      return (direction === "ascending" ? order : -order) || a.place - b.place;
    });
    table.tBodies[0].append(...keyed.map((one) => one.row));
    [...table.tHead.rows[0].cells].forEach((head, i) =>
      head.setAttribute("aria-sort", i === column ? direction : "none"));
  }

  function field(value) {
    // a spreadsheet would run a text that begins like a formula
    const plain = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value);
    const safe = !plain && /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  }

  function csv(table) {
    const names = [...table.tHead.rows[0].cells].map((head) => head.dataset.names.split("|"));
    const rows = bodyRows(table).map((row) => [...row.cells].flatMap((cell, i) => {
      const found = "v" in cell.dataset || names[i].length > 1 ? values(cell) : [text(cell)];
      return names[i].map((_, k) => (found[k] === "–" ? "" : found[k] ?? ""));
    }));
    return [names.flat(), ...rows].map((row) => row.map(field).join(",") + "\r\n").join("");
  }

  function save(table) {
    const name = text(table.caption).toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60);
    // the byte order mark tells Excel that this is UTF-8
    const blob = new Blob(["\ufeff", csv(table)], { type: "text/csv;charset=utf-8" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name.replace(/^-+|-+$/g, "") + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    status.textContent = "Saved as " + link.download;
  }

  const next = { none: "descending", descending: "ascending", ascending: "none" };
  for (const table of document.querySelectorAll("table")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        sort(table, column, next[head.getAttribute("aria-sort")]);
        const way = head.getAttribute("aria-sort");
        status.textContent = way === "none" ? "In the first order again"
          : "Sorted by " + text(button) + ", " + way;
      });
    });
    const button = document.createElement("button");
    button.type = "button";
    button.className = "csv";
    button.textContent = "CSV";
    button.setAttribute("aria-label", "Save as CSV: " + text(table.caption));
    button.addEventListener("click", () => save(table));
    table.closest(".scroll").before(button);
  }
})();
