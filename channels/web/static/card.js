// Programmes as cards that open: the verdict in words with a sign, the reasons, the way, the sources.

import { link, make } from "./dom.js";
import { factName, knows, loadNames, say, t, tag } from "./words.js";

const SIGNS = { likely: "✓", possible: "?", unlikely: "—" };

export function cards(programmes, language) {
  const box = make("div", { class_: "cards", lang: tag(language) });
  // They come in the order that matters to this resident, a service for anybody last.
  const isUnlikely = (programme) => programme.verdict === "unlikely";
  for (const programme of programmes.filter((each) => !isUnlikely(each))) box.append(card(programme, language));
  const unlikely = programmes.filter(isUnlikely);
  if (unlikely.length) {
    box.append(make("details", { class_: "more" },
      make("summary", {}, make("span", { text: t("unlikely_group", { count: unlikely.length }, language) })),
      make("div", { class_: "cards" }, ...unlikely.map((programme) => card(programme, language)))));
  }
  return box;
}

function card(programme, language) {
  const amount = amountWords(programme.amount, language);
  const summary = make("summary", {},
    make("span", { class_: "name", text: say(programme.name, language) + forWhom(programme.person, language) }),
    make("span", { class_: "verdict" },
      make("b", { text: SIGNS[programme.verdict] ?? "?", "aria-hidden": "true" }), ` ${t(`verdict_${programme.verdict}`, {}, language)}`),
    amount && make("span", { text: amount }));
  const node = make("details", { class_: `card ${programme.verdict}` }, summary);
  // The inside is drawn when it is opened: a long list stays quick on an old telephone.
  node.addEventListener("toggle", async () => {
    await loadNames();
    if (!node.querySelector(".in")) node.append(inside(programme, language));
  }, { once: true });
  return node;
}

function inside(programme, language) {
  const w = (key, values) => t(key, values, language);
  const part = (key, list) => (list?.length ? [make("h4", { text: w(key) }), make("ul", {}, ...list)] : []);
  const item = (text) => make("li", { text });
  // What only the office sets is nothing a resident could tell.
  const told = (key) => !key.startsWith("context.");
  const apply = programme.apply ?? {};
  const ways = ["where", "how", "time", "online"].filter((way) => say(apply[way], language));
  return make("div", { class_: "in" },
    ...part("card_conditions", (programme.conditions ?? []).map((condition) =>
      make("li", { class_: condition.state }, say(condition.text, language), aside(w(`state_${condition.state}`), language)))),
    ...part("card_missing", (programme.missing ?? []).filter(told).map((key) => item(factName(key, language)))),
    ...part("card_documents", (programme.documents ?? []).map((paper) => make("li", {}, say(paper, language), aside(say(paper.note, language), language)))),
    ...(ways.length ? [make("h4", { text: w("card_apply") }), make("dl", {}, ...ways.flatMap((way) => [
      make("dt", { text: w(`apply_${way}`) }),
      make("dd", {}, link(say(apply[way], language), say(apply[way], language)))]))] : []),
    ...part("card_would_change", (programme.would_change ?? []).filter((change) => told(change.fact ?? "")).map((change) => item(say(change.text, language)))),
    ...part("card_caveats", (programme.caveats ?? []).map((caveat) => item(say(caveat, language)))).map((node, index) => {
      if (index === 1) node.classList.add("caveats");
      return node;
    }),
    ...part("card_sources", (programme.sources ?? []).map((source) => sourceLine(source, language))),
    make("p", { class_: "guidance", text: w("card_guidance") + (programme.as_of ? ` ${w("as_of", { date: programme.as_of })}` : "") }));
}

function aside(words, language) {
  if (!words) return null;
  return make("span", { class_: "state", text: language === "en" ? ` (${words})` : `（${words}）` });
}

function sourceLine(source, language) {
  const w = (key) => t(key, {}, language);
  const rest = [source.number, source.article, source.date].map((part) => say(part, language)).filter(Boolean);
  if (source.checked) rest.push(`${w("source_checked")} ${source.checked}`);
  const sure = `confidence_${source.confidence}`;
  if (knows(sure)) rest.push(w(sure));
  return make("li", {}, link(source.url, say(source.title, language)),
    rest.length ? make("span", { class_: "state", text: ` ${rest.join(w("join"))}` }) : null);
}

function forWhom(relation, language) {
  if (!relation || relation === "household") return "";
  const [who, number] = relation.split("-");
  const key = `person_${who}`;
  const words = (knows(key) ? t(key, {}, language) : who) + (number ? t("numbered", { number }, language) : "");
  return language === "en" ? ` (${words})` : `（${words}）`;
}

// {low, high, unit, per} in words; unit is yuan/month, yuan/year, yuan or share, per person or household.
export function amountWords(amount, language) {
  if (!amount || ((amount.low ?? null) === null && (amount.high ?? null) === null)) return "";
  const w = (key, values) => t(key, values, language);
  const unit = String(amount.unit ?? "");
  const share = unit.startsWith("share");
  const number = (value) => share
    ? new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 }).format(value)
    : new Intl.NumberFormat("en", { maximumFractionDigits: value < 100 ? 2 : 0 }).format(value);
  const { low, high } = amount;
  const some = (value) => value !== null && value !== undefined;
  let value;
  if (some(low) && some(high) && low === high) value = w("amount_exact", { value: number(low) });
  else if (some(low) && low > 0 && some(high)) value = w("amount_between", { low: number(low), high: number(high) });
  else if (some(high)) value = w("amount_up_to", { high: number(high) });
  else value = w("amount_from", { low: number(low) });
  if (share) return w("share_of_costs", { value });
  const time = w(unit.includes("month") ? "per_month" : unit.includes("year") ? "per_year" : "once");
  const per = String(amount.per ?? unit);
  const whom = per.includes("person") ? w("per_person") : per.includes("household") ? w("per_household") : "";
  const money = w("yuan", { value });
  return language === "en" ? [money, time, whom].filter(Boolean).join(" ") : [whom, time, money].filter(Boolean).join(" ");
}
