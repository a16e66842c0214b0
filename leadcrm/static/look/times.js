// Relative times and countdowns stay current; hovering a time shows the exact one, in the reader's own zone.
(() => {
  const { words } = window.look;
  const language = document.documentElement.lang;
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
  const MINUTE = 60, HOUR = 3600, DAY = 86400, MONTH = 30 * DAY, YEAR = 365 * DAY;

  function put(text, values) {
    return text.replace(/%\((\w+)\)[ds]/g, (_, key) => values[key]);
  }
  function inUnits(seconds) {
    const [unit, size] = seconds < HOUR ? ["min", MINUTE] : seconds < DAY ? ["h", HOUR]
      : seconds < MONTH ? ["d", DAY] : seconds < YEAR ? ["mo", MONTH] : ["y", YEAR];
    return put(words[unit], { count: Math.floor(seconds / size) });
  }
  function relative(seconds) {
    const size = Math.abs(seconds);
    if (size < MINUTE) return words.now;
    return put(seconds > 0 ? words.in : words.ago, { amount: inUnits(size) });
  }
  function remaining(seconds) {
    const days = Math.floor(seconds / DAY), hours = Math.floor(seconds % DAY / HOUR), minutes = Math.floor(seconds % HOUR / MINUTE);
    const parts = days ? [["d", days], ["h", hours]] : hours ? [["h", hours], ["min", minutes]] : [["min", minutes]];
    return parts.filter(([, count]) => count).map(([unit, count]) => put(words[unit], { count })).join(" ") || words.under;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }
  function tickClock(clock) {
    const until = Date.parse(clock.dataset.until), left = (until - Date.now()) / 1000;
    const warn = clock.dataset.warn ? Date.parse(clock.dataset.warn) : until - 6 * HOUR * 1000;
    const state = left <= 0 ? "late" : Date.now() >= warn ? "warning" : "calm";
    clock.classList.remove("clock-calm", "clock-warning", "clock-late");
    clock.classList.add(`clock-${state}`);
    write(clock.querySelector("[data-clock-text]"), remaining(Math.abs(left)));
    const label = clock.querySelector("[data-late]");
    if (label && left <= 0) write(label, `${label.dataset.late} `);
    const ring = clock.querySelector(".ring-left"), since = Date.parse(clock.dataset.since);
    if (ring && since) ring.setAttribute("stroke-dasharray", `${Math.max(0, Math.min(100, 100 * left * 1000 / (until - since)))} 100`);
  }
  function tick() {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      write(time, relative((Date.parse(time.dateTime) - Date.now()) / 1000));
    }
    document.querySelectorAll("[data-clock]").forEach(tickClock);
  }

  // The server's words are right when they arrive; counting on begins half a minute later.
  setInterval(tick, 30_000);
  document.addEventListener("mouseover", (event) => {
    const time = event.target.closest?.("time[datetime]");
    if (time && !time.dataset.exact) {
      time.title = exact.format(new Date(time.dateTime));
      time.dataset.exact = "1";
    }
  });
  Object.assign(window.look, { tick, remaining });
})();
