// Talking with the server: toasts with undo, what went wrong in words, questions before what cannot be undone.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const region = document.querySelector("[data-toasts]");
  const UNDO_MS = 10_000, READ_MS = 5_000, PATIENCE_MS = 300;

  // --- toasts ----------------------------------------------------------------------------------
  function button(className, text, action) {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className, textContent: text });
    made.addEventListener("click", action);
    return made;
  }

  function dress(line, text, level, undo) {
    const words_ = document.createElement("span");
    words_.textContent = text;
    line.replaceChildren(words_);
    line.className = "toast-line";
    line.dataset.level = level;
    if (undo) line.append(button("toast-undo", words.undo, () => { line.remove(); takeBack(undo); }));
    const close = button("toast-x", "×", () => line.remove());
    close.setAttribute("aria-label", words.close);
    line.append(close);
    if (level !== "error") fade(line, undo ? UNDO_MS : READ_MS);
  }

  // Time stands still while somebody reads or reaches for the button.
  function fade(line, ms) {
    let timer = setTimeout(() => line.remove(), ms);
    for (const stop of ["mouseenter", "focusin"]) line.addEventListener(stop, () => clearTimeout(timer));
    for (const go of ["mouseleave", "focusout"]) {
      line.addEventListener(go, () => { clearTimeout(timer); timer = setTimeout(() => line.remove(), ms); });
    }
  }

  function toast(text, { level = "success", undo = "" } = {}) {
    const line = document.createElement("div");
    dress(line, text, level, undo);
    region.append(line);
    while (region.children.length > 3) region.firstElementChild.remove();
  }

  async function takeBack(url) {
    await htmx.ajax("POST", url, { swap: "none" });
    changed();
  }

  // Lists that show what changed listen with hx-trigger="changed from:body"; a page without any is loaded anew.
  function changed() {
    if (document.querySelector('[hx-trigger*="changed from:body"]')) htmx.trigger(document.body, "changed");
    else location.reload();
  }

  for (const line of region.querySelectorAll("[data-toast]")) {
    dress(line, line.textContent.trim(), line.dataset.level, line.dataset.undo);
  }
  document.body.addEventListener("toast", (event) => {
    const told = event.detail;
    toast(told.text ?? told.value ?? "", told);
  });

  // --- refusals and failures -------------------------------------------------------------------
  function reason(xhr) {
    if ((xhr.getResponseHeader("Content-Type") || "").includes("json")) {
      try {
        const problem = JSON.parse(xhr.responseText);
        return problem.detail || problem.title;
      } catch { /* not JSON after all */ }
    }
    const told = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".note-text");
    if (told) return told.textContent.trim();
    return { 403: words.not_allowed, 404: words.missing, 412: words.stale, 429: words.busy }[xhr.status] || words.failed;
  }
  document.body.addEventListener("htmx:responseError", (event) => toast(reason(event.detail.xhr), { level: "error" }));
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(failure, () => toast(words.offline, { level: "error" }));
  }
  // A refusal has nowhere to stand when the button swaps nothing: then it is said in a toast.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, elt, swapOverride } = event.detail;
    const swap = swapOverride || elt.closest("[hx-swap]")?.getAttribute("hx-swap");
    if ([409, 422].includes(xhr.status) && swap === "none") toast(reason(xhr), { level: "error" });
  });
  // A page that was left open past its session: the answer is the sign-in page, so go there.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.responseText.includes("data-door") && !document.querySelector("[data-door]")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });

  // --- a question, only where there is no undo ---------------------------------------------------
  const ask = document.querySelector("[data-ask]");
  document.body.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask.querySelector("[data-ask-text]").textContent = event.detail.question;
    ask.returnValue = "";
    ask.showModal();
    ask.onclose = () => ask.returnValue === "yes" && event.detail.issueRequest(true);
  });
  ask.addEventListener("click", (event) => {
    const answer = event.target.closest("button");
    if (answer) ask.close(answer.value);
  });

  // --- waiting: nothing under 300 ms, then a thin line -------------------------------------------
  let open = 0, timer = 0;
  const line = document.createElement("div");
  line.className = "wait-line";
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches(".progress-part")) return;
    if (++open === 1) timer = setTimeout(() => document.body.append(line), PATIENCE_MS);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.matches(".progress-part")) return;
    open = Math.max(0, open - 1);
    if (open === 0) { clearTimeout(timer); line.remove(); }
  });

  // --- a table wider than its place is scrolled by keyboard as well --------------------------------
  function reachable() {
    for (const place of document.querySelectorAll(".table-scroll")) {
      if (place.scrollWidth <= place.clientWidth + 1) {
        for (const name of ["tabindex", "role", "aria-label"]) place.removeAttribute(name);
        continue;
      }
      const heading = place.closest("section")?.querySelector("h2, h3") ?? document.querySelector("h1");
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", heading?.textContent.trim() ?? "");
    }
  }
  addEventListener("load", reachable);
  addEventListener("resize", reachable);
  document.body.addEventListener("htmx:afterSettle", reachable);

  Object.assign(window.look, { words, toast, changed });
})();
