// The prospect's pages work without this file. With it an answer is sent without a reload, and one that
// could not be sent stays on the page with a way to try again.

const { htmx: library, integrity } = document.currentScript.dataset;

// htmx blocks a slow phone for some 150 ms. Nobody waits for it: it comes with the first touch or key,
// and an answer sent before it arrived is an ordinary form post.
const bring = () => {
  for (const each of ["pointerdown", "keydown"]) removeEventListener(each, bring, true);
  const insert = () => document.head.append(
    Object.assign(document.createElement("script"), { src: library, integrity }));
  // Between DOMContentLoaded and load htmx would wait for an event that is over.
  if (document.readyState === "complete") insert(); else addEventListener("load", insert);
};
for (const each of ["pointerdown", "keydown"]) addEventListener(each, bring, true);
// Who talks to a person sees what that person writes without touching anything.
if (document.querySelector("#turn [hx-get]")) bring();

const notice = document.querySelector(".unsent");
let unsent = null;

const failed = ({ detail }) => {
  unsent = { form: detail.elt.closest("form"), button: detail.requestConfig?.triggeringEvent?.submitter };
  notice.hidden = false;
};
const again = () => {
  if (!unsent?.form.isConnected) return;
  const { form, button } = unsent;
  unsent = null;
  notice.hidden = true;
  form.requestSubmit(button?.isConnected ? button : undefined);
};

for (const each of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(each, failed);
document.addEventListener("click", ({ target }) => { if (target.closest(".unsent button")) again(); });
addEventListener("online", again);

// The first answer begins a conversation: from then on its first question has an address of its own, and
// Back leads there instead of to a page that would begin another one.
document.addEventListener("begun", ({ detail }) => history.replaceState(history.state, "", detail.value));

// A page that Back has loaded anew still shares its history with the pages htmx put there, and htmx
// itself is not there yet. Whoever is quick has gone back once more before this was listening.
addEventListener("popstate", ({ state }) => { if (state?.htmx && !window.htmx) location.reload(); });
if (history.state?.htmx && !location.pathname.endsWith(document.currentScript.dataset.path)) location.reload();

// Words about waiting only when there is a wait.
const sending = document.querySelector(".sending");
let waiting;
document.addEventListener("htmx:beforeRequest", () => { waiting = setTimeout(() => { sending.hidden = false; }, 400); });
document.addEventListener("htmx:afterRequest", () => { clearTimeout(waiting); sending.hidden = true; });

// A reader is told what a person writes by a region that is there from the start, empty: one that comes
// with its words, as the talk does every few seconds, says nothing. Minutes that pass are no news.
const heard = document.querySelector(".heard");
const say = (words) => heard.append(Object.assign(document.createElement("p"), { textContent: words }));
let told = "", theirs = 0;
document.addEventListener("htmx:afterSwap", () => {
  const now = document.querySelector("#said .told")?.textContent;
  if (!now) return;
  const bare = now.replace(/\p{N}+/gu, "");
  if (bare !== told) say(now);
  told = bare;
  const all = [...document.querySelectorAll("#said .theirs")];
  for (const each of all.slice(theirs)) say(each.textContent);
  theirs = all.length;
});

// Ctrl or Cmd with Enter sends what takes several lines.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) event.target.form.requestSubmit();
});
