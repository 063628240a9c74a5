"use strict";
// Suggestions while somebody types (an ARIA combobox with a listbox), and the counting of clicks on results.
(() => {
  const input = document.getElementById("q");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let items = [], at = -1, asked = "", timer = 0, request = null, typed = input.value;

  list.id = "suggestions";
  list.role = "listbox";
  list.hidden = true;
  list.setAttribute("aria-label", input.dataset.label);
  status.className = "hidden";
  status.role = "status";
  input.after(list, status);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "suggestions"], ["aria-expanded", "false"]]) input.setAttribute(name, value);

  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };

  const choose = (index) => {
    at = index;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    if (at < 0) { input.removeAttribute("aria-activedescendant"); input.value = typed; return; }
    input.setAttribute("aria-activedescendant", `suggestion-${at}`);
    input.value = items[at].text;
    list.children[at].scrollIntoView({ block: "nearest" });
  };

  const marked = (item) => {
    const text = document.createElement("span"), mark = document.createElement("mark");
    const letters = [...item.text], [from, to] = item.typed; // in characters, which may be two units of UTF-16
    mark.textContent = letters.slice(from, to).join("");
    text.append(letters.slice(0, from).join(""), mark, letters.slice(to).join(""));
    return text;
  };

  const show = () => {
    list.replaceChildren(...items.map((item, n) => {
      const option = document.createElement("li"), kind = document.createElement("small");
      option.id = `suggestion-${n}`;
      option.role = "option";
      option.setAttribute("aria-selected", "false");
      option.append(marked(item));
      kind.textContent = input.dataset[item.kind];
      option.append(" ", kind);
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); input.value = item.text; input.form.requestSubmit(); });
      return option;
    }));
    at = -1;
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    status.textContent = items.length ? input.dataset.said.replace("{n}", items.length) : "";
  };

  const suggest = async () => {
    typed = input.value;
    const text = typed.trim();
    if (text === asked) return;
    asked = text;
    request?.abort();
    if (!text || text.length > 100) { items = []; close(); return; }
    request = new AbortController();
    try {
      const answer = await fetch(`/api/v1/search/suggest?${new URLSearchParams({ q: text, limit: 8 })}`, { signal: request.signal });
      if (!answer.ok || asked !== text) return;
      items = (await answer.json()).items;
      if (document.activeElement === input) show();
    } catch { /* away or overtaken: there are no suggestions, and the search works without them */ }
  };

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, 90); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the keys belong to the input method: a syllable is being put together
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); choose(-1); close(); }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && items.length) {
      event.preventDefault();
      if (list.hidden) show();
      const step = event.key === "ArrowDown" ? 1 : -1, size = items.length + 1;
      choose(((at + 1 + step + size) % size) - 1);
    }
    if (event.key === "Enter") close();
  });

  const results = document.getElementById("results");
  const count = (event) => {
    const link = event.target.closest("a[data-place]");
    if (!link || event.button > 1) return;
    const click = { request_id: results.dataset.request, url: link.getAttribute("href"), position: Number(link.dataset.place) };
    // `keepalive`: it is sent though the page goes away; nobody waits for the answer.
    fetch("/api/v1/search/clicks", { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify(click) }).catch(() => {});
  };
  results?.addEventListener("click", count);
  results?.addEventListener("auxclick", count);

  // Filters stand beside the results where there is room; on a phone above them, closed.
  const facets = document.querySelector(".facets"), wide = matchMedia("(min-width: 52.01rem)");
  const place = () => { if (facets) facets.open = wide.matches; };
  wide.addEventListener("change", place);
  place();

  // Keys: / to the field, j and k through the results, ? for help. Not while somebody types.
  const links = [...document.querySelectorAll("a[data-place]")], keys = document.getElementById("keys");
  const step = (by) => {
    const now = links.indexOf(document.activeElement);
    links[Math.min(Math.max(now < 0 ? 0 : now + by, 0), links.length - 1)]?.focus();
  };
  const does = { "/": () => { input.focus(); input.select(); }, j: () => step(1), k: () => step(-1), "?": () => keys.showModal() };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]") || !does[event.key]) return;
    event.preventDefault();
    does[event.key]();
  });
})();
