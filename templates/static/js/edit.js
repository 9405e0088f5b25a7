// Rows come and go without the page being loaded anew. Without this script every button posts the form.
"use strict";

(() => {
  const form = document.querySelector("form[data-edit]");
  if (!form) return;
  let timer = 0;
  let asked = null;

  async function drawn(does) {
    const sent = new URLSearchParams(new FormData(form));
    sent.append("do", does);
    const answer = await fetch(form.action, { method: "POST", body: sent });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  // Draws the rows as the server would have, and goes on where it would have gone on.
  async function step(button) {
    form.setAttribute("aria-busy", "true");
    try {
      const page = await drawn(button.value);
      for (const part of form.querySelectorAll("[data-live]")) {
        const now = page.getElementById(part.id);
        if (now) part.replaceWith(document.adoptNode(now));
      }
      const next = form.querySelector("[data-live] [autofocus]");
      if (next) {
        next.focus();
        next.scrollIntoView({ block: "nearest" });
      }
    } catch {
      // Signed out, or offline: the long way round keeps the words, and says what is wrong.
      button.dataset.plain = "yes";
      button.click();
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "do" || button.dataset.plain) return;
    event.preventDefault();
    event.stopPropagation();
    step(button);
  });

  // Enter means the button beside the field, where it has one.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-who], [data-city]")) return;
    event.preventDefault();
    if (event.target.value.trim()) beside(event.target).click();
  });

  const beside = (field) => field.closest(".v-pick").querySelector("button");

  async function suggest(field) {
    if (asked) asked.abort();
    asked = new AbortController();
    try {
      const url = `${form.dataset.people}?q=${encodeURIComponent(field.value)}`;
      const answer = await fetch(url, { signal: asked.signal });
      if (!answer.ok) return;
      const options = (await answer.json()).map((label) => {
        const option = document.createElement("option");
        option.value = label;
        return option;
      });
      field.list.replaceChildren(...options);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  // What the hours say of one another, while the rows stay under the reader's hands.
  async function check() {
    const page = await drawn("check").catch(() => null);
    if (!page) return;
    for (const part of form.querySelectorAll("[data-odd]")) {
      const now = page.getElementById(part.id);
      if (now) part.replaceChildren(...now.childNodes);
    }
  }

  form.addEventListener("input", (event) => {
    const field = event.target;
    clearTimeout(timer);
    if (field.matches("[data-who]")) {
      if (/№\d+$/.test(field.value)) beside(field).click();
      else if (field.value.trim().length > 1) timer = setTimeout(() => suggest(field), 200);
    } else if (field.matches("[data-city]")) {
      const names = [...field.list.options].map((option) => option.value);
      // Only a name taken from the list: "Орёл" must not close the way to a longer name.
      if (event.inputType !== "insertText" && names.includes(field.value)) beside(field).click();
    } else if (field.matches("[data-when]")) {
      timer = setTimeout(check, 400);
    }
  });
})();
