// The arrow keys go from hit to hit, Enter opens the one that is marked.
"use strict";

(() => {
  const hits = [...document.querySelectorAll(".v-hit")];
  const hint = document.querySelector("[data-keys]");
  if (!hits.length) return;
  if (hint) hint.hidden = false;
  let at = -1;

  function go(to) {
    if (to < 0 || to >= hits.length) return;
    if (hits[at]) {
      hits[at].classList.remove("on");
      hits[at].removeAttribute("aria-current");
    }
    at = to;
    hits[at].classList.add("on");
    hits[at].setAttribute("aria-current", "true");
    hits[at].querySelector(".v-cue a").focus({ preventScroll: true });
    hits[at].scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const field = event.target.closest("input, textarea, select, summary");
    // From the search field the way down leads to the first hit; what is typed is left alone.
    if (field && !(field.type === "search" && event.key === "ArrowDown")) return;
    event.preventDefault();
    go(event.key === "ArrowDown" ? at + 1 : at - 1);
  });

  // Whoever walks by Tab keeps the mark where they are.
  hits.forEach((hit, place) => {
    hit.querySelector(".v-cue a").addEventListener("focus", () => {
      if (at !== place) go(place);
    });
  });
})();
