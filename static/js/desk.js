// The desk by keyboard: letters act on the open lead, J and K move through the inbox.
// Letters work only outside fields; they can be switched off (localStorage "baton-shortcuts" = "off").
(() => {
  "use strict";
  const typing = (node) => node.closest("input, textarea, select, [contenteditable], dialog");
  const announce = (words) => { document.getElementById("announcements").textContent = words; };

  function move(step) {
    const leads = [...document.querySelectorAll("a[data-lead]")];
    const at = leads.findIndex((lead) => lead.getAttribute("aria-current") || lead === document.activeElement);
    const next = leads[Math.min(Math.max(at + step, 0), leads.length - 1)];
    if (next && next !== leads[at]) next.click();
  }

  async function copy(from) {
    const text = document.getElementById(from).value;
    try {
      await navigator.clipboard.writeText(text);
      announce("Briefing copied.");
    } catch {
      const field = document.getElementById(from);
      field.select();
      document.execCommand("copy");
      announce("Briefing copied.");
    }
  }

  function act(key) {
    const target = document.querySelector(`.open [data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    if (target.tagName === "FORM") target.requestSubmit();
    else if (target.tagName === "DETAILS") {
      target.open = true;
      target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    } else target.click();
    return true;
  }

  // Escape leaves what a letter opened; what was typed stays in it.
  function leave(from) {
    const opened = from.closest("details.act[open]");
    if (!opened) return;
    opened.open = false;
    opened.querySelector("summary").focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) event.target.form.requestSubmit();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (localStorage.getItem("baton-shortcuts") === "off") return;
    const key = event.key.toLowerCase();
    let done = true;
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "/") document.getElementById("q")?.focus();
    else if (event.key === "?") document.getElementById("shortcuts").showModal();
    else done = /^[a-z]$/.test(key) && act(key);
    if (done) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const copier = event.target.closest("[data-copies]");
    if (copier) copy(copier.dataset.copies);
  });

  // One action at a time, also where <details name> is not known yet.
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details.act[open]")) return;
    for (const other of document.querySelectorAll("details.act[open]"))
      if (other !== event.target) other.open = false;
  }, true);

  // Somebody on the site turned hot while the inbox was open: say so once, not every time it is asked.
  const hot = () => Number(document.querySelector("#inbox [data-hot]")?.dataset.hot ?? 0);
  let known = hot();
  document.addEventListener("htmx:afterSettle", () => {
    if (hot() > known) announce("A conversation on the site has turned hot.");
    known = hot();
  });

  // What was done is said once, over the page: it goes with whatever the rep does next.
  const done = document.querySelectorAll("#flashes .notice.good");
  for (const each of done) each.classList.add("passing");
  for (const next of ["keydown", "pointerdown"])
    document.addEventListener(next, () => { for (const each of done) each.remove(); }, { once: true });

  // A link to somebody's words opens the transcript they stand in.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#answer-"]');
    if (link) document.getElementById("transcript").open = true;
  });
})();
