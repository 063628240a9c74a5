"use strict";
// The feed: an empty form after a post, Ctrl+Enter to post, and no empty-feed message above posts.
(() => {
  const form = document.querySelector(".compose");
  if (!form) return;
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== form || !event.detail.successful) return;
    form.contents.value = form.tags.value = "";
    form.contents.focus();
    document.getElementById("quiet")?.remove();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "entries") document.getElementById("quiet")?.remove();
  });
})();
