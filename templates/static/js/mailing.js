// Renews the bars of letters that are leaving. Without this file they stand as the page was read.
"use strict";

(() => {
  const place = document.querySelector("[data-mailings]");
  if (!place) return;

  async function renew() {
    try {
      const answer = await fetch(place.dataset.mailings, { headers: { "X-Part": "mailings" } });
      // A button one stands on is not taken away.
      if (answer.ok && !answer.redirected && !place.contains(document.activeElement)) {
        place.innerHTML = await answer.text();
      }
    } catch {
      // The line is down: ask again.
    }
    watch();
  }

  function watch() {
    if (place.querySelector("[data-moving]")) setTimeout(renew, document.hidden ? 15000 : 2000);
  }
  watch();
})();
