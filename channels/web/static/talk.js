// The conversation as one sees it: messages in the order of their ids, what is still on its way below them.

import { cards } from "./card.js";
import { make } from "./dom.js";
import { knows, say, t, tag } from "./words.js";

export class Talk {
  constructor(log, press) {
    this.log = log;
    this.press = press; // (button) when a choice is pressed
    this.shown = new Map(); // id -> element
    this.pending = []; // [{entry, node}]: the resident's own, not yet seen in the stream
  }

  get empty() { return this.log.children.length === 0; }

  clear() {
    this.log.replaceChildren();
    this.shown.clear();
    this.pending = [];
  }

  // Messages from the service, in whatever order and however often they come. Returns the new elements.
  add(messages) {
    const fresh = [];
    for (const message of messages) {
      if (this.shown.has(message.id)) continue;
      const mine = message.from === "resident" ? this.adopt(message) : null;
      const node = mine ?? this.draw(message);
      node.dataset.id = message.id;
      this.shown.set(message.id, node);
      this.place(node, message.id);
      if (!mine) fresh.push(node);
    }
    this.tidy();
    return fresh;
  }

  // The resident's message, shown at once; the service's copy takes its place later.
  hope(entry) {
    const text = entry.body.text ?? entry.body.title ?? "";
    const node = this.draw({ from: "resident", text });
    node.classList.add("pending");
    this.log.append(node);
    this.pending.push({ entry, text, node });
    this.tidy();
    return node;
  }

  arrived(entry) {
    this.of(entry)?.node.classList.remove("pending");
  }

  refuse(entry, why) {
    const waiting = this.of(entry);
    if (!waiting) return;
    this.pending.splice(this.pending.indexOf(waiting), 1);
    waiting.node.classList.replace("pending", "refused");
    waiting.node.append(make("p", { class_: "note", text: t("not_sent") + why }));
  }

  of(entry) { return this.pending.find((waiting) => waiting.entry.client_id === entry.client_id); }

  adopt(message) {
    const index = this.pending.findIndex((waiting) => waiting.text.trim() === message.text.trim());
    if (index < 0) return null;
    const [{ node }] = this.pending.splice(index, 1);
    node.classList.remove("pending");
    return node;
  }

  place(node, id) {
    const later = [...this.log.children].find((other) => other !== node && Number(other.dataset.id) > id);
    if (later) this.log.insertBefore(node, later);
    else if (!node.isConnected) this.log.insertBefore(node, this.log.querySelector(":scope > .pending"));
  }

  // Choices belong to the last thing said; older ones would only be in the way.
  tidy() {
    const nodes = [...this.log.children];
    const mine = nodes.filter((node) => node.classList.contains("resident") && !node.classList.contains("refused"));
    const last = nodes.indexOf(mine[mine.length - 1]);
    nodes.forEach((node, index) => {
      for (const group of node.querySelectorAll(".choices")) group.hidden = index < last;
    });
  }

  draw(message) {
    const language = message.language === "en" ? "en" : "zh";
    const who = `from_${message.from}`;
    const node = make("li", { class_: message.from },
      make("p", { class_: "who", text: t(knows(who) ? who : "from_bot"), "data-t": who }));
    if (message.text) {
      node.append(make("div", { class_: "bubble", text: message.text, lang: message.language && tag(language) }));
    }
    if (message.request) node.append(request(message.request, language));
    if (message.programmes?.length) node.append(cards(message.programmes, language));
    if (message.hotlines?.length) node.append(hotlines(message.hotlines, language));
    if (message.buttons?.length) node.append(this.choices(message.buttons, language));
    return node;
  }

  choices(buttons, language) {
    return make("div", { class_: "choices", role: "group", "aria-label": t("choices"), lang: tag(language) },
      ...buttons.map((button) => make("button", {
        type: "button", text: say(button.title, language),
        on: { click: () => this.press({ payload: button.payload, title: say(button.title, language).slice(0, 200) }) },
      })));
  }
}

function request(found, language) {
  const status = `status_${found.status}`;
  return make("div", { class_: "request", lang: tag(language) },
    make("span", { text: t("request_number", {}, language) }),
    make("strong", { text: found.number }),
    make("p", { class_: "note", text: t("request_keep", {}, language) }),
    found.office && make("p", { text: t("request_office", {}, language) + t("colon", {}, language) + say(found.office, language) }),
    found.status && make("p", { class_: "note", text: t("request_status", {}, language) + t("colon", {}, language) + (knows(status) ? t(status, {}, language) : found.status) }));
}

function hotlines(lines, language) {
  return make("div", { class_: "hotlines", lang: tag(language) },
    ...lines.map((line) => make("a", { class_: "button", href: `tel:${String(line.number).replace(/[^\d+]/g, "")}` },
      make("strong", { text: line.number }), make("span", { text: say(line.name, language) }))));
}
