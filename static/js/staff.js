// Nothing that was typed is lost when a session ends: the page stays, says so, and can be saved as soon as
// its writer has signed in at another tab, which tells this one the token of the new session.
(() => {
  "use strict";
  const { who, token, way } = document.currentScript.dataset;

  function changed(field) {
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (!field.matches("select")) return field.value !== field.defaultValue;
    const options = [...field.options];
    return field.selectedIndex !== Math.max(options.findIndex((each) => each.defaultSelected), 0);
  }
  const typed = () => [...document.querySelectorAll("#content :is(input:not([type=hidden]), textarea, select)")].some(changed);

  function say(kind, ...words) {
    document.querySelector(".stays")?.remove();
    const notice = Object.assign(document.createElement("p"), { className: `notice ${kind} stays`, role: "alert" });
    notice.append(...words);
    document.getElementById("content").prepend(notice);
  }

  // What is asked for every few seconds hears of it first. Where nothing was typed, htmx goes to sign in.
  let out = false;
  const unsaved = new Set();      // forms that save themselves, and could not
  function left() {
    out = true;
    const link = Object.assign(document.createElement("a"), { href: way, target: "_blank", textContent: "sign in in a new tab" });
    say("warn", "You are signed out. What you typed is still here: ", link, ", then save it.");
  }
  function back() {
    out = false;
    say("good", "You are signed in again. Save what you typed.");
    for (const form of unsaved) if (form.isConnected) form.requestSubmit();
    unsaved.clear();
  }
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { status } = event.detail.xhr;
    if (out && status < 300) back();
    if (status !== 401 || !typed()) return;
    event.preventDefault();
    if (!out) left();
    if (event.detail.elt.matches("form[hx-trigger]")) unsaved.add(event.detail.elt);
    htmx.trigger(event.detail.elt, "htmx:responseError", event.detail);
  });

  const tabs = new BroadcastChannel("baton");
  tabs.onmessage = ({ data }) => {
    if (who && data.who !== who) return;
    for (const each of document.querySelectorAll("[name=csrf_token]")) each.value = data.token;
    if (out) back();
  };
  if (who) tabs.postMessage({ who, token });
})();
