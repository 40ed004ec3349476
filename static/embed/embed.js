// Baton's loader: turns links to a flow into frames on this page. Options, commands and events: docs/embed.md.
(() => {
  const script = document.currentScript || document.querySelector('script[src*="/embed.js"]');
  if (window.Baton?.add) return window.Baton.add(script);

  const server = new URL(script.src);
  const base = server.href.replace(/\/embed\.js.*$/, "");
  const PATIENCE = 8000, WEEK = 6048e5, HALF_A_YEAR = 15552e6;
  const CSS = `
:host{all:initial;position:absolute}
*{box-sizing:border-box}
.panel,.bubble{font:600 16px/1.25 system-ui,sans-serif;color-scheme:light dark}
.panel{border:0;padding:0;background:Canvas;color:CanvasText;overflow:hidden;box-shadow:0 8px 40px #0005}
.panel[hidden],.panel:not([open]):is(dialog){display:none}
.panel:focus{outline:0}
dialog{inline-size:min(40rem,100vw - 24px);block-size:min(46rem,100vh - 24px);block-size:min(46rem,100dvh - 24px);max-inline-size:none;max-block-size:none;border-radius:12px}
dialog::backdrop{background:#0008}
.slide{position:fixed;z-index:2147483000;inset-block:0;inset-inline-end:0;inline-size:min(27rem,100vw)}
.slide.start{inset-inline:0 auto}
.float{position:fixed;z-index:2147483000;inset-block-end:84px;inset-inline-end:16px;inline-size:min(25rem,100vw - 32px);block-size:min(38rem,100vh - 100px);block-size:min(38rem,100dvh - 100px);border-radius:16px}
.float.start,.bubble.start{inset-inline:16px auto}
iframe{display:block;border:0;inline-size:100%;block-size:100%}
.x{display:block;inline-size:44px;block-size:44px;margin-inline-start:auto;border:0;background:none;color:inherit;font:24px/1 system-ui;cursor:pointer}
.x+iframe{block-size:calc(100% - 44px)}
.bubble{position:fixed;z-index:2147483000;inset-block-end:16px;inset-inline-end:16px;max-inline-size:calc(100vw - 32px);min-block-size:52px;padding:8px 24px;border:1px solid transparent;border-radius:99px;background:var(--baton-accent,#12594c);color:var(--baton-on-accent,#fff);box-shadow:0 4px 16px #0005;cursor:pointer}
.bubble[aria-expanded=true]::after{content:"\\00d7"/"";margin-inline-start:8px}
:focus-visible{outline:3px solid #b0480a;outline-offset:2px}`;

  const embeds = [], listeners = [], shared = {};
  let prefilled = {}, identity = "", queue = [], sent = [], timer = 0, blocked = false, remembered = "";

  const random = () => crypto.getRandomValues(new Uint8Array(16)).reduce((all, n) => all + (n + 256).toString(16).slice(1), "");
  const kept = (store, name, value) => {
    try {
      const at = window[store + "Storage"];
      if (value === undefined) return at.getItem(name) || "";
      if (value) at.setItem(name, value); else at.removeItem(name);
    } catch { /* storage is blocked */ }
    return "";
  };
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const parsed = (json) => {
    if (typeof json !== "string") return json || {};
    try { return JSON.parse(json); } catch { console.warn("[baton] prefill is not JSON:", json); return {}; }
  };
  const attributes = (element) => {
    const found = {};
    for (const name in element?.dataset) if (/^baton[A-Z]/.test(name)) found[name[5].toLowerCase() + name.slice(6)] = element.dataset[name];
    return found;
  };

  // Who this browser is, as far as its owner lets us know: nothing, this tab's session, or 180 days.
  const private_ = () => navigator.globalPrivacyControl || (navigator.doNotTrack || window.doNotTrack) === "1";
  const visitor = () => {
    if (shared.visitor) return shared.visitor;
    const { consent = "none" } = shared;
    if (private_() || !/^(none|granted)$/.test(consent)) return "";
    // A frame waits for this: the slow storage of the whole site is only asked where it may hold anything.
    const [id, until] = consent === "granted" ? kept("local", "baton_visitor").split(".") : [];
    if (until > Date.now()) return id;
    remembered ||= kept("session", "baton_visitor") || random();
    if (consent === "granted") kept("local", "baton_visitor", `${remembered}.${Date.now() + HALF_A_YEAR}`);
    else kept("session", "baton_visitor", remembered);
    return remembered;
  };
  const forget = () => {
    remembered = "";
    for (const store of ["local", "session"]) kept(store, "baton_visitor", "");
  };

  // Where this visitor came from. Query parameters that nobody listed stay on this page.
  const referrer = () => document.referrer.startsWith(location.origin + "/") ? "" : document.referrer;
  const campaign = () => {
    const query = new URLSearchParams(location.search), wanted = shared.params || "utm", found = {};
    const listed = wanted === "utm" ? /^(utm_\w+|gclid|msclkid|fbclid)$/ : wanted === "all" ? /./ :
      { test: (name) => wanted.split(",").includes(name) };
    for (const [name, value] of query) if (wanted !== "none" && listed.test(name)) found[name] = value;
    return found;
  };
  const touch = () => {
    const { utm_source, utm_medium, utm_campaign } = campaign();
    return { utm_source, utm_medium, utm_campaign };
  };
  const arrived = () => {
    const query = new URLSearchParams(campaign()).toString();
    return {
      ...touch(), visitor: visitor(), referrer: referrer(), identity,
      page: location.origin + location.pathname + (query && "?" + query),
    };
  };

  // What is looked at and downloaded: in batches, through one of our frames where this page has one,
  // since its policy may let nothing else out. While none is open, a beacon tries it when they leave.
  const track = (event, more) => {
    queue.push({ id: random(), event, page: location.pathname, title: document.title, at: new Date().toISOString(), ...more });
    queue = queue.slice(-100);
    timer ||= setTimeout(flush, 1000);
  };
  const flush = (leaving) => {
    clearTimeout(timer);
    timer = 0;
    const who = visitor(), frame = embeds.find((each) => each.live);
    if (!queue.length || !shared.site || !who || (!frame && (blocked || (embeds.length && !leaving)))) return;
    sent = queue.splice(0, 50);
    const body = JSON.stringify({ site: shared.site, visitor: who, events: sent });
    if (frame) frame.post("events", { body });
    else navigator.sendBeacon(base + "/api/v1/events", body);
  };

  const embed = (element, options) => {
    // A frame that the page itself holds is there sooner than one of ours; a link is made that it could have been made from.
    let frame = element?.matches("iframe") ? element : null;
    const link = frame ? make("a", { href: frame.src, textContent: frame.title }) :
      element?.matches("a") ? element : element?.querySelector("a[href]") || element;
    // A page of another site is no flow of ours: it is never framed, nor told who comes.
    const own = link?.origin === server.origin;
    const flow = options.flow || (own && link.pathname.split("/").pop());
    const mode = options.mode || "inline";
    if (!flow || !/^(inline|popup|slide|bubble)$/.test(mode)) return console.warn("[baton] This names no flow, or a mode there is not:", element);
    const href = own ? link.href : `${base}/${mode === "bubble" ? "c" : "f"}/${flow}`;
    const label = options.label || link?.textContent.trim() || (mode === "bubble" ? "Chat with sales" : flow);
    const id = random();
    let panel, button, opener, host = frame ? link : element, waiting, broken = false, state = {}, tallest = 0;

    const tell = (name, more) => {
      const { version, variant = null, conversation } = state;
      const detail = { flow, version, variant, conversation, ...more };
      host.dispatchEvent(new CustomEvent("baton:" + name, { bubbles: true, composed: true, detail }));
      const flat = { event: "baton_" + name };
      for (const key in detail) flat["baton_" + key] = detail[key];
      (window.dataLayer ||= []).push(flat);
      for (const [wanted, heard] of listeners) if (wanted === name) heard(detail);
    };
    const post = (type, more) => frame?.contentWindow?.postMessage({ baton: 1, id, type, ...more }, server.origin);
    const init = () => post("init", { arrived: arrived(), prefill: { ...parsed(options.prefill), ...prefilled }, keep: shared.consent === "granted" });

    const load = () => {
      if (frame) return frame;
      const address = new URL(href);
      const look = { embed: 1, site: shared.site, theme: options.theme, lang: options.lang, visitor: visitor() };
      if (options.test && options.test !== "false") look.test = "true";
      for (const name in look) if (look[name] && look[name] !== "auto") address.searchParams.set(name, look[name]);
      return watch(make("iframe", { src: address, title: label }));
    };
    const watch = (one) => {
      waiting = setTimeout(fail, PATIENCE);
      return frame = Object.assign(one, { onload: init });
    };
    const fail = () => {
      console.error(`[baton] ${flow} did not load on ${location.origin}. Add this site under Settings → Allowed sites.`);
      close();
      unload();
      broken = true;
      tell("error");
    };
    const unload = () => {
      clearTimeout(waiting);
      frame?.remove();
      frame = null;
      self.live = false;
      state = {};
      tallest = 0;
      if (link) link.style.display = "";
    };

    const inline = () => {
      if (frame || broken || !embeds.includes(self)) return;
      load().style = `display:block;width:100%;border:0;height:${tallest = 420}px`;
      link.after(frame);
      link.style.display = "none";
    };
    const build = () => {
      const root = make("div", { className: "baton" });
      const shadow = root.attachShadow({ mode: "open" });
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(CSS);
        shadow.adoptedStyleSheets = [sheet];
      } catch { shadow.append(make("style", { textContent: CSS })); }
      const side = options.side === "start" ? " start" : "";
      panel = make(mode === "popup" ? "dialog" : "div", {
        id: "panel", className: "panel " + (mode === "bubble" ? "float" : mode) + side, ariaLabel: label, tabIndex: -1 });
      if (mode === "popup") panel.onclick = (event) => { if (event.target === panel) close(); };
      else Object.assign(panel, { role: "dialog", hidden: true });
      if (mode === "bubble") {
        button = make("button", { type: "button", className: "bubble" + side, textContent: label, onclick: () => toggle() });
        button.setAttribute("aria-controls", "panel");
        shadow.append(button);
      } else panel.append(make("button", { type: "button", className: "x", textContent: "×", ariaLabel: "Close", onclick: () => close() }));
      button ||= link;
      if (button) button.ariaHasPopup = "dialog";
      if (mode !== "popup") expanded(false);
      panel.onclose = closed;
      root.onkeydown = (event) => { if (event.key === "Escape" && mode !== "popup") close(); };
      shadow.append(panel);
      document.body.append(root);
      host ||= root;
      self.root = root;
    };
    const expanded = (is) => { if (button) button.ariaExpanded = is; };
    const opened = () => panel && (mode === "popup" ? panel.open : !panel.hidden);
    const open = (unasked) => {
      if (mode === "inline") return inline(), host.scrollIntoView({ block: "nearest" });
      if (broken) return location.assign(href);
      if (opened()) return;
      if (!frame) panel.append(load());
      opener = document.activeElement;
      if (mode === "popup") return panel.showModal();
      panel.hidden = false;
      expanded(true);
      if (mode === "slide" && unasked !== true) panel.focus();
    };
    const closed = () => tell("close");
    const close = () => {
      if (!opened()) return;
      if (mode === "popup") return panel.close();
      const inside = self.root.shadowRoot.activeElement;
      panel.hidden = true;
      expanded(false);
      if (inside && inside !== button) (button || opener)?.focus();
      closed();
    };
    const toggle = () => opened() ? close() : open();
    const click = (event) => {
      if (broken || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      toggle();
    };

    const hear = ({ type, height, ...now }) => {
      if (type === "close") return close();
      if (type === "error") return tell("error");
      if (type === "again") return Baton("reset");
      if (type === "height" && mode === "inline" && (height > tallest || (state.ended && height !== tallest))) {
        frame.style.height = (tallest = height) + "px";
      }
      if (type !== "state") return;
      clearTimeout(waiting);
      const before = state;
      state = now;
      frame.title = now.title || label;
      if (!self.live) { self.live = true; tell("ready"); flush(); }
      if (now.conversation && now.conversation !== before.conversation) tell("start");
      if (now.answered > (before.answered || 0) && before.question) {
        tell("submit", { question: before.question });
        if (mode === "inline" && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      }
      if (now.human && !before.human) tell("human");
      if (now.question && now.question !== before.question) tell("question", { question: now.question });
      if (now.ended && !before.ended) tell("end", now.ending && { ending: now.ending });
    };

    const self = {
      element, flow, id, live: false, open, close, toggle, hear, post, init, source: () => frame?.contentWindow,
      unmount() {
        unload();
        self.root?.remove();
        link?.removeEventListener("click", click);
        embeds.splice(embeds.indexOf(self), 1);
      },
      restart() {
        const was = frame?.parentNode;
        unload();
        if (mode === "inline") inline(); else was?.append(load());
      },
    };
    embeds.push(self);
    if (frame) {
      frame.before(link);
      link.style.display = "none";
      tallest = watch(frame).offsetHeight;
      // It may have been quicker than we were. To look into one that is still empty keeps a slow phone busy
      // just when its page arrives, so that waits a little.
      setTimeout(() => { if (!self.live && frame?.contentDocument?.URL !== "about:blank") init(); }, 300);
    } else if (mode === "inline") {
      // Far below, where few will scroll, it stays a link and costs nothing. To be told so takes the page's first frame.
      const box = link.getClientRects()[0];
      if (box?.top < innerHeight + 500 && box.bottom > -500) return inline();
      const near = new IntersectionObserver(([seen]) => { if (seen.isIntersecting) { near.disconnect(); inline(); } }, { rootMargin: "500px" });
      near.observe(link);
    } else {
      build();
      link?.addEventListener("click", click);
      unasked(self, String(options.open || "click").split(":"));
    }
  };

  // Opening without being asked: once a week, never over another dialog, never on leaving by touch.
  const unasked = (each, [when, much]) => {
    const go = () => {
      if (!embeds.includes(each) || kept("local", "baton_opened") > Date.now() - WEEK || document.querySelector("dialog[open],[aria-modal=true]")) return;
      if (embeds.some((other) => other.root?.shadowRoot.querySelector("dialog[open]"))) return;
      kept("local", "baton_opened", String(Date.now()));
      each.open(true);
    };
    if (when === "load") go();
    if (when === "time") setTimeout(go, much ?? 15000);
    if (when === "scroll") {
      const far = () => {
        if ((scrollY + innerHeight) / document.documentElement.scrollHeight * 100 < (much ?? 50)) return;
        removeEventListener("scroll", far);
        go();
      };
      addEventListener("scroll", far, { passive: true });
    }
    if (when === "exit" && matchMedia("(hover: hover)").matches) {
      document.documentElement.addEventListener("mouseleave", ({ clientY }) => { if (clientY <= 0) go(); });
    }
  };

  const find = (which) => embeds.findLast((each) => !which || which === each.element || which === each.flow);
  const tellAll = () => embeds.forEach((each) => each.init());
  const commands = {
    open: (which) => find(which)?.open(),
    close: (which) => which ? find(which)?.close() : embeds.forEach((each) => each.close()),
    toggle: (which) => find(which)?.toggle(),
    mount(element, more) {
      if (!embeds.some((each) => each.element === element)) embed(element, { ...shared, ...attributes(element), ...more });
    },
    unmount: (element) => embeds.filter((each) => each.element === element).forEach((each) => each.unmount()),
    prefill(values) { prefilled = { ...prefilled, ...values }; tellAll(); },
    identify(token) { identity = token; tellAll(); },
    consent(given) {
      shared.consent = given ? "granted" : "denied";
      if (!given) { forget(); queue = []; }
      flush();
      tellAll();
    },
    reset() { forget(); prefilled = {}; identity = ""; [...embeds].forEach((each) => each.restart()); },
    on: (name, heard) => listeners.push([name.replace("baton:", ""), heard]),
    track,
  };
  const Baton = (name, ...more) => {
    if (Object.hasOwn(commands, name)) return commands[name](...more);
    console.warn(`[baton] There is no command "${name}".`);
  };
  // A second script tag of ours on the same page brings its own options to this one.
  Baton.add = (from) => {
    const query = Object.fromEntries(new URL(from.src).searchParams);
    const { flow, mode, label, side, open, ...rest } = { ...window.batonSettings, ...attributes(from), ...query };
    Object.assign(shared, rest);
    const start = () => {
      const links = flow ? `[href^="${base}/f/${flow}"],[href^="${base}/c/${flow}"]` : "";
      for (const each of document.querySelectorAll("[data-baton-mode],[data-baton-flow]")) if (each !== from && each.tagName !== "SCRIPT") commands.mount(each);
      if (!flow || !mode || mode === "inline") return;
      const own = mode === "bubble" ? [] : document.querySelectorAll(links);
      for (const each of own) commands.mount(each, { flow, mode, label, side });
      if (!own.length || (open && open !== "click")) embed(null, { ...shared, flow, mode, label, side, open });
    };
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", start); else start();
  };

  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== server.origin || data?.baton !== 1) return;
    embeds.find((each) => each.id === data.id && each.source() === source)?.hear(data);
  });
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective !== "connect-src" || !blockedURI.startsWith(server.origin) || blocked) return;
    blocked = true;
    queue.unshift(...sent);
    flush();
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(true); });
  document.addEventListener("click", ({ target }) => {
    if (shared.track === "manual") return;
    const link = target.closest?.("a[href]");
    if (link && (link.hasAttribute("download") || /\.(pdf|zip|docx?|xlsx?|pptx?|csv)$/i.test(link.pathname))) {
      track("download", { page: link.pathname, title: link.textContent.trim() });
    }
  }, true);

  const asked = window.Baton?.q || [];
  window.Baton = Baton;
  Baton.add(script);
  if (shared.track !== "manual") track("page_view", { ...touch(), referrer_host: referrer() ? new URL(referrer()).hostname : undefined });
  for (const each of asked) Baton(...each);
})();
