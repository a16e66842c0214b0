// Runs before the first paint, so that neither the theme nor the rail flickers.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function kept(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  }
  function keep(key, value) {
    try { localStorage.setItem(key, value); } catch { /* a private window keeps nothing */ }
  }
  function wanted() {
    return kept("theme") || "auto";
  }
  function paint() {
    const theme = wanted();
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", button.dataset.themeSet === theme);
    }
  }
  function fold() {
    const asked = kept("rail");
    root.dataset.rail = innerWidth > 767 && (asked || (innerWidth < 1100 ? "narrow" : "wide")) === "narrow" ? "narrow" : "wide";
  }

  paint();
  fold();
  dark.addEventListener("change", paint);
  addEventListener("resize", fold);
  addEventListener("storage", () => { paint(); fold(); });
  document.addEventListener("DOMContentLoaded", paint);
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-set]");
    if (theme) { keep("theme", theme.dataset.themeSet); paint(); }
    if (event.target.closest("[data-rail-fold]")) {
      keep("rail", root.dataset.rail === "narrow" ? "wide" : "narrow");
      fold();
    }
  });
  window.look = { kept, keep };
})();
