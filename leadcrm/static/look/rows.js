// Lists: one active row (j and k move it), a selection (x), and the bar that says what can be done with it.
(() => {
  const bar = document.querySelector("[data-selection-bar]");
  let activeKey = null;

  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const keyOf = (row) => row.id || row.dataset.card || row.dataset.href;
  const active = () => rows().find((row) => row.classList.contains("is-active"));

  function activate(row, focus = true) {
    for (const other of document.querySelectorAll("[data-row].is-active")) other.classList.remove("is-active");
    if (!row) return;
    activeKey = keyOf(row);
    row.classList.add("is-active");
    row.tabIndex = 0;
    if (focus) row.focus();
    row.scrollIntoView({ block: "nearest" });
  }
  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(active());
    activate(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]);
    if (window.look.peeking() && active()?.dataset.peek) window.look.peek(active().dataset.peek, active());
  }

  // --- selection -------------------------------------------------------------------------------
  const boxes = () => [...document.querySelectorAll("[data-row] input[name='ids']")];
  function tell() {
    const all = boxes(), chosen = all.filter((box) => box.checked);
    for (const box of all) box.closest("[data-row]").classList.toggle("is-selected", box.checked);
    const head = document.querySelector("[data-select-all]");
    if (head) {
      head.checked = chosen.length > 0 && chosen.length === all.length;
      head.indeterminate = chosen.length > 0 && chosen.length < all.length;
    }
    const shown = document.querySelector("[data-selection-bar]");
    if (!shown) return;
    shown.hidden = chosen.length === 0;
    shown.querySelector("[data-selection-count]").textContent = chosen.length;
  }
  function clear() {
    for (const box of boxes()) box.checked = false;
    tell();
  }
  function toggle(row) {
    const box = row?.querySelector("input[name='ids']");
    if (box) { box.checked = !box.checked; tell(); }
  }

  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-row] input[name='ids']");
    if (box) {
      const all = boxes();
      if (event.shiftKey && last?.isConnected) {
        const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
        all.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
      }
      last = box;
      tell();
    }
    if (event.target.matches("[data-select-all]")) {
      for (const other of boxes()) other.checked = event.target.checked;
      tell();
    }
    if (event.target.closest("[data-selection-clear]")) clear();
    const row = event.target.closest("[data-row]");
    if (row) activate(row, false);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-row]") && !event.target.classList.contains("is-active")) activate(event.target, false);
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    const again = activeKey && rows().find((row) => keyOf(row) === activeKey);
    if (again && !active()) activate(again, false);
    tell();
  });
  document.addEventListener("DOMContentLoaded", tell);
  if (bar) tell();

  Object.assign(window.look, { rows, active, activate, move, toggle, clearSelection: clear });
})();
