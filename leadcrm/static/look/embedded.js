// A form on somebody else's page: the page around it is told how high it is, and when it was sent.
(() => {
  const around = window.parent;
  if (around === window) return;
  const tell = (message) => around.postMessage({ leadcrm: message.kind, ...message }, "*");
  const body = document.querySelector("[data-embedded]");
  new ResizeObserver(() => tell({ kind: "height", height: Math.ceil(body.getBoundingClientRect().height) })).observe(body);
  // The key of a browser whose user agreed to be recognised; it never stands in an address.
  addEventListener("message", (event) => {
    const field = document.querySelector("[data-visitor]");
    if (event.source === around && event.data?.leadcrm === "visitor" && field) field.value = String(event.data.key || "");
  });
  const sent = document.querySelector("[data-sent]");
  tell(sent ? { kind: "sent", recognised: sent.dataset.sent === "recognised" } : { kind: "ready" });
})();
