// Rows of inputs in a form: added, and taken away.
(() => {
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
})();
