// Rows of a list are dragged to another place by their grip, with a mouse or a finger. The buttons
// and the form of a question do the same by keyboard.
(() => {
  "use strict";
  const EDGE = 48;      // of the window, in pixels: a row held there scrolls the page
  let drag = null;

  const unmark = () => drag.list.querySelectorAll(":scope > li").forEach((row) => row.classList.remove("drop-before", "drop-after"));

  function stop() {
    if (!drag) return;
    unmark();
    drag.row.classList.remove("dragged");
    drag = null;
  }

  document.addEventListener("pointerdown", (event) => {
    const row = event.target.closest?.(".grip")?.closest("[data-move]");
    if (!row || event.button !== 0) return;
    event.preventDefault();
    const rows = [...row.parentElement.children];
    drag = { row, list: row.parentElement, others: rows.filter((each) => each !== row), from: rows.indexOf(row), to: rows.indexOf(row) };
    row.classList.add("dragged");
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { others } = drag;
    const above = others.filter((row) => { const box = row.getBoundingClientRect(); return box.top + box.height / 2 < event.clientY; });
    drag.to = above.length;
    unmark();
    const next = others[drag.to];
    (next || others.at(-1))?.classList.add(next ? "drop-before" : "drop-after");
    if (event.clientY < EDGE) scrollBy(0, -EDGE / 3);
    else if (event.clientY > innerHeight - EDGE) scrollBy(0, EDGE / 3);
  });

  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { row, list, from, to } = drag;
    stop();
    const form = list.parentElement.querySelector(":scope > .mover");
    if (to === from || !form) return;
    // Not form.requestSubmit(): htmx keeps the address a boosted form had when it first saw it.
    const values = { ...Object.fromEntries(new FormData(form)), by: to - from, back: location.pathname + location.search };
    htmx.ajax("POST", row.dataset.move, { source: form, target: "#studio", select: "#studio", swap: "outerHTML show:none", values });
  });

  document.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
})();
