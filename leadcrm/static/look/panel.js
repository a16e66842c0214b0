// The side panel: peek at a lead, fill in what a gate wants, edit a filter, without leaving the page.
// Anything with data-peek="address" opens it; the server sees the header HX-Target: peek-body.
(() => {
  const panel = document.querySelector("[data-peek-panel]");
  const body = panel.querySelector("[data-peek-body]");
  const full = panel.querySelector("[data-peek-full]");
  const skeleton = panel.querySelector("[data-peek-skeleton]");
  const stage = document.querySelector(".stage");
  const PATIENCE_MS = 300;
  let opener = null;

  function selectedIds() {
    return [...document.querySelectorAll("[data-row] input[name='ids']:checked")].map((box) => box.value);
  }
  function addressOf(element) {
    const url = element.dataset.peek;
    if (!("peekIds" in element.dataset)) return url;
    return url + (url.includes("?") ? "&" : "?") + new URLSearchParams(selectedIds().map((id) => ["ids", id]));
  }

  async function open(url, from) {
    opener = from?.closest("[data-row]") || from || opener;
    const href = from?.dataset.href;
    full.hidden = !href;
    if (href) full.href = href;
    panel.hidden = false;
    stage.inert = innerWidth < 768;
    const slow = setTimeout(() => body.replaceChildren(skeleton.content.cloneNode(true)), PATIENCE_MS);
    await htmx.ajax("GET", url, { source: body, target: body, swap: "innerHTML" });
    clearTimeout(slow);
    body.scrollTop = 0;
    const first = body.querySelector("[autofocus]");
    // A peek from the keyboard keeps j and k walking the list; a form takes the focus.
    if (first) first.focus();
    else if (!from?.matches("[data-row]")) panel.focus();
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    stage.inert = false;
    body.replaceChildren();
    if (opener?.isConnected) opener.focus();
    opener = null;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-peek-close]")) return close();
    if (event.defaultPrevented || event.target.closest("a, input, select, textarea, label, summary, [data-card-answer]")) return;
    const from = event.target.closest("[data-peek]");
    if (!from || (from.matches("[data-row]") && event.target.closest("button"))) return;
    if (String(getSelection())) return; // somebody is copying text
    open(addressOf(from), from);
  });
  // A button beside what it copies.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    const from = button?.parentElement.querySelector("[data-copy-from]");
    if (!from) return;
    from.select();
    await navigator.clipboard.writeText(from.value).catch(() => document.execCommand("copy"));
    button.querySelector("span").textContent = button.dataset.copied;
  });
  document.body.addEventListener("peek-close", close);
  document.body.addEventListener("peek-open", (event) => open(event.detail.value ?? event.detail.url));

  Object.assign(window.look, { peek: open, closePeek: close, peeking: () => !panel.hidden, selectedIds });
})();
