// The prospect's pages work without this file. With it an answer is sent without a reload, and one that
// could not be sent stays on the page and is sent again.

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

// An answer that could not be sent is sent again by itself, ever more rarely, as the same turn: nothing is
// kept twice. That is told once, and nothing is sent by itself that somebody has begun to change. A message
// to a person is as good as an answer, and neither waits for the other.
const FIRST_PAUSE = 2000, LONGEST_PAUSE = 30000;
const notice = document.querySelector(".unsent"), reach = notice.querySelector(".reach");
const [unsent, onward] = notice.querySelectorAll("span, a"), words = unsent.textContent;
const both = [{ failures: 0 }, { failures: 0 }];
const of = (element) => both[element.closest("#talk") ? 1 : 0];
let ours = false, open = false;

const rest = (place) => {
  clearTimeout(place.timer);
  place.timer = 0;
  place.quiet = false;
};
const interrupt = (place) => {
  if (place.quiet) {
    place.knock?.abort();
    window.htmx?.trigger(place.form, "htmx:abort");
  }
  rest(place);
};
// By the button, whose value is the answer of a quick reply: htmx knows only one that was clicked.
const press = ({ form, button }) => { if (button?.isConnected) button.click(); else form.requestSubmit(); };
const again = (place, unasked) => {
  rest(place);
  if (!place.form.isConnected) return;
  if (!unasked) (place.button ?? place.form.querySelector(".button"))?.focus();
  ours = place.quiet = unasked;
  press(place);
  ours = false;
};
// What was refused for good says itself what happened, and where to go on.
const explain = (page) => {
  const told = new DOMParser().parseFromString(page, "text/html").querySelector("main#turn");
  const link = told?.querySelector("a.button");
  const sentences = [...told?.querySelectorAll("h1, p:not(:has(a))") ?? []];
  unsent.textContent = sentences.map((each) => each.textContent.replace(/\.?$/, ".")).join(" ") || words;
  onward.hidden = !link;
  if (link) Object.assign(onward, { href: link.href, textContent: link.textContent });
  notice.querySelector("button").hidden = Boolean(link);
};
const failed = (form, status = 0, seconds = 0, page = "") => {
  const place = both.find((each) => each.form === form);
  if (!place) return; // a look for messages, which comes again by itself
  rest(place);
  place.failures += 1;
  explain([404, 410, 413].includes(status) ? page : "");
  notice.hidden = false;
  if (reach) reach.hidden &&= place.failures < 2;
  if (place.failures === 1) document.dispatchEvent(new Event("unsent"));
  const refused = status >= 400 && status < 500 && status !== 429;
  if (refused || place.touched) return;
  const pause = Math.min(FIRST_PAUSE * 2 ** (place.failures - 1), LONGEST_PAUSE) * (1 + Math.random() / 4);
  place.timer = setTimeout(again, Math.max(pause, 1000 * (Number(seconds) || 0)), place, true);
};

const saying = (form, button) => String(new URLSearchParams(new FormData(form, button)));
addEventListener("submit", (event) => {
  const { target: form, submitter } = event, { turn } = form.elements, place = of(form);
  const button = submitter?.tabIndex < 0 ? null : submitter; // the one that Enter presses, which nobody sees
  if (!ours) {
    interrupt(place);
    notice.hidden = true;
  }
  // It may have arrived all the same, and only the reply was lost: other words are then another turn, or the
  // first would stand. A first page has a stamp for a turn, with dots, and there the last words count anyway.
  if (place.failures && turn && !turn.value.includes(".") && saying(form, button) !== place.words) turn.value += "~";
  Object.assign(place, { form, button, words: saying(form, button), touched: false });
  if (window.htmx || open) {
    open = false;
    return;
  }
  // For an ordinary post a browser leaves the page, whether anybody answers or not: knock first.
  event.preventDefault();
  event.stopImmediatePropagation();
  place.knock?.abort();
  const { signal } = place.knock = new AbortController();
  if (!place.quiet) wait();
  fetch(location.href, { method: "HEAD", cache: "no-store", signal }).finally(() => {
    if (!signal.aborted) waited();
  }).then(({ status, headers }) => {
    if (status >= 500) return failed(form, status, headers.get("Retry-After"));
    open = true;
    press(place);
  }).catch(() => { if (!signal.aborted) failed(form); });
}, true);
document.addEventListener("input", ({ target }) => {
  const place = of(target);
  place.touched = true;
  if (place.failures) interrupt(place);
});

for (const each of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(each, ({ detail: { elt, xhr } }) => failed(elt, xhr.status, xhr.getResponseHeader("Retry-After"), xhr.responseText));
}
document.addEventListener("htmx:afterSwap", () => {
  for (const place of both) {
    if (place.form?.isConnected) continue;
    rest(place);
    place.failures = 0;
  }
  if (!both.some(({ failures }) => failures)) notice.hidden = true;
});
// Where autofocus is not to be had: in a frame, and once anything has the focus.
const takeFocus = () => {
  const next = document.querySelector("[data-focus]");
  next?.removeAttribute("data-focus");
  next?.focus();
};
takeFocus();
document.addEventListener("htmx:afterSettle", takeFocus);
const redo = (due, unasked) => { for (const place of both) if (place[due]) again(place, unasked); };
document.addEventListener("click", ({ target }) => { if (target.closest(".unsent button")) redo("failures"); });
addEventListener("online", () => redo("timer", true));

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
const waited = () => {
  clearTimeout(waiting);
  sending.hidden = true;
};
const wait = () => {
  waited();
  waiting = setTimeout(() => { sending.hidden = false; }, 400);
};
document.addEventListener("htmx:beforeRequest", ({ target }) => { if (!of(target).quiet) wait(); });
document.addEventListener("htmx:afterRequest", waited);

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
