// The page's words in the language in use; everything comes from texts.json, Chinese and English side by side.

let all = {};
let names = {};
export let language = document.documentElement.dataset.language === "en" ? "en" : "zh";

export const tag = (code) => (code === "en" ? "en" : "zh-Hans");

export async function load() {
  all = await (await fetch("/texts.json")).json();
}

// The facts in words: fetched with the first card that needs them.
let asked;
export function loadNames() {
  asked ??= fetch("/labels.json").then((answer) => (answer.ok ? answer.json() : {})).then((found) => { names = found; }).catch(() => { asked = undefined; });
  return asked;
}

export function t(key, values = {}, in_ = language) {
  const text = all[key]?.[in_] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const knows = (key) => key in all;

// A text of the interface: a plain string, {zh, en}, or something that has such a name.
export function say(text, in_ = language) {
  if (text === null || text === undefined) return "";
  if (typeof text === "string" || typeof text === "number") return String(text);
  if (typeof text === "boolean") return t(text ? "yes" : "no", {}, in_);
  return text[in_] ?? text.zh ?? say(text.name ?? text.title ?? text.text ?? "", in_);
}

export function factName(key, in_ = language) {
  return names[key] ? say(names[key], in_) : key.split(".").pop().replaceAll("_", " ");
}

export function speak(chosen) {
  language = chosen === "en" ? "en" : "zh";
  document.documentElement.lang = tag(language);
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  document.getElementById("language").lang = tag(language === "en" ? "zh" : "en");
}
