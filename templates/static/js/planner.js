// The dates follow the rule while it is being written. Without this script, "Show the dates" does it.
"use strict";

(() => {
  const form = document.getElementById("plan");
  const dates = document.getElementById("dates");
  const sum = document.getElementById("sum");
  const own = ["csrf_token", "once", "do", "summary"];
  const ofDates = (name) => name === "on" || name === "shown" || name.startsWith("to-");
  const slow = ["title", "summary", "cities", "format", "mode", "visibility"];
  // What was decided of the dates, kept while a rule half written has none to show.
  let decided = new URLSearchParams();
  let asked = null;
  let timer = 0;

  form.querySelector("[data-show]").hidden = true;

  function fields(take) {
    const sent = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      // An empty hour is sent as well: left out, it would be the usual one.
      if (!own.includes(name) && (value || name === "at") && take(name)) sent.append(name, value);
    }
    return sent;
  }

  async function refresh() {
    if (asked) asked.abort();
    const mine = new AbortController();
    asked = mine;
    const skeleton = setTimeout(() => dates.setAttribute("aria-busy", "true"), 300);
    if (form.elements.shown) decided = fields(ofDates);
    const rule = fields((name) => !slow.includes(name) && !ofDates(name));
    for (const [name, value] of decided) rule.append(name, value);
    try {
      const answer = await fetch(`${form.action}?${rule}&part=dates`, { signal: mine.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      show(await answer.text());
      history.replaceState(null, "", `?${fields((name) => !ofDates(name))}`);
    } catch (error) {
      // The button asks the long way round and says what is wrong.
      if (error.name !== "AbortError") form.querySelector("[data-show]").hidden = false;
    } finally {
      clearTimeout(skeleton);
      if (asked === mine) dates.removeAttribute("aria-busy");
    }
  }

  function show(html) {
    const focused = dates.contains(document.activeElement) ? document.activeElement.id : "";
    const page = new DOMParser().parseFromString(html, "text/html");
    const said = page.querySelector("[data-sum]");
    if (said) {
      sum.replaceChildren(...said.childNodes);
      said.remove();
    }
    dates.replaceChildren(...page.body.childNodes);
    if (focused) document.getElementById(focused)?.focus();
  }

  form.addEventListener("input", (event) => {
    if (slow.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, event.target.name === "at" ? 500 : 50);
  });
})();
