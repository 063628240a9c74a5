"use strict";
// What every page needs beside htmx: to say that the server is away, and to copy what was shown once.
(() => {
  const trouble = document.getElementById("trouble");
  const say = (text) => { if (trouble && trouble.textContent !== text) trouble.textContent = text; };
  document.addEventListener("htmx:sendError", () => say(trouble.dataset.text));
  document.addEventListener("htmx:timeout", () => say(trouble.dataset.text));
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    const page = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html");
    say(page && xhr.responseText.length < 1000 ? xhr.responseText.trim() : trouble.dataset.text);
  });
  document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.xhr.status < 400) say(""); });

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.copied;
    });
  }
})();
