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

  // What was opened to be confirmed is closed without loading the page again.
  document.addEventListener("click", (event) => {
    const details = event.target.closest("[data-close]")?.closest("details");
    if (!details) return;
    event.preventDefault();
    details.open = false;
  });

  // One box that ticks all of a name, where scripts run.
  for (const box of document.querySelectorAll("[data-all]")) {
    box.hidden = false;
    box.addEventListener("change", () => {
      for (const one of box.form.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
    });
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.copied;
    });
  }
})();
