// Copies the address of a calendar.
"use strict";

(() => {
  if (!navigator.clipboard) return;
  document.querySelectorAll("button[data-copies]").forEach((button) => {
    const address = document.getElementById(button.dataset.copies);
    const label = button.querySelector("span");
    const before = label.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      address.select();
      await navigator.clipboard.writeText(address.value);
      label.textContent = button.dataset.done;
      setTimeout(() => { label.textContent = before; }, 2000);
    });
  });
})();
