// The bell: asks every few seconds whether anything is new, but only while somebody looks at the page.
// The answer is empty (204) while nothing has changed. What a colleague changed of what the page shows is shown at
// once, or as soon as nobody types, drags or chooses in it any more.
(() => {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const badge = bell.querySelector("[data-bell-count]");
  const EVERY_MS = 10_000, AFTER_FAILURE_MS = 60_000;
  const title = document.title;
  const LISTS_EVERY_MS = 30_000; // a list of many moves often: a glance is enough
  let version = "", mark = null, stale = false, shownAt = Date.now(), timer = 0, asking = false;

  function show(now) {
    badge.hidden = !now.unread;
    badge.textContent = now.unread > 99 ? "99+" : now.unread;
    bell.setAttribute("aria-label", now.label);
    document.title = now.unread ? `(${badge.textContent}) ${title}` : title;
    for (const one of now.news) window.look.toast([one.title, one.text].filter(Boolean).join(" · ").slice(0, 200), { level: "info" });
    if (version && version !== now.version) htmx.trigger(document.body, "news");
    version = now.version;
    if (mark !== null && mark !== now.mark && !now.mine) stale = true;
    mark = now.mark;
  }

  const live = () => document.querySelector("[data-live]");
  const WRITING = "input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select";
  function busy() {
    if (document.querySelector("dialog[open], .is-dragging, [data-selection-bar]:not([hidden])") || window.look.peeking?.()) return true;
    if (document.activeElement?.closest("[data-live]")?.contains(document.activeElement) && document.activeElement.matches(WRITING)) return true;
    return [...live().querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== field.defaultValue);
  }
  function catchUp() {
    if (!stale || !live() || busy()) return;
    if (!live().dataset.live && Date.now() - shownAt < LISTS_EVERY_MS) return;
    stale = false;
    shownAt = Date.now();
    htmx.trigger(document.body, "changed");
  }

  async function look() {
    clearTimeout(timer);
    if (document.hidden || asking) return;
    asking = true;
    let pause = EVERY_MS;
    try {
      const asked = new URLSearchParams({ version, lead: live()?.dataset.live ?? "" });
      if (mark !== null) asked.set("mark", mark);
      const answer = await fetch(`${bell.dataset.bell}?${asked}`, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.status === 200) show(await answer.json());
      else if (!answer.ok) pause = AFTER_FAILURE_MS;
      catchUp();
    } catch {
      pause = AFTER_FAILURE_MS; // signed out, or no connection: the page says so elsewhere
    }
    asking = false;
    timer = setTimeout(look, pause);
  }

  document.addEventListener("visibilitychange", look);
  document.body.addEventListener("bell", look);
  look();
})();
