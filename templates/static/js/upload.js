// Sends files one by one and shows how far each is; then watches them being read.
// Without this file the form sends them all at once, and the page renews itself.
"use strict";

(() => {
  const form = document.querySelector("form[data-upload]");
  const progress = document.querySelector("[data-progress]");

  // --- what becomes of the files ---

  let timer = 0;

  // A question that is open, or a button one stands on, is not taken away.
  function put(place, html) {
    if (place.querySelector("details[open]") || place.contains(document.activeElement)) return;
    place.innerHTML = html;
  }

  async function renew() {
    if (!progress) return;
    try {
      const answer = await fetch(progress.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const { busy, html, who } = await answer.json();
      progress.dataset.busy = busy ? "yes" : "";
      put(progress, html);
      put(document.querySelector("[data-who]"), who);
    } catch {
      progress.dataset.busy = "yes"; // the line is down: ask again
    }
    watch();
  }

  function watch() {
    clearTimeout(timer);
    if (progress && progress.dataset.busy) timer = setTimeout(renew, document.hidden ? 10000 : 1500);
  }
  watch();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && progress && progress.dataset.busy) renew();
  });

  // --- sending ---

  if (!form) return;
  const field = form.querySelector("input[type=file]");
  const drop = form.querySelector("[data-drop]");
  const rows = form.querySelector("[data-rows]");
  const button = form.querySelector("[data-send]");
  const limit = Number(form.dataset.limit);
  const words = (name, file) => form.dataset[name].replace("{name}", file.name);
  let waiting = [];
  let sending = false;

  form.querySelector("[data-drop-words]").hidden = false;

  function say(row, kind, text) {
    row.className = kind;
    row.querySelector("p").textContent = text;
    const bar = row.querySelector("progress");
    if (bar) bar.remove();
    const stop = row.querySelector("button");
    if (stop) stop.remove();
  }

  function add(files) {
    [...files].forEach((file) => {
      const row = document.createElement("li");
      const box = document.createElement("div");
      box.className = "flex-grow-1";
      const line = document.createElement("p");
      line.textContent = file.name;
      box.append(line);
      row.append(box);
      rows.append(row);
      rows.hidden = false;
      if (file.size > limit) say(row, "v-bad", words("tooLarge", file));
      else waiting.push({ file, row });
    });
    field.value = "";
  }

  function send({ file, row }) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      const bar = document.createElement("progress");
      bar.className = "v-progress";
      bar.max = 1;
      bar.value = 0;
      row.querySelector("p").textContent = words("sending", file);
      const stop = document.createElement("button");
      stop.type = "button";
      stop.className = "btn btn-secondary btn-sm";
      stop.textContent = form.dataset.stop;
      stop.addEventListener("click", () => request.abort());
      row.firstElementChild.append(bar);
      row.append(stop);
      const failed = () => {
        say(row, "v-bad", words("broken", file));
        done();
      };
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
      });
      request.addEventListener("error", failed);
      request.addEventListener("abort", failed);
      request.addEventListener("load", () => {
        if (request.status === 413) {
          say(row, "v-bad", words("tooLarge", file));
          done();
          return;
        }
        let answer;
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          failed();
          return;
        }
        if (request.status !== 200) failed();
        else if (answer.refused.length) say(row, "v-bad", answer.refused[0]);
        else say(row, "v-ok", words(answer.taken.length ? "taken" : "known", file));
        done();
      });
      const body = new FormData();
      const token = form.querySelector("[name=csrf_token]");
      if (token) body.append("csrf_token", token.value);
      body.append("files", file, file.name);
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    });
  }

  form.addEventListener("submit", async (event) => {
    if (field.files.length) add(field.files);
    if (!waiting.length && !sending) {
      if (!rows.hidden) event.preventDefault();
      return; // nothing chosen: the server says so
    }
    event.preventDefault();
    if (sending) return;
    sending = true;
    button.setAttribute("aria-busy", "true");
    while (waiting.length) {
      await send(waiting.shift());
      renew();
    }
    sending = false;
    button.removeAttribute("aria-busy");
  });

  field.addEventListener("change", () => add(field.files));
  ["dragenter", "dragover"].forEach((name) => {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  });
  ["dragleave", "drop"].forEach((name) => {
    drop.addEventListener(name, () => drop.classList.remove("over"));
  });
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (sending) event.preventDefault();
  });
})();
