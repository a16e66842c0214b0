// Menus are <details class="menu">, dialogs are <dialog>, the rail opens over the page on a phone.
(() => {
  const rail = document.querySelector("nav.rail");
  const shade = document.querySelector("[data-rail-close]");

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  }
  function openRail(open) {
    rail?.classList.toggle("is-open", open);
    if (shade) shade.hidden = !open;
    if (open) requestAnimationFrame(() => rail.querySelector(".rail-link").focus());
  }

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    if (event.target.closest("[data-rail-open]")) openRail(true);
    if (event.target.closest("[data-rail-close]")) openRail(false);
    const dialog = event.target.closest("dialog[open]");
    // A click outside the words of a dialog lands on the dialog itself.
    if (event.target.closest("[data-dialog-close]") || (dialog === event.target && !dialog.matches("[data-ask]"))) dialog.close();
  });

  // Long paths and tabs scroll sideways on a phone: show where we are.
  for (const here of document.querySelectorAll(".stage-step[aria-current], .tab[aria-current]")) {
    const strip = here.parentElement;
    strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  }

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (event.key === "Escape" && rail?.classList.contains("is-open") && !menu) return openRail(false);
    if (!menu) return;
    const items = [...menu.querySelectorAll(".menu-list :is(a, button)")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      items[(at + (event.key === "ArrowDown" ? 1 : items.length - (at < 0 ? 0 : 1))) % items.length]?.focus();
    }
  }, true);
})();
