// Comfort only: every page works without this file.
(() => {
  const live = document.getElementById("live");
  const body = document.body.dataset;
  let timer;

  function say(text, link) {
    const notice = document.createElement("p");
    notice.className = "urgent";
    notice.textContent = text;
    if (link) notice.append(" ", link);
    live.replaceChildren(notice);
  }

  // Focus was lost with what the swap removed: give it to the summary or the heading of what came.
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    if (document.activeElement !== document.body) return;
    const target = detail.ctx.target;
    const part = (target && document.getElementById(target.id)) || document.getElementById("main");
    const place = part.querySelector(".error-summary") || part.querySelector("h1, h2, h3, caption") || part;
    place.tabIndex = -1;
    place.focus();
  });

  const failed = () => say(live.dataset.failed);
  document.addEventListener("htmx:response:error", ({ detail }) => detail.ctx.response.status >= 500 && failed());
  document.addEventListener("htmx:error", failed);
  // The address stays that of what is shown.
  document.addEventListener("htmx:before:history:update", (event) => {
    if (event.detail.response.raw.status >= 500) event.preventDefault();
  });
  document.addEventListener("htmx:before:request", () => live.querySelector(".urgent")?.remove());

  // A page that answers a form stays in the history as its address: going back opens it, and sends nothing again.
  history.replaceState(history.state, "");

  // Many lines: Enter goes on to the next answer, from an empty line to the button, and the sum is kept.
  document.addEventListener("keydown", (event) => {
    const form = event.key === "Enter" && event.target.matches("input") && event.target.form;
    if (!form || !form.querySelector(".entry")) return;
    event.preventDefault();
    const all = [...form.querySelectorAll("input:not([type=hidden])")];
    const line = event.target.closest("tr");
    const own = line ? [...line.querySelectorAll("input")] : [];
    const isLast = own[0] === event.target && own.every((each) => !each.value.trim());
    const next = isLast ? null : all[all.indexOf(event.target) + 1] || form.querySelector("[name=more]");
    (next || form.querySelector(".actions button")).focus();
  });
  document.addEventListener("input", ({ target }) => {
    const table = target.closest(".entry");
    if (!table) return;
    let cents = 0;
    for (const { value } of table.querySelectorAll("[inputmode=decimal]")) {
      const typed = value.replace(/[$, ]/g, "");
      if (/^\d+(\.\d\d?)?$/.test(typed)) cents += Math.round(typed * 100);
    }
    table.closest("form").querySelector("output").textContent = (cents / 100).toLocaleString("en", { style: "currency", currency: "USD" });
  });

  // The session: warn, and offer a plain GET of this page. Where scripts run, what was typed stays.
  function stay(event) {
    event.preventDefault();
    fetch(location.href).then((answer) => {
      if (!answer.ok || answer.redirected) return location.reload();
      live.replaceChildren();
      wait();
    }, failed);
  }
  function warn() {
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = live.dataset.stay;
    link.addEventListener("click", stay);
    say(live.dataset.ending, link);
  }
  function wait() {
    clearTimeout(timer);
    if (body.sessionEnds) timer = setTimeout(warn, Math.max(0, body.sessionEnds - (body.sessionWarning || 120)) * 1000);
  }
  document.addEventListener("htmx:after:request", wait);
  wait();

  // Paper has nothing to click: print what is folded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));
})();
