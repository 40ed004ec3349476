// Who left in the middle is asked whether to go on. The address of their conversation stays in this tab or,
// where the site around our frame has consent, in this browser; it is gone at the end.
(() => {
  const [, skin, flow] = location.pathname.match(/\/([fc])\/([^/]+)/) || [];
  const name = `baton ${skin}/${flow}`;
  let stores = ["sessionStorage"];

  const each = (use) => {
    for (const store of stores) try { const found = use(window[store]); if (found) return found; } catch { /* blocked */ }
  };
  const forget = () => each((store) => store.removeItem(name));
  const look = () => {
    const turn = document.getElementById("turn");
    if (turn.querySelector(".ending")) return forget();
    const begun = location.pathname.match(/^.*\/[fc]\/[^/]+\/[\w-]{43}(?=\/|$)/);
    if (begun) return each((store) => store.setItem(name, begun[0] + location.search));
    const left = each((store) => store.getItem(name));
    if (!left?.startsWith(location.pathname + "/") || turn.querySelector(".resume")) return;
    const offer = document.getElementById("resume").content.cloneNode(true);
    offer.querySelector("a").href = left;
    turn.querySelector(".bar").after(offer);
  };

  look();
  document.addEventListener("htmx:pushedIntoHistory", look);
  new MutationObserver(look).observe(document.body, { childList: true });
  document.addEventListener("keep", () => { stores = ["sessionStorage", "localStorage"]; look(); });
  // The page it leads to keeps it again; one that has expired does not.
  document.addEventListener("click", ({ target }) => { if (target.closest?.("a[data-again], .resume a")) forget(); });
})();
