// Comforts that a page can do without.
"use strict";

(() => {
  const editable = "input, textarea, select, [contenteditable]";

  // "/" goes to the search field, or to the search page where the page has none.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closeMenu();
      return;
    }
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(editable)) return;
    const search = document.querySelector("input[type=search]");
    const page = document.querySelector("a[data-search]");
    if (!search && !page) return;
    event.preventDefault();
    if (search) search.focus();
    else page.click();
  });

  function closeMenu() {
    const open = document.querySelector("details.v-menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.v-menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // Tells the server the zone of this browser, for readers who chose none themselves.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split("; ").includes(`tz=${zone}`)) {
    const secure = window.location.protocol === "https:" ? "; secure" : "";
    document.cookie = `tz=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
    // The first page of a new reader was drawn by a guess: draw it again by their own clock. Once:
    // afterwards the cookie is there, and where cookies are refused it never is.
    const guessed = document.documentElement.dataset.zoneGuessed;
    if (guessed && guessed !== zone && document.cookie.includes(`tz=${zone}`)) {
      window.location.reload();
    }
  }

  // <form data-once>: a second press sends nothing. Coming back by the browser's button frees it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-once]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });

  // <time data-countdown datetime="…">: "in 12 minutes" stays true while the page is open.
  // data-reload: the page is fetched anew when the moment has come.
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "ru", { numeric: "always" });
  const units = [["day", 86400, 172800], ["hour", 3600, 7200], ["minute", 60, 60], ["second", 1, 0]];

  function count(element) {
    const left = Math.round((Date.parse(element.dateTime) - Date.now()) / 1000);
    if (Number.isNaN(left)) return false;
    if (left <= 0) {
      if ("reload" in element.dataset) window.location.reload();
      return false;
    }
    const [unit, seconds] = units.find(([, , least]) => left >= least);
    // Rounded up: "in 1 minute" until it is one, as people count.
    const said = words.format(Math.ceil(left / seconds), unit);
    if (element.textContent !== said) element.textContent = said;
    return true;
  }

  let counting = [...document.querySelectorAll("time[data-countdown]")].filter(count);
  if (counting.length) {
    const timer = setInterval(() => {
      counting = counting.filter(count);
      if (!counting.length) clearInterval(timer);
    }, 1000);
  }
})();
