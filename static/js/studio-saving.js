// Forms about what there is already save themselves when their writer pauses. What could not be saved
// stays in the form, says so, and is tried again; nobody leaves it behind without being asked.
(() => {
  "use strict";
  const PAUSE = 1500, AGAIN = 4000;
  const OUT = "Not saved: you are signed out. Sign in in another tab; what you typed stays here.";
  let form = null;      // the form with something that is not saved yet
  let typed = 0;        // counts what was typed, to see whether more came while saving
  let timer = null, savedAt = null, refreshed = null;

  function say(words) {
    const line = document.querySelector("[data-save-state]");
    if (line) line.textContent = words;
  }

  // The time since then, told without a voice: whoever listens hears of what fails, from the form.
  setInterval(() => {
    if (form || savedAt === null) return;
    const seconds = Math.round((Date.now() - savedAt) / 1000);
    say(seconds < 60 ? `Saved ${seconds} s ago` : `Saved ${Math.round(seconds / 60)} min ago`);
  }, 1000);

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  function name(told) {
    const undo = document.getElementById("undo");
    if (!undo || !told.step) return;
    undo.textContent = `Undo: ${told.undo}`;
    undo.disabled = false;
    let step = undo.form.elements.step;
    if (!step) undo.form.append(step = Object.assign(document.createElement("input"), { type: "hidden", name: "step" }));
    step.value = told.step;
  }

  // Somebody else saved something in between, which the form does not show yet and would take back
  // with its next save. It comes into the form, all but the fields that were touched since.
  async function broughtIn(old, sent) {
    let text;
    try { text = await (await fetch(old.dataset.page || old.getAttribute("action"))).text(); } catch { return old; }
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(old.id);
    if (!fresh) return old;
    const boxed = (field) => field.type === "checkbox" || field.type === "radio";
    for (const field of old.elements) {
      if (!field.name || field.type === "hidden") continue;
      const was = sent.getAll(field.name);
      if (boxed(field) ? field.checked === was.includes(field.value) : field.value === was[0]) continue;
      const same = [...fresh.elements].find((each) => each.name === field.name && (!boxed(field) || each.value === field.value));
      if (same && boxed(same)) same.checked = field.checked;
      else if (same) same.value = field.value;
    }
    const at = old.contains(document.activeElement) ? document.activeElement : null;
    const { id, selectionStart, selectionEnd } = at || {};
    old.replaceWith(document.adoptNode(fresh));
    htmx.process(fresh);
    const again = id && document.getElementById(id);
    again?.focus({ preventScroll: true });
    if (again && selectionStart != null) again.setSelectionRange(selectionStart, selectionEnd);
    return fresh;
  }

  async function save() {
    clearTimeout(timer);
    const saving = form, at = typed;
    if (!saving?.isConnected) { form = null; return true; }
    const body = new FormData(saving);
    body.set("do", "save");
    let response;
    try {
      response = await fetch(saving.getAttribute("action"), { method: "POST", body, headers: { "X-Autosave": "1" }, redirect: "manual" });
    } catch {
      say("Not saved: nobody answers. What you typed is kept here, and sent again.");
      later(AGAIN);
      return false;
    }
    if (!response.ok) {
      const words = { 409: "Not saved: somebody changed the same thing. Save to see both.", 422: "Not saved yet: something is missing. Save to see what." };
      say(words[response.status] || (response.status >= 500 ? "Not saved: something went wrong. What you typed is kept here, and sent again." : OUT));
      if (!(response.status in words)) later(AGAIN);
      return false;
    }
    const told = await response.json();
    if (saving.isConnected) {
      name(told);
      if (told.merged) form = await broughtIn(saving, body);
      else saving.elements.base_rev.value = told.revision;
      document.dispatchEvent(new CustomEvent("studio:saved"));
    }
    savedAt = Date.now();
    if (typed !== at) { later(PAUSE); return false; }
    form = null;
    say("Saved just now");
    return true;
  }

  function touched(event) {
    const field = event.target;
    const its = field.form?.matches?.("[data-autosaves]") ? field.form : null;
    if (!its || field.name?.startsWith("keep:") || field.matches("[data-refreshes]")) return;
    form = its;
    typed += 1;
    say("");
    later(PAUSE);
  }
  document.addEventListener("input", touched);

  // A form shown anew by its pickers holds what was typed before, so that is still to be saved.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (!elt.matches?.("[data-autosaves]")) return;
    clearTimeout(timer);
    const what = requestConfig.parameters.do;
    refreshed = what && what !== "save" ? elt.getAttribute("action") : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "studio") return;
    const now = document.querySelector("[data-autosaves]");
    form = now && refreshed && now.getAttribute("action") === refreshed ? now : null;
    if (form) later(PAUSE); else savedAt = null;
    refreshed = null;
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      if (!event.detail.elt.matches?.("[data-autosaves]") || event.detail.xhr?.status === 409) return;
      form = event.detail.elt;
      say(event.detail.xhr?.status === 401 ? OUT : "Not saved: nobody answers. What you typed is kept here, and sent again.");
      later(AGAIN);
    });
  }
  addEventListener("online", () => { if (form) save(); });

  document.addEventListener("htmx:confirm", (event) => {
    if (!form || event.detail.target?.id !== "studio" || event.detail.elt === form) return;
    event.preventDefault();
    save().then((done) => {
      if (done || confirm("What you typed is not saved yet. Leave it?")) { form = null; clearTimeout(timer); event.detail.issueRequest(true); }
    });
  });
  addEventListener("beforeunload", (event) => { if (form) event.preventDefault(); });
})();
