// The board: drag a card to another stage, or press m and choose. The gate answers on the card.
// Columns are [data-column] with data-move-url, data-transition and data-title.
(() => {
  const columns = () => [...document.querySelectorAll("[data-column]")];

  async function send(card, column, back) {
    let status = 0;
    const note = (event) => { status = event.detail.xhr.status; };
    const answer = card.querySelector("[data-card-answer]");
    card.classList.add("is-moving");
    card.addEventListener("htmx:afterRequest", note);
    const values = { lead: card.dataset.card, transition: column.dataset.transition, to: column.dataset.column };
    try {
      await htmx.ajax("POST", column.dataset.moveUrl, { source: card, target: answer, swap: "innerHTML", values });
    } finally {
      card.removeEventListener("htmx:afterRequest", note);
      card.classList.remove("is-moving");
    }
    const moved = status >= 200 && status < 300;
    card.classList.toggle("is-refused", !moved);
    if (moved) htmx.trigger(document.body, "changed");
    else { back(); answer.querySelector("input, select, textarea, button")?.focus(); }
  }

  function moveTo(card, column) {
    const from = card.parentElement, next = card.nextElementSibling;
    column.prepend(card);
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    window.look.activate(card);
    return send(card, column, () => { from.insertBefore(card, next?.isConnected ? next : null); window.look.activate(card, false); });
  }

  function drag(column) {
    if (column.dataset.ready) return;
    column.dataset.ready = "1";
    Sortable.create(column, {
      group: "board", draggable: "[data-card]", filter: "[data-card-answer]", preventOnFilter: false,
      sort: false, animation: 120, delay: 150, delayOnTouchOnly: true, ghostClass: "is-moving",
      onMove: ({ to }) => { for (const other of columns()) other.classList.toggle("is-target", other === to && other !== column); },
      onEnd: ({ item, from, to, oldIndex }) => {
        for (const other of columns()) other.classList.remove("is-target");
        if (from !== to) send(item, to, () => from.insertBefore(item, from.querySelectorAll("[data-card]")[oldIndex] || null));
      },
    });
  }

  // --- the keyboard's way --------------------------------------------------------------------------
  function menu(card) {
    if (!card?.dataset.card) return false;
    document.querySelector(".targets")?.remove();
    const list = document.createElement("div");
    list.className = "targets";
    list.setAttribute("role", "menu");
    for (const column of columns().filter((other) => other !== card.parentElement && other.dataset.transition)) {
      const item = document.createElement("button");
      Object.assign(item, { type: "button", className: "menu-item", textContent: column.dataset.title });
      item.setAttribute("role", "menuitem");
      item.addEventListener("click", () => { list.remove(); moveTo(card, column); });
      list.append(item);
    }
    list.addEventListener("keydown", (event) => {
      const items = [...list.children], at = items.indexOf(document.activeElement);
      if (event.key === "Escape") { list.remove(); card.focus(); }
      else if (event.key === "ArrowDown" || event.key === "j") items[(at + 1) % items.length].focus();
      else if (event.key === "ArrowUp" || event.key === "k") items[(at + items.length - 1) % items.length].focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    list.addEventListener("focusout", (event) => { if (!list.contains(event.relatedTarget)) setTimeout(() => list.remove()); });
    const place = card.getBoundingClientRect();
    list.style.left = `${Math.min(place.left + scrollX, innerWidth - 220)}px`;
    list.style.top = `${place.bottom + scrollY + 4}px`;
    document.querySelector("main").append(list);
    list.firstElementChild?.focus();
    return true;
  }

  function ready() {
    columns().forEach(drag);
    // It scrolls sideways: without a mouse it must be reachable to do so.
    for (const board of document.querySelectorAll(".board")) board.tabIndex = 0;
  }
  ready();
  document.body.addEventListener("htmx:afterSettle", ready);
  window.look.moveCard = menu;
})();
