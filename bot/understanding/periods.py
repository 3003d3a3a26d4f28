"""How often money recurs, as said: hour, day, week, month, quarter or year beside an amount."""

from __future__ import annotations

from dataclasses import replace

from .folding import pattern
from .quantity import Amount

_CLAUSE_END = pattern(r"[,，。;；!！?？\n]")
_PERIOD_UNITS = {
    "月": "month", "month": "month", "mo": "month", "mth": "month", "年": "year", "year": "year", "yr": "year",
    "天": "day", "日": "day", "day": "day", "周": "week", "星期": "week", "礼拜": "week", "week": "week", "wk": "week",
    "小时": "hour", "钟头": "hour", "hour": "hour", "hr": "hour", "季度": "quarter", "季": "quarter",
    "quarter": "quarter",
}  # fmt: skip
_PERIOD_NAMES = "|".join(sorted(_PERIOD_UNITS, key=len, reverse=True))
_PERIOD_AFTER = pattern(
    rf"\s?(?:块|元|钱|rmb|yuan)*\s?(?:(?:/|每|一|per |a |an |each |every |the )\s?个?(?P<unit>{_PERIOD_NAMES})"
    r"(?!\w*[薪租]|底|初)"
    r"|(?P<word>monthly|yearly|annually|weekly|daily|hourly|p\.?m\.?\b|pcm\b|p\.?a\.?\b|quarterly|an? hour))"
)
_PERIOD_BEFORE = pattern(
    rf"(?:每|一|per |every |each )个?(?P<unit>{_PERIOD_NAMES})(?![份底初前后]|个|内)"
    r"|(?P<month>月(?=薪|收入|工资|租|入|供|还|均|生活费)|monthly|月月)|(?P<year>年(?=薪"
    r"|收入|入)|yearly|annual|全年)"
    r"|(?P<hour>时薪|hourly)|(?P<day>日薪|日结|daily)|(?P<week>周薪|weekly)"
)
_WORDS = {"monthly": "month", "pm": "month", "pcm": "month", "yearly": "year", "annually": "year", "pa": "year",
          "weekly": "week", "daily": "day", "hourly": "hour", "quarterly": "quarter"}  # fmt: skip
_YEAR_HINT = pattern(r"去年|今年|上年|前年|这一年|过去一年|last year|this year|past year")


def _with_period(text: str, amount: Amount, previous_end: int) -> Amount:
    after = _PERIOD_AFTER.match(text, amount.end)
    if after:
        word = (after.group("word") or "").replace(".", "")
        period = _PERIOD_UNITS.get(after.group("unit") or "") or _WORDS.get(word, "hour")
        return replace(amount, period=period, period_span=after.span())
    begin = max(
        (m.end() for m in _CLAUSE_END.finditer(text, max(0, amount.start - 60), amount.start)), default=0
    )
    begin = max(begin, previous_end, amount.start - 60)
    before = None
    for before in _PERIOD_BEFORE.finditer(text, begin, amount.start):  # noqa: B007 - the last one counts
        pass
    hint = bool(_YEAR_HINT.search(text, begin, min(amount.end + 12, len(text))))
    if before:
        named = next((n for n in ("month", "year", "hour", "day", "week") if before.group(n)), None)
        return replace(
            amount,
            period=named or _PERIOD_UNITS[before.group("unit")],
            period_span=before.span(),
            year_hint=hint,
        )
    return replace(amount, year_hint=hint)


def bind_periods(text: str, found: list[Amount]) -> list[Amount]:
    bound: list[Amount] = []
    previous_end = 0
    for amount in found:
        if amount.kind in ("money", "number"):
            amount = _with_period(text, amount, previous_end)  # noqa: PLW2901
            previous_end = (
                amount.end if amount.period_span is None else max(amount.end, amount.period_span[1])
            )
        bound.append(amount)
    spans = [a.period_span for a in bound if a.period_span]
    return [
        a
        for a in bound
        if a.kind not in ("duration", "count")
        or a.high != 1
        or not any(s < a.end and a.start < e for s, e in spans)
    ]
