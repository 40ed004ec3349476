// On the phone: Enter goes on to the next question, and a lost connection is said at once.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");

  const controls = () => [...document.querySelectorAll(".script :is(input:not([type=hidden]), textarea, select)")];

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.shiftKey || !field.closest(".asked")) return;
    if (field.matches("textarea") && !(event.ctrlKey || event.metaKey)) return;
    if (!field.matches("input, textarea, select")) return;
    event.preventDefault();
    const question = field.closest(".asked");
    if (field.matches("input:not([type=radio], [type=checkbox]), textarea")) question.requestSubmit();
    const later = controls().find((each) =>
      each.closest(".asked") !== question && question.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
    (later ?? document.getElementById("notes")).focus();
  });

  function unsaved(event) {
    const saved = event.target.closest("form")?.querySelector(".saved");
    const said = saved?.querySelector(".good, .problem") ?? saved?.prepend(document.createElement("p")) ?? saved?.firstElementChild;
    if (!said) return;
    said.className = "problem";
    const out = event.detail.xhr.status === 401;
    said.textContent = out ? "Not saved yet: you are signed out." : "Not saved yet: no connection. It is tried again with your next change.";
  }
  document.addEventListener("htmx:sendError", unsaved);
  document.addEventListener("htmx:timeout", unsaved);
  document.addEventListener("htmx:responseError", unsaved);
})();
