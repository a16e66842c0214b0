// The keyboard: what a rep does fifty times a day. Single keys can be switched off in the help ("?").
(() => {
  const { look } = window;
  const help = document.querySelector("[data-keys]");
  const toggle = document.querySelector("[data-keys-switch]");
  const on = () => look.kept("keys") !== "off";
  toggle.checked = on();
  toggle.addEventListener("change", () => look.keep("keys", toggle.checked ? "on" : "off"));

  const typing = (element) => element.closest("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]");

  // An action is meant for the selection, else the open panel, else the active row, else the page.
  function press(key) {
    const wanted = `[data-key="${key}"]`;
    const bar = document.querySelector("[data-selection-bar]:not([hidden])");
    const places = [bar, look.peeking() && document.querySelector("[data-peek-panel]"), look.active(), document];
    for (const place of places) {
      const found = place && [...place.querySelectorAll(wanted)].find((element) => element.offsetParent && !element.disabled);
      if (found) { found.focus(); found.click(); return true; }
    }
    return false;
  }

  const keys = {
    j: () => look.move(1),
    k: () => look.move(-1),
    x: () => look.toggle(look.active()),
    z: () => [...document.querySelectorAll(".toast-undo")].pop()?.click(),
    m: () => look.moveCard?.(look.active()) || press("m"),
    "/": () => { const box = document.querySelector("[data-search]"); if (box) { box.focus(); box.select?.(); } else look.openCommands(); },
    "?": () => help.showModal(),
    " ": () => { const row = look.active(); if (row?.dataset.peek) { look.peeking() ? look.closePeek() : look.peek(row.dataset.peek, row); return true; } return false; },
    Enter: () => { const row = look.active(); if (row?.dataset.href) { location.href = row.dataset.href; return true; } return false; },
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return look.openCommands();
    }
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
      if (typing(event.target)) return event.target.blur();
      return look.peeking() ? look.closePeek() : look.clearSelection();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || typing(event.target)) return;
    if ((event.key === "Enter" || event.key === " ") && event.target.closest("a, button, summary, input, label")) return;
    if (!on() && event.key !== "Enter") return;
    const action = keys[event.key] || (/^[a-z]$/.test(event.key) && (() => press(event.key)));
    if (action && action() !== false) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-open]")) help.showModal();
  });
})();
