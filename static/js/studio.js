// The studio: pickers refresh themselves, the preview survives a save, Ctrl+Z undoes outside fields.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const typing = (node) => node.closest?.("input, textarea, select, [contenteditable]");
  const announce = (words) => { document.getElementById("announcements").textContent = words; };
  let previewed = null;

  // A select that decides which other fields there are sends the form to be shown anew. By keyboard
  // every letter and arrow is a change of its own: those wait until the choice has settled.
  let waiting = null, byKey = false;
  document.addEventListener("keydown", (event) => { byKey = event.target.matches?.("select") && event.key !== "Tab"; }, true);
  document.addEventListener("pointerdown", () => { byKey = false; }, true);
  document.addEventListener("change", (event) => {
    const field = event.target;
    const what = field.dataset?.submits || (field.matches("[data-refreshes]") && "refresh");
    if (!what) return;
    clearTimeout(waiting?.timer);
    waiting = { field, what, timer: setTimeout(settle, byKey ? 700 : 0) };
  });
  document.addEventListener("focusout", (event) => { if (waiting?.field === event.target) settle(); });

  function settle() {
    const { field, what, timer } = waiting;
    clearTimeout(timer);
    waiting = null;
    if (field.isConnected) submit(field.form, what);
  }

  // A field, not a button: htmx sends the button that was pressed, and none was.
  function submit(form, what) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: what });
    form.prepend(field);
    form.requestSubmit();
    field.remove();
  }

  // Two people's clash comes as 409, and is to be seen like any other page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (xhr.status === 409) { event.detail.shouldSwap = true; event.detail.isError = false; }
    if (target?.id !== "studio") return;
    const form = document.getElementById("preview-form");
    const steps = form ? new FormData(form) : null;
    const begun = steps && (steps.get("step") !== "0" || steps.get("persona"));
    previewed = begun ? { address: form.getAttribute("action"), steps } : null;
    previewed?.steps.delete("do");
  });

  // What takes seconds says so, in the button that was pressed and aloud.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const button = event.detail.elt.querySelector?.("[data-busy]");
    if (button) announce(button.dataset.busy);
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "studio") return;
    const said = document.querySelector("#flashes .notice");
    if (said) announce(said.textContent);
    const form = document.getElementById("preview-form");
    if (previewed && form?.getAttribute("action") === previewed.address) walk(form, previewed.steps);
    previewed = null;
  });

  document.addEventListener("studio:saved", () => {
    const form = document.getElementById("preview-form");
    if (form) walk(form, new FormData(form));
  });

  function walk(form, steps) {
    const values = {};
    for (const key of new Set(steps.keys())) values[key] = steps.getAll(key);
    htmx.ajax("POST", form.getAttribute("action"), { source: form, target: "#preview", select: "#preview", swap: "outerHTML", values });
  }

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || typing(event.target)) return;
    const button = document.getElementById(event.shiftKey ? "redo" : "undo");
    if (button && !button.disabled) { event.preventDefault(); button.click(); }
  });

  document.addEventListener("click", async (event) => {
    const copier = event.target.closest("[data-copies]");
    if (!copier) return;
    const field = document.getElementById(copier.dataset.copies);
    try { await navigator.clipboard.writeText(field.value); } catch { field.select(); document.execCommand("copy"); }
    announce("Copied.");
  });
})();
