// The scorecard's forms: only the inputs of the chosen kind of rule; rules in another order.
(() => {
  function show(form) {
    const kind = form.querySelector("select[name=kind]")?.value;
    if (!kind) return;
    for (const part of form.querySelectorAll("[data-kind]")) part.hidden = !part.dataset.kind.split(" ").includes(kind);
  }
  const begin = (root) => root.querySelectorAll?.("form").forEach(show);

  document.addEventListener("change", (event) => {
    if (event.target.matches("select[name=kind]")) show(event.target.form);
  });
  // --- rules in another order: by drag, or with the arrow keys on a rule's handle -----------------
  const places = () => [...document.querySelectorAll("[data-rule-at]")].sort((a, b) => a.dataset.ruleAt - b.dataset.ruleAt);
  const beside = (row, way) => {
    const next = row[way];
    return next?.matches("[data-rule-at]") ? next : null;
  };

  function tellMove(row) {
    const form = document.querySelector("[data-order]");
    const order = places();
    const from = order.indexOf(row);
    const after = beside(row, "nextElementSibling"), behind = beside(row, "previousElementSibling");
    let before = after ? order.indexOf(after) : behind ? order.indexOf(behind) + 1 : order.length;
    form.elements.from.value = from;
    form.elements.before.value = before;
    form.elements.dimension.value = row.closest("[data-dimension]").dataset.dimension;
    htmx.trigger(form, "moved");
    order.splice(from, 1);
    if (before > from) before -= 1;
    order.splice(before, 0, row);
    order.forEach((one, at) => { one.dataset.ruleAt = at; });
    const here = [...row.parentElement.querySelectorAll("[data-rule-at]")];
    form.querySelector("[aria-live]").textContent = form.dataset.said.replace("{place}", here.indexOf(row) + 1).replace("{many}", here.length);
  }

  document.addEventListener("keydown", (event) => {
    const handle = event.target.closest("[data-handle]");
    const up = event.key === "ArrowUp";
    if (!handle || (!up && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const row = handle.closest("[data-rule-at]");
    const other = beside(row, up ? "previousElementSibling" : "nextElementSibling");
    if (!other) return;
    if (up) other.before(row); else other.after(row);
    handle.focus();
    tellMove(row);
  });

  function order() {
    if (!document.querySelector("[data-order]")) return;
    for (const section of document.querySelectorAll("[data-dimension]")) {
      Sortable.create(section, { group: "rules", draggable: "[data-rule-at]", handle: "[data-handle]", animation: 120, ghostClass: "is-moving", onEnd: ({ item, from, to, oldIndex, newIndex }) => { if (from !== to || oldIndex !== newIndex) tellMove(item); } });
    }
    const moved = new URLSearchParams(location.search).get("moved");
    if (moved !== null) document.querySelector(`[data-rule-at="${CSS.escape(moved)}"] [data-handle]`)?.focus();
  }

  document.addEventListener("DOMContentLoaded", () => { begin(document); order(); });
  document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
})();
