// The studio: pickers refresh themselves, the preview survives a save, Ctrl+Z undoes outside fields.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const typing = (node) => node.closest?.("input, textarea, select, [contenteditable]");
  const announce = (words) => { document.getElementById("announcements").textContent = words; };
  let previewed = null;

  // A select that decides which other fields there are sends the form to be shown anew.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-refreshes]")) submit(field.form, "refresh");
    if (field.dataset?.submits) submit(field.form, field.dataset.submits);
  });

  function submit(form, what) {
    const button = document.createElement("button");
    button.name = "do";
    button.value = what;
    button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
    button.remove();
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

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "studio") return;
    const said = document.querySelector("#flashes .notice");
    if (said) announce(said.textContent);
    const form = document.getElementById("preview-form");
    if (previewed && form?.getAttribute("action") === previewed.address) {
      const values = {};
      for (const key of new Set(previewed.steps.keys())) values[key] = previewed.steps.getAll(key);
      htmx.ajax("POST", previewed.address, { source: form, target: "#preview", select: "#preview", swap: "outerHTML", values });
    }
    previewed = null;
  });

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
