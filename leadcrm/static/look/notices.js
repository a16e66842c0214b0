// The bell: asks every few seconds whether anything is new, but only while somebody looks at the page.
// The answer is empty (204) while nothing has changed.
(() => {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const badge = bell.querySelector("[data-bell-count]");
  const EVERY_MS = 10_000, AFTER_FAILURE_MS = 60_000;
  const title = document.title;
  let version = "", timer = 0, asking = false;

  function show(now) {
    badge.hidden = !now.unread;
    badge.textContent = now.unread > 99 ? "99+" : now.unread;
    bell.setAttribute("aria-label", now.label);
    document.title = now.unread ? `(${badge.textContent}) ${title}` : title;
    for (const one of now.news) window.look.toast([one.title, one.text].filter(Boolean).join(" · ").slice(0, 200), { level: "info" });
    if (version && version !== now.version) htmx.trigger(document.body, "news");
    version = now.version;
  }

  async function look() {
    clearTimeout(timer);
    if (document.hidden || asking) return;
    asking = true;
    let pause = EVERY_MS;
    try {
      const answer = await fetch(`${bell.dataset.bell}?version=${version}`, { headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.status === 200) show(await answer.json());
      else if (!answer.ok) pause = AFTER_FAILURE_MS;
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
