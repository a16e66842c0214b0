// Puts a form where this script stands: <script src="…/f/TOKEN/embed.js" async></script>
(() => {
  const script = document.currentScript, address = new URL(script.src);
  const here = new URLSearchParams(location.search), wanted = new URLSearchParams({ embed: "1" });
  for (const name of ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"]) {
    if (here.get(name)) wanted.set(name, here.get(name));
  }
  wanted.set("page", location.origin + location.pathname);
  if (document.referrer) wanted.set("referrer", document.referrer.slice(0, 300));
  const lang = script.dataset.lang || document.documentElement.lang;
  if (lang) wanted.set("lang", lang);
  const frame = document.createElement("iframe");
  frame.src = `${address.origin}${address.pathname.replace(/embed\.js$/, "")}?${wanted}`;
  frame.title = script.dataset.title || "Form";
  frame.loading = "lazy";
  frame.style.cssText = "width:100%;border:0;min-height:320px;color-scheme:light";
  script.after(frame);
  // The visitor may agree, or change their mind, at any time while the form stands there.
  let ready = false;
  function tell() {
    const key = window.leadcrm?.visitor?.() || "";
    if (ready) frame.contentWindow.postMessage({ leadcrm: "visitor", key }, address.origin);
  }
  addEventListener("leadcrm", tell);
  addEventListener("message", (event) => {
    if (event.origin !== address.origin || event.source !== frame.contentWindow) return;
    const told = event.data || {};
    if (told.leadcrm === "height") frame.style.height = `${Number(told.height) || 0}px`;
    if (told.leadcrm === "ready") {
      ready = true;
      tell();
    }
  });
})();
