// A flow inside another site's page: tells the page around it how tall it is and what happened, never
// what was said, and takes from it where the visitor came from. Talks to allowed sites only.
(() => {
  if (window === parent) return;
  const allowed = document.currentScript.dataset.origins.split(" ").map((each) => each === "'self'" ? location.origin : each);
  const turn = () => document.getElementById("turn");
  let host = "", id, arrived = {}, prefill = {}, hear;

  const post = (type, more) => { if (host) parent.postMessage({ baton: 1, id, type, ...more }, host); };
  const tell = () => {
    const { flow, version, variant, title, conversation, question, answered, ended, ending, human } = turn().dataset;
    post("state", { flow, version, variant, title, conversation, question, answered: Number(answered), ended: ended === "true", ending, human: human === "true" });
    measure();
  };
  // A chat fills whatever it is given.
  const measure = () => { if (!turn().classList.contains("c")) post("height", { height: Math.ceil(document.body.getBoundingClientRect().height) }); };

  // What the host page suggests is only chosen beforehand, and never over somebody's own choice.
  const suggest = () => {
    const wanted = [prefill[turn().dataset.question]].flat().map(String);
    const controls = [...turn().querySelectorAll("[name=answer], textarea[name=said], input#answer")];
    if (controls.some((each) => each.checked || each.ariaCurrent || (!/radio|checkbox|submit/.test(each.type) && each.value))) return;
    for (const each of controls) {
      if (each.type === "submit") { if (wanted.includes(each.value)) each.ariaCurrent = "true"; }
      else if (each.type === "radio" || each.type === "checkbox") each.checked = wanted.includes(each.value);
      else if (turn().dataset.question in prefill && !each.closest(".composer")) each.value = wanted[0];
    }
  };
  const changed = () => { tell(); suggest(); };

  addEventListener("message", ({ origin, source, data }) => {
    if (source !== parent || !allowed.includes(origin) || data?.baton !== 1) return;
    if (data.type === "init") {
      host = origin;
      ({ id, arrived, prefill } = data);
      changed();
      hear();
      if (data.keep) document.dispatchEvent(new CustomEvent("keep"));
    }
    if (data.type === "events" && host) {
      fetch("/api/v1/events", { method: "POST", body: data.body, keepalive: true, credentials: "omit" }).catch(() => {});
    }
  });

  // Until a conversation has begun, its first answer also brings where the visitor came from. Who is
  // quicker than the page around them waits for its word, and not for long.
  let heard = false, held = false;
  const word = new Promise((done) => { hear = done; setTimeout(done, 2000); });
  word.then(() => { heard = true; });
  addEventListener("submit", async (event) => {
    if (heard || turn().dataset.conversation) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (held) return;
    held = true;
    await word;
    if (event.target.isConnected) event.target.requestSubmit(event.submitter);
  }, true);
  document.addEventListener("formdata", ({ formData }) => {
    if (turn().dataset.conversation) return;
    for (const [name, value] of Object.entries(arrived)) if (value) formData.set(name, value);
  });

  new ResizeObserver(measure).observe(document.body);
  new MutationObserver(changed).observe(document.body, { childList: true });
  document.addEventListener("unsent", () => post("error"));
  // Somebody else begins: the page around us forgets who this was, and opens the frame anew.
  document.addEventListener("click", (event) => {
    if (!host || !event.target.closest?.("a[data-again]")) return;
    event.preventDefault();
    post("again");
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) post("close"); });
})();
