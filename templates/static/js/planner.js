// What follows from a form of the planner stands under it while it is being written. Without this
// script, its buttons show the same the long way round.
"use strict";

(() => {
  const form = document.getElementById("plan");
  const dates = document.getElementById("dates");
  const sum = document.getElementById("sum");
  const part = form.dataset.part || "dates";
  const own = ["csrf_token", "once", "do", "summary"];
  const ofDates = (name) => name === "on" || name === "shown" || name.startsWith("to-");
  // What is no part of the rule changes nothing of its dates, but may stand in the way of others.
  const slow = ["title", "summary", "visibility"];
  // A field of a card that is drawn anew at once when it changes.
  const redrawing = ["picked", "add"];
  // What was decided of the dates, kept while a rule half written has none to show.
  let decided = new URLSearchParams();
  let asked = null;
  let timer = 0;

  const showButtons = (hidden) =>
    form.querySelectorAll("[data-show]").forEach((button) => { button.hidden = hidden; });
  showButtons(true);

  function fields(take) {
    const sent = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      // An empty hour is sent as well: left out, it would be the usual one.
      if (!own.includes(name) && (value || name === "at") && take(name)) sent.append(name, value);
    }
    return sent;
  }

  // The fields that a button sets stand in place of those of the same name.
  function overridden(sent, set) {
    for (const name of new Set(set.keys())) {
      sent.delete(name);
      for (const value of set.getAll(name)) if (value) sent.append(name, value);
    }
    return sent;
  }

  async function refresh(set = null) {
    if (asked) asked.abort();
    const mine = new AbortController();
    asked = mine;
    const skeleton = setTimeout(() => dates.setAttribute("aria-busy", "true"), 300);
    if (form.elements.shown) decided = fields(ofDates);
    let rule = fields((name) => !slow.includes(name) && !ofDates(name));
    if (set) rule = overridden(rule, set);
    const asking = new URLSearchParams(rule);
    for (const [name, value] of decided) asking.append(name, value);
    asking.set("part", part);
    try {
      const answer = await fetch(`${form.action}?${asking}`, { signal: mine.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      show(await answer.text(), set);
      history.replaceState(null, "", `?${fields((name) => !ofDates(name) && name !== "add")}`);
    } catch (error) {
      // The button asks the long way round and says what is wrong.
      if (error.name !== "AbortError") showButtons(false);
    } finally {
      clearTimeout(skeleton);
      if (asked === mine) dates.removeAttribute("aria-busy");
    }
  }

  function show(html, set) {
    const focused = document.activeElement;
    const mark = focused && (focused.id || focused.value);
    const find = () => (focused && focused.id ? document.getElementById(focused.id)
      : [...form.querySelectorAll('button[name="do"]')].find((b) => b.value === mark));
    const page = new DOMParser().parseFromString(html, "text/html");
    const said = page.querySelector("[data-sum]");
    if (said) {
      sum.replaceChildren(...said.childNodes);
    }
    const rule = page.querySelector("[data-rule]");
    const inRule = document.getElementById("rule");
    // The sentence is drawn anew only where a button changed it: nobody loses what they write.
    if (rule && set && inRule) {
      inRule.replaceWith(...rule.children);
      showButtons(true);
    } else if (set) {
      for (const [name, value] of set) if (form.elements[name]) form.elements[name].value = value;
    } else if (rule && inRule) {
      errors(inRule, rule);
    }
    const whole = page.querySelector("[data-dates]");
    dates.replaceChildren(...(whole || page.body).childNodes);
    if (mark && !document.contains(focused)) find()?.focus();
  }

  // What is wrong with the sentence is said beside it while its fields stay as they are.
  function errors(card, fresh) {
    card.querySelectorAll(".invalid-feedback").forEach((one) => one.remove());
    const sentence = card.querySelector(".v-rule");
    fresh.querySelectorAll(".invalid-feedback").forEach((one) => sentence.before(one));
  }

  form.addEventListener("input", (event) => {
    const name = event.target.name;
    if (slow.includes(name) || !name) return;
    clearTimeout(timer);
    if (redrawing.includes(name)) {
      timer = setTimeout(() => refresh(new URLSearchParams(`${name}=${event.target.value}`)), 600);
      return;
    }
    const typed = ["at", "count", "dates", "first", "last", "day"].includes(name);
    timer = setTimeout(refresh, typed ? 500 : 50);
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="do"]');
    if (!button || !button.value.startsWith("set:")) return;
    event.preventDefault();
    refresh(new URLSearchParams(button.value.slice(4)));
  });
})();
