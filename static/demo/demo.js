// Acme's website: its links switch pages, and what is looked at is reported as the embed script would.

const site = document.getElementById("site");
const pages = [...site.querySelectorAll("section[data-page]")];
const links = [...site.querySelectorAll("nav a")];

const report = (event, page, title) => window.Baton("track", event, { page, title });

const turnTo = (id) => {
  const shown = pages.find((page) => page.id === id) ?? pages[0];
  for (const page of pages) page.hidden = page !== shown;
  for (const link of links) {
    if (link.hash === `#${shown.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.getElementById("site-path").textContent = shown.dataset.page === "/" ? "" : shown.dataset.page;
  report("page_view", shown.dataset.page, shown.querySelector("h1, h2").textContent);
};

site.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link?.hash) return;
  event.preventDefault();
  if (link.dataset.event) report(link.dataset.event, link.dataset.page, link.textContent);
  else turnTo(link.hash.slice(1));
});

turnTo("home");
