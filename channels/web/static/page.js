// The page: what is pressed goes to the line, what comes over the line goes into the talk.

import { recall, remember } from "./keep.js";
import { Line } from "./line.js";
import { Talk } from "./talk.js";
import { language, load, speak, t } from "./words.js";

const WORKING_AFTER = 1000;
const $ = (id) => document.getElementById(id);
const [main, welcome, text, working, state] = ["main", "welcome", "text", "working", "state"].map($);

let owner = "bot";
let trouble = null; // offline or waiting
let timer = null;

const talk = new Talk($("log"), (button) => {
  send(button);
  $("log").focus({ preventScroll: true }); // the pressed button is gone; a keyboard must not open on a phone
});

const line = new Line({
  messages(list) {
    const quiet = main.dataset.loading === "yes";
    const fresh = talk.add(list);
    if (list.some((message) => message.from === "consultant")) setOwner("consultant");
    if (!quiet && fresh.some((node) => node.classList.contains("system"))) line.askOwner();
    if (fresh.some((node) => !node.classList.contains("resident"))) calm();
    if (fresh.length && !quiet) bringIntoView(fresh.find((node) => !node.classList.contains("resident")) ?? fresh[0]);
    opened();
  },
  owner: setOwner,
  state(name) { trouble = name; if (name) calm(); showState(); },
  sent(entry) { talk.arrived(entry); if (!line.outbox.length) calm(); },
  refused(entry, why) {
    calm();
    talk.refuse(entry, why ? why[language] : "");
    if (entry.body.text && !text.value) text.value = entry.body.text;
    text.focus();
  },
  gone() { setOwner("bot"); notice(t("gone")); opened(); },
}, () => language);

function send(body) {
  const node = talk.hope(line.push(body));
  bringIntoView(node);
  clearTimeout(timer);
  timer = setTimeout(() => { if (line.outbox.length && !trouble) { working.textContent = t("working"); bringIntoView(working); } }, WORKING_AFTER);
  opened();
}

function calm() {
  clearTimeout(timer);
  working.textContent = "";
}

function setOwner(name) {
  owner = name;
  showState();
}

function showState() {
  const key = trouble ?? { queue: "in_queue", consultant: "with_consultant" }[owner];
  const words = key ? t(key) : "";
  if (state.textContent !== words) state.textContent = words;
}

// Show the beginning of what was said: a long answer is read from its top.
function bringIntoView(node) {
  node.scrollIntoView({ block: node.offsetHeight > main.clientHeight * 0.8 ? "start" : "nearest" });
}

function opened() {
  $("starters").hidden = !talk.empty;
  const kept = Boolean(line.id);
  $("kept").hidden = !kept;
  $("nothing-kept").hidden = kept;
  if (kept) $("download").href = `${line.path}/export`;
}

function notice(words) {
  const node = talk.draw({ from: "system", text: words, language });
  $("log").append(node);
  bringIntoView(node);
}

function setLarger(on) {
  document.documentElement.classList.toggle("larger", on);
  $("larger").setAttribute("aria-pressed", String(on));
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  if (said) { send({ text: said }); text.value = ""; }
  text.focus();
});
text.addEventListener("keydown", (event) => {
  // While Chinese is being composed, Enter chooses a word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("write").requestSubmit();
});
for (const button of document.querySelectorAll(".starter")) {
  button.addEventListener("click", () => { send({ text: button.textContent }); $("log").focus({ preventScroll: true }); });
}
$("human").addEventListener("click", () => send({ payload: "/talk_to_human", title: t("human") }));
$("help").addEventListener("click", () => send({ payload: "/request_help", title: t("help_title") }));
$("privacy").addEventListener("click", () => { $("data").open = false; send({ payload: "/privacy", title: t("privacy") }); });
$("larger").addEventListener("click", () => {
  const on = !document.documentElement.classList.contains("larger");
  setLarger(on);
  remember("larger", on || null);
});
$("language").addEventListener("click", () => {
  const title = t("language_switch");
  speak(language === "en" ? "zh" : "en");
  remember("language", language);
  showState();
  if (line.id) send({ payload: `/change_language{"language": "${language}"}`, title });
});

function askDelete(open) {
  $("delete-sure").hidden = !open;
  $("delete").setAttribute("aria-expanded", String(open));
  $(open ? "delete-no" : "delete").focus();
}
$("delete").addEventListener("click", () => askDelete($("delete-sure").hidden));
$("delete-no").addEventListener("click", () => askDelete(false));
$("delete-yes").addEventListener("click", async () => {
  try {
    await line.erase();
    talk.clear();
    calm();
    setOwner("bot");
    notice(t("deleted"));
  } catch { notice(t("delete_failed")); }
  $("delete-sure").hidden = true;
  $("delete").setAttribute("aria-expanded", "false");
  $("data").open = false;
  opened();
  $("data").firstElementChild.focus();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && $("data").open) { $("data").open = false; $("data").firstElementChild.focus(); }
});
addEventListener("click", (event) => { if (!$("data").contains(event.target)) $("data").open = false; });

async function begin() {
  setLarger(Boolean(recall("larger")));
  await load();
  speak(recall("language", language));
  for (const entry of line.outbox) talk.hope(entry);
  main.dataset.loading = "yes";
  $("log").setAttribute("aria-live", "off"); // the history is not news
  await line.resume();
  main.dataset.loading = "no";
  $("log").setAttribute("aria-live", "polite");
  opened();
  $("log").lastElementChild?.scrollIntoView({ block: "end" });
}

begin();
