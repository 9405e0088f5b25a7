// Waits for a worker to apply a sheet, then shows what came of it.
// Without this file the page renews itself.
"use strict";

(() => {
  const place = document.querySelector("[data-sheet-busy]");
  if (!place) return;

  async function ask() {
    try {
      const answer = await fetch(place.dataset.sheetBusy, { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected && !(await answer.json()).busy) {
        location.reload();
        return;
      }
    } catch {
      // the line is down: ask again
    }
    setTimeout(ask, document.hidden ? 10000 : 1000);
  }
  setTimeout(ask, 1000);
})();
