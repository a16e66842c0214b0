// Visits of people who agreed and then said who they are by a form. Until leadcrm.agree() is called nothing is
// stored and nothing is sent; there are no cookies. leadcrm.withdraw() forgets the visitor in this browser.
// The event "leadcrm" tells forms in frames (embed.js) that the key is another one, whichever script came first.
(() => {
  const from = new URL(document.currentScript.src), token = from.pathname.split("/").at(-2);
  const to = `${from.origin}/api/v1/visits/${token}/`, PLACE = "leadcrm", MOST = 20;
  let me = null;
  try { me = JSON.parse(localStorage.getItem(PLACE)); } catch { /* no storage: nobody is recognised */ }

  function keep() { try { me ? localStorage.setItem(PLACE, JSON.stringify(me)) : localStorage.removeItem(PLACE); } catch { me = null; } }
  function send(more) { return navigator.sendBeacon(to, JSON.stringify({ visitor: me.key, ...more })); }
  function tell() { dispatchEvent(new Event("leadcrm")); }
  function flush() { if (me?.known && me.seen.length && send({ events: me.seen })) { me.seen = []; keep(); } }

  function note(kind, data = {}) {
    if (!me) return;
    const at = new Date().toISOString(), url = location.href.slice(0, 2000), referrer = document.referrer.slice(0, 2000);
    me.seen = [...me.seen, { kind, at, data: { url, title: document.title, referrer, ...data } }].slice(-MOST);
    keep();
    flush();
  }
  function agree() {
    if (me) return;
    const bytes = crypto.getRandomValues(new Uint8Array(24));
    me = { key: btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_"), known: false, seen: [] };
    note("page_view");
    tell();
  }
  function withdraw() { if (me?.known) send({ withdraw: true }); me = null; keep(); tell(); }
  function known() { if (me) { me.known = true; keep(); flush(); } }

  // A form of ours in a frame tells that it was sent, with this key and consent; a site's own is marked data-leadcrm.
  addEventListener("message", ({ origin, data }) => { if (origin === from.origin && data?.leadcrm === "sent" && data.recognised) known(); });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-leadcrm]");
    if (!form || !me) return;
    const answers = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string") answers[name] = value.slice(0, 5000);
    // Together: pages that overtake the answer on their way would be somebody's whom nobody knows yet.
    const page = location.href.slice(0, 2000), whole = send({ answers, page, events: me.seen });
    if (whole) me.seen = [];
    if (whole || send({ answers, page })) known();
  });
  window.leadcrm = { agree, withdraw, note, page: () => note("page_view"), visitor: () => me?.key || "" };
  if (me) { note("page_view"); tell(); }
})();
