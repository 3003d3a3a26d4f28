// What htmx's attributes alone cannot say: which message was the last one seen, where the transcript is
// scrolled to, and whether the live connection stands. Everything else works without this file.
"use strict";
(() => {
  const log = () => document.getElementById("log");
  const lost = () => document.getElementById("lost");
  let wasLost = false;

  const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  const toEnd = (list) => { list.scrollTop = list.scrollHeight; };

  document.body.addEventListener("htmx:configRequest", (event) => {
    const list = log();
    if (list && event.detail.elt === list) {
      const last = list.querySelector("[data-id]:last-of-type");
      event.detail.parameters.after = last ? last.dataset.id : "0";
    }
  });

  // New messages scroll into view only for whoever is reading the end; nobody is torn from older lines.
  let follow = true;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === log()) follow = atEnd(log());
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === log() && follow) toEnd(log());
  });

  // A panel that is redrawn keeps open what the consultant had opened, and a form half filled in stays.
  const opened = new Set();
  const kept = (panel) => panel.querySelectorAll("details[data-keep]");
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    if (target.id === "bar" && target.querySelector("details[open]")) event.detail.shouldSwap = false;
    if (target.id !== "side") return;
    opened.clear();
    kept(target).forEach((details) => { if (details.open) opened.add(details.dataset.keep); });
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "side") return;
    kept(event.detail.target).forEach((details) => { details.open = opened.has(details.dataset.keep); });
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form.id !== "reply" || !event.detail.successful) return;
    form.reset();
    form.elements.once.value = `${Date.now()}-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    document.getElementById("notice").replaceChildren();
    follow = true;
    const list = log();
    if (list) toEnd(list);
  });

  // After an interruption whatever was missed is fetched once.
  document.body.addEventListener("htmx:sseError", () => {
    wasLost = true;
    lost().hidden = false;
    delete document.body.dataset.live;
  });
  document.body.addEventListener("htmx:sseOpen", () => {
    lost().hidden = true;
    document.body.dataset.live = "yes";
    if (wasLost) { wasLost = false; htmx.trigger(document.body, "again"); }
  });

  // The board is not redrawn under whoever is filling in a form; it says that there is something new.
  document.body.addEventListener("sse:requests", () => { document.getElementById("stale").hidden = false; });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "text") {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape") {
      const drop = event.target.closest("details.drop[open]");
      if (drop) { drop.open = false; drop.querySelector("summary").focus(); }
    }
  });

  const list = log();
  if (list) toEnd(list);
})();
