// The recording, its text, its slides and its chapters keep step. Without this file the page reads
// the same, and its links lead to the seconds.
"use strict";

(() => {
  const player = document.querySelector("[data-player]");
  const script = document.querySelector("[data-script]");
  const lines = script ? [...script.querySelectorAll("li[data-s]")] : [];
  const starts = lines.map((line) => Number(line.dataset.s));
  const chapters = [...document.querySelectorAll("[data-chapters] a[data-s]")];
  const film = [...document.querySelectorAll("[data-film] a")];
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let current = lines.findIndex((line) => line.classList.contains("cur"));

  function timecode(seconds) {
    const whole = Math.floor(seconds);
    const two = (number) => String(number).padStart(2, "0");
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  }

  // The last line that has begun; -1 before the first.
  function lineAt(seconds) {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= seconds + 0.05) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  // An address names whole seconds: the line it means may begin a moment after the second.
  function lineMeant(seconds) {
    const place = lineAt(seconds);
    return place + 1 === current && starts[current] - seconds < 1 ? current : place;
  }

  // --- the text follows, until the reader scrolls ---

  const followLabel = document.querySelector("[data-follow]");
  const follow = followLabel ? followLabel.querySelector("input") : null;
  if (followLabel && player) followLabel.hidden = false;

  function show(line, always) {
    if (!script || !line) return;
    if (!always && follow && !follow.checked) return;
    // Where one arrives the line stands high: the panel's lower half may be below the screen.
    const top = line.offsetTop - script.clientHeight / (always ? 10 : 3);
    script.scrollTo({ top, behavior: calm || always ? "auto" : "smooth" });
  }

  // The panel shows the line: a wide screen keeps its title, its way back and its slide.
  if (script && location.hash === "#now" && matchMedia("(min-width: 992px)").matches) {
    addEventListener("load", () => requestAnimationFrame(() => scrollTo(0, 0)), { once: true });
  }

  function setCurrent(place) {
    if (place === current) return;
    if (lines[current]) {
      lines[current].classList.remove("cur");
      lines[current].removeAttribute("aria-current");
      if (lines[current].id === "now") lines[current].removeAttribute("id");
    }
    current = place;
    if (!lines[place]) return;
    lines[place].classList.add("cur");
    lines[place].setAttribute("aria-current", "true");
    show(lines[place], false);
  }

  if (script && follow) {
    const pause = () => {
      if (player && !player.paused) follow.checked = false;
    };
    script.addEventListener("wheel", pause, { passive: true });
    script.addEventListener("touchmove", pause, { passive: true });
    script.addEventListener("keydown", (event) => {
      if (["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].includes(event.key)) pause();
    });
    follow.addEventListener("change", () => show(lines[current], false));
  }

  // --- slides and chapters ---

  const large = document.querySelector("[data-slide-large]");
  const slideTitle = document.querySelector("[data-slide-title]");
  const slideWords = document.querySelector("[data-slide-words]");
  let shown = film.findIndex((link) => link.hasAttribute("aria-current"));

  function showSlide(place) {
    if (place === shown || !film[place] || !large) return;
    if (film[shown]) film[shown].removeAttribute("aria-current");
    shown = place;
    film[place].setAttribute("aria-current", "true");
    const copy = film[place].firstElementChild.cloneNode(true);
    copy.removeAttribute("loading");
    large.replaceChildren(copy);
    if (slideTitle) slideTitle.textContent = film[place].dataset.title;
    // These are the words of the slide that the page was opened with.
    if (slideWords) slideWords.hidden = true;
    const strip = film[place].parentElement;
    strip.scrollTo({
      left: film[place].offsetLeft - strip.offsetLeft,
      top: film[place].offsetTop - strip.offsetTop,
      behavior: calm ? "auto" : "smooth",
    });
  }

  function slideAt(seconds) {
    return film.findIndex((link) => {
      if (!("from" in link.dataset)) return false;
      const to = "to" in link.dataset ? Number(link.dataset.to) : Infinity;
      return Number(link.dataset.from) <= seconds && seconds < to;
    });
  }

  function setChapter(seconds) {
    let begun = -1;
    chapters.forEach((link, place) => {
      if (Number(link.dataset.s) <= seconds + 0.05) begun = place;
    });
    chapters.forEach((link, place) => {
      if (place === begun) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }

  // --- the citation names the second ---

  const cited = document.querySelector("[data-cite]");

  function cite(seconds) {
    if (!cited) return;
    document.querySelectorAll("[data-cite-time]").forEach((place) => {
      place.textContent = timecode(seconds);
    });
    cited.querySelector("[data-cite-link]").textContent =
      `${cited.dataset.cite}?t=${Math.floor(seconds)}`;
    const who = cited.querySelector("[data-cite-who]");
    const speaker = speakerOf(lines[current]);
    if (who && speaker) who.textContent = speaker;
  }

  function speakerOf(line) {
    let at = line;
    while (at) {
      const who = at.querySelector(".who");
      if (who) return who.textContent;
      at = at.previousElementSibling;
    }
    return "";
  }

  document.querySelectorAll("[data-copy-row]").forEach((row) => {
    row.hidden = !navigator.clipboard;
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.querySelector(button.dataset.copy).textContent.replace(/\s+/g, " ").trim();
    await navigator.clipboard.writeText(text);
    const label = button.querySelector("span");
    const before = label.textContent;
    if (before === button.dataset.done) return;
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 2000);
  });

  // --- going to a second ---

  function keepStep(seconds) {
    setCurrent(lineMeant(seconds));
    const slide = slideAt(seconds);
    if (slide >= 0) showSlide(slide);
    setChapter(seconds);
    cite(seconds);
  }

  function go(seconds, place) {
    if (follow) follow.checked = true;
    if (player) {
      player.currentTime = seconds;
      player.play().catch(() => {}); // not allowed to play by itself: it stands at the second
    }
    keepStep(seconds);
    if (place !== undefined) setCurrent(place);
    const address = new URL(window.location.href);
    address.searchParams.set("t", String(Math.floor(seconds)));
    address.searchParams.delete("slide");
    address.hash = "";
    window.history.replaceState(null, "", address);
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const time = event.target.closest("[data-script] a.t, [data-chapters] a[data-s]");
    if (time) {
      event.preventDefault();
      const line = time.closest("li[data-s]");
      go(Number((line || time).dataset.s), line ? lines.indexOf(line) : undefined);
      return;
    }
    const picture = event.target.closest("[data-film] a");
    if (!picture) return;
    event.preventDefault();
    showSlide(film.indexOf(picture));
    if (player && "from" in picture.dataset) go(Number(picture.dataset.from));
  });

  if (player) {
    player.addEventListener("timeupdate", () => keepStep(player.currentTime));
    player.addEventListener("seeking", () => keepStep(player.currentTime));
  }
  if (current >= 0) show(lines[current], true);

  // --- finding in the text ---

  const find = document.querySelector("[data-find]");
  const count = document.querySelector("[data-count]");
  let marks = script ? [...script.querySelectorAll("mark")] : [];
  let mark = -1;

  function tell() {
    if (!count) return;
    const field = find && find.querySelector("[name=q]");
    if (!field || !field.value.trim()) count.textContent = "";
    else if (!marks.length) count.textContent = count.dataset.none;
    else {
      count.textContent = count.dataset.of
        .replace("{place}", String(mark + 1))
        .replace("{count}", String(marks.length));
    }
  }

  function goToMark(step) {
    if (!marks.length) return;
    marks.forEach((one) => one.classList.remove("on"));
    mark = (mark + step + marks.length) % marks.length;
    marks[mark].classList.add("on");
    if (follow) follow.checked = false;
    show(marks[mark].closest("li"), true);
    tell();
  }

  function setMarks(found) {
    const places = new Map(found);
    lines.forEach((line) => {
      const words = line.querySelector("p");
      const here = places.get(Number(line.dataset.id));
      if (!here && !words.querySelector("mark")) return;
      // Places are counted in characters, as the server counts them, not in UTF-16 units.
      const text = [...words.textContent];
      const pieces = [];
      let at = 0;
      (here || []).forEach(([start, end]) => {
        pieces.push(text.slice(at, start).join(""));
        const one = document.createElement("mark");
        one.textContent = text.slice(start, end).join("");
        pieces.push(one);
        at = end;
      });
      pieces.push(text.slice(at).join(""));
      words.replaceChildren(...pieces);
    });
    marks = [...script.querySelectorAll("mark")];
    mark = -1;
  }

  if (find && script) {
    const field = find.querySelector("[name=q]");
    let asked = field.value.trim();
    const near = marks.findIndex((one) => {
      const line = lines.indexOf(one.closest("li"));
      return line >= current;
    });
    if (marks.length) mark = Math.max(near, 0);
    tell();
    find.addEventListener("submit", async (event) => {
      event.preventDefault();
      const words = field.value.trim();
      if (words === asked) {
        goToMark(1);
        return;
      }
      const address = new URL(find.dataset.find, window.location.href);
      address.searchParams.set("q", words);
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        setMarks((await answer.json()).lines);
      } catch {
        find.submit(); // the page itself says what is the matter
        return;
      }
      asked = words;
      if (marks.length) goToMark(1);
      else tell();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        field.value = "";
        asked = "";
        setMarks([]);
        tell();
      } else if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        goToMark(-1);
      }
    });
  }
})();
