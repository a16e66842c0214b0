// The scorecard's forms: rows that are added and taken away, and only the inputs of the chosen kind of rule.
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
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-rows-add]");
    const drop = event.target.closest("[data-rows-drop]");
    if (add) {
      const rows = add.closest("[data-rows]").querySelectorAll("[data-rows-row]");
      const made = rows[rows.length - 1].cloneNode(true);
      made.querySelectorAll("input").forEach((input) => { input.value = ""; });
      rows[rows.length - 1].after(made);
      made.querySelector("input:not([type=hidden])").focus();
    } else if (drop) {
      const row = drop.closest("[data-rows-row]");
      if (row.parentElement.querySelectorAll("[data-rows-row]").length > 1) row.remove();
      else row.querySelectorAll("input").forEach((input) => { input.value = ""; });
    }
  });
  document.addEventListener("DOMContentLoaded", () => begin(document));
  document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
})();
