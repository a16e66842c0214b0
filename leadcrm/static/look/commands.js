// Ctrl-K: one box for leads, companies, pages and actions. Arrows choose, Enter opens.
(() => {
  const dialog = document.querySelector("[data-commands]");
  const input = dialog.querySelector("[data-commands-input]");
  const list = dialog.querySelector("[role=listbox]");
  const start = dialog.querySelector("[data-commands-start]");
  const options = () => [...list.querySelectorAll("a[role=option]")].filter((option) => !option.hidden);

  function choose(option) {
    for (const other of list.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.id ||= `command-${options().indexOf(option)}-${Date.now()}`;
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function fill() {
    list.replaceChildren(start.content.cloneNode(true));
    choose(options()[0]);
  }
  function narrow(text) {
    const wanted = text.trim().toLowerCase();
    for (const option of list.querySelectorAll("[role=option]")) {
      option.hidden = !option.textContent.toLowerCase().includes(wanted);
    }
    choose(options()[0]);
  }
  function open() {
    if (dialog.open) return;
    input.value = "";
    fill();
    dialog.showModal();
    input.focus();
  }

  // What is known here answers at once; what the server finds replaces it.
  input.addEventListener("input", () => {
    if (!input.value.trim() || !input.hasAttribute("hx-get")) { fill(); narrow(input.value); }
  });
  input.addEventListener("htmx:beforeRequest", (event) => { if (!input.value.trim()) event.preventDefault(); });
  list.addEventListener("htmx:afterSwap", () => choose(options()[0]));
  dialog.addEventListener("keydown", (event) => {
    // A search field would first empty itself.
    if (event.key === "Escape") { event.preventDefault(); return dialog.close(); }
    const all = options(), at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length]);
    } else if (event.key === "Enter" && all[at]) {
      event.preventDefault();
      all[at].click();
    }
  });
  list.addEventListener("click", (event) => { if (event.target.closest("[role=option]")) dialog.close(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-commands-open]")) open(); });
  window.look.openCommands = open;
})();
