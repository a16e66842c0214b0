// The builder of a form: questions in order (by drag, or with the arrow keys on a handle), their choices, unfolded.
(() => {
  const builder = document.querySelector("[data-builder]");
  if (!builder) return;
  const asked = builder.querySelector("[data-asked]"), others = builder.querySelector("[data-others]");
  const live = builder.querySelector("[data-said]"), unsaved = document.querySelector("[data-unsaved]");

  function changed() { htmx.trigger(builder, "moved"); unsaved.hidden = false; }
  function tell(row) {
    const rows = [...asked.children];
    const words = { name: row.querySelector("[data-name]").textContent, place: rows.indexOf(row) + 1, many: rows.length };
    live.textContent = live.dataset.said.replace(/\{(\w+)\}/g, (_all, key) => words[key]);
  }

  builder.addEventListener("input", () => { unsaved.hidden = false; });
  builder.addEventListener("change", (event) => {
    if (event.target.name !== "ask") return;
    const row = event.target.closest("[data-question]");
    if (event.target.checked) asked.append(row); else others.prepend(row);
    event.target.focus();
    tell(row);
  });
  builder.addEventListener("click", (event) => {
    const unfold = event.target.closest("[data-unfold]"), add = event.target.closest("[data-choice-add]"), drop = event.target.closest("[data-choice-drop]");
    if (unfold) {
      const inner = document.getElementById(unfold.getAttribute("aria-controls"));
      inner.hidden = !inner.hidden;
      unfold.setAttribute("aria-expanded", String(!inner.hidden));
      if (!inner.hidden) inner.querySelector("input").focus();
    } else if (add) {
      const made = add.parentElement.querySelector("template").content.cloneNode(true).firstElementChild;
      add.parentElement.querySelector("template").before(made);
      made.querySelector("input").focus();
    } else if (drop) {
      drop.closest("[data-choice]").remove();
      changed();
    }
  });
  builder.addEventListener("keydown", (event) => {
    const handle = event.target.closest("[data-handle]"), up = event.key === "ArrowUp";
    if (!handle || (!up && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const row = handle.closest("[data-question]"), other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (up) other.before(row); else other.after(row);
    handle.focus();
    tell(row);
    changed();
  });
  Sortable.create(asked, { handle: "[data-handle]", animation: 120, ghostClass: "is-moving", onEnd: ({ item }) => { tell(item); changed(); } });
})();
