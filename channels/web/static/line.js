// The line to the service: an outbox that loses nothing, and a stream that brings what is said.
// The token is in an HttpOnly cookie; no script sees it. The conversation's id alone opens nothing.

import { newId, recall, remember } from "./keep.js";

const FIRST_WAIT = 1500;
const LONGEST_WAIT = 30000;
const PATIENCE = 30000; // a turn takes 12 s at most

class Refused extends Error {
  constructor(status, error, wait) {
    super(error?.code ?? String(status));
    this.status = status;
    this.text = error?.message ?? null;
    this.wait = wait;
  }
}

async function call(method, path, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(path, {
      method, signal: stop.signal, credentials: "same-origin", cache: "no-store",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const said = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw new Refused(answer.status, said?.error, Number(answer.headers.get("Retry-After")) * 1000);
    return said;
  } finally { clearTimeout(timer); }
}

const pause = (ms) => new Promise((done) => {
  const timer = setTimeout(finish, ms);
  function finish() { clearTimeout(timer); removeEventListener("online", finish); done(); }
  addEventListener("online", finish);
});

export class Line {
  // on: { messages(list), owner(name), state(name | null), refused(entry, text), sent(entry), gone() }
  constructor(on, language) {
    this.on = on;
    this.language = language; // a function: the language that a new conversation begins in
    this.id = recall("conversation");
    this.outbox = recall("outbox", []);
    this.last = 0;
    this.pumping = false;
  }

  get path() { return `/api/conversations/${this.id}`; }

  // Take up the conversation of this device. Returns whether there is one.
  async resume() {
    while (this.id) {
      try {
        const found = await call("GET", this.path);
        this.take(found.messages);
        this.on.owner(found.owner);
        this.listen();
        break;
      } catch (problem) {
        if (problem.status === 401 || problem.status === 404) this.forget();
        else { this.on.state(navigator.onLine ? "waiting" : "offline"); await pause(problem.wait || 3000); this.on.state(null); }
      }
    }
    this.pump();
    return Boolean(this.id);
  }

  // Put a message into the outbox: {text} or {payload, title}. It is kept until the service has it.
  push(body) {
    const entry = { client_id: newId(), body };
    this.outbox.push(entry);
    remember("outbox", this.outbox);
    this.pump();
    return entry;
  }

  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    let wait = FIRST_WAIT;
    let failures = 0;
    while (this.outbox.length) {
      const entry = this.outbox[0];
      try {
        if (!this.id) await this.begin();
        const said = await call("POST", `${this.path}/messages`, { ...entry.body, client_id: entry.client_id });
        this.drop();
        this.on.state(null);
        this.on.sent(entry);
        this.take(said.messages);
        this.on.owner(said.owner);
        wait = FIRST_WAIT;
        failures = 0;
      } catch (problem) {
        if (problem.status === 401 || problem.status === 404) {
          this.forget();
          this.on.gone();
        } else if ([400, 405, 413, 422].includes(problem.status) || (problem.status === 500 && ++failures >= 3)) {
          this.drop();
          this.on.state(null);
          this.on.refused(entry, problem.text);
        } else {
          this.on.state(problem.status ? "waiting" : "offline");
          await pause(problem.wait || wait);
          wait = Math.min(wait * 2, LONGEST_WAIT);
        }
      }
    }
    this.pumping = false;
  }

  drop() {
    this.outbox.shift();
    remember("outbox", this.outbox.length ? this.outbox : null);
  }

  async begin() {
    const begun = await call("POST", "/api/conversations", { language: this.language() });
    this.id = begun.conversation;
    this.last = 0;
    remember("conversation", this.id);
    this.listen();
  }

  take(messages) {
    for (const message of messages) this.last = Math.max(this.last, message.id);
    this.on.messages(messages);
  }

  listen() {
    this.hangUp();
    // A new connection says where to begin; the browser's own reconnecting says it by Last-Event-ID.
    this.stream = new EventSource(`${this.path}/stream?after=${this.last}`);
    this.stream.addEventListener("message", (event) => this.take([JSON.parse(event.data)]));
    this.stream.addEventListener("error", () => {
      if (this.stream?.readyState === EventSource.CLOSED) this.later();
    });
  }

  // The service refused the stream (erased, or busy): ask what there is, then listen again.
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      if (!this.id) return;
      try {
        const found = await call("GET", this.path);
        this.take(found.messages);
        this.on.owner(found.owner);
        this.listen();
      } catch (problem) {
        if (problem.status === 401 || problem.status === 404) { this.forget(); this.on.gone(); } else this.later();
      }
    }, 4000);
  }

  async askOwner() {
    try { this.on.owner((await call("GET", this.path)).owner); } catch { /* the next turn tells */ }
  }

  hangUp() {
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = null;
  }

  forget() {
    this.hangUp();
    this.id = null;
    this.last = 0;
    remember("conversation", null);
  }

  // Erase everything, here and there. Throws where the service could not.
  async erase() {
    const path = this.path;
    try {
      await call("DELETE", path);
    } catch (problem) {
      if (problem.status !== 401 && problem.status !== 404) throw problem;
    }
    this.outbox.length = 0;
    remember("outbox", null);
    this.forget();
  }
}
