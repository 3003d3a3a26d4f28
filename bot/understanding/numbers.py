"""Amounts in a text: what was written, as bounds, with kind, unit and period.

Hedges and loose numerals follow contract §6; the numerals themselves are in `numerals.py`.
"""

from __future__ import annotations

import re

from . import numerals
from .folding import pattern
from .numerals import Numeral
from .periods import bind_periods
from .quantity import Amount
from .set_phrases import set_phrases

_D = "一二两三四五六七八九"

_PRE = (
    r"(?:(?P<less>不到|不足|少于|低于|没到|不满|未满|不超过|没超过|不会超过|不过"
    r"|最多|至多|顶多|撑死|less than|under|below|fewer than"
    r"|at most|at the most|up to|no more than|not more than|not even|max)"
    r"|(?P<more>超过|多于|至少|起码|最少|不低于|不少于|高于|over|more than|at least"
    r"|above|no less than|upwards of)"
    r"|(?P<near>差不多快|将近|接近|快要|快到|快|近|奔|nearly|almost|close to"
    r"|getting on for|going on|just under|just shy of)"
    r"|(?P<virtual>虚岁|虚)"
    r"|(?P<about>大概|大约|差不多|约莫|约摸|约|大致|估计|about|around|roughly"
    r"|approximately|approx|some|or so|circa|~))"
    r"\s*(?:是|也就|就|有|of)?\s*"
    # The verb may stand between: 至少欠了三万, "at most we get 2,000".
    r"(?P<verb>(?:还?欠[了着]?|要?花[了掉]?|得要?|还要|能?挣个?|能?赚个?|能?拿到?"
    r"|要?交|要?付|给|借了?|存了?|能有|还有|剩下?)\s*)?"
)
_CURRENCY = r"(?P<currency>¥|rmb|cny|人民币|\$|us\$)\s*"


def _core(suffix: str) -> str:
    before = "" if suffix else r"(?<![a-z\d_.@-])"  # the second number of a range stands after its dash
    return (
        rf"(?:(?P<digit{suffix}>{before}(?:{numerals.DIGIT}))"
        rf"\s?(?P<scale{suffix}>[十百千万亿]|k(?![a-z0-9])|w(?![a-z0-9])|thousand|million|hundred|grand)?"
        rf"(?P<tail{suffix}>(?<=[百千万])[\d{_D}](?:[百千])?(?![\d,.{_D}]))?(?P<loose{suffix}>多万"
        rf"|余万|来万|多|余|来(?!自|到|了|的)|几(?!岁))?"
        rf"|(?P<zh{suffix}>{numerals.ZH})"
        rf"|\b(?P<en{suffix}>{numerals.EN}))"
    )


# Nobody counts more months, weeks or days than this; what looks so is a sum and 一个月.
_LONGEST_DURATION = 120
_RANGE = r"\s?(?:-|~|到|至|或者?|\bto\b|\bor\b)\s?"
_UNIT = (
    r"(?:(?P<money>块多?钱?|元钱?|圆|rmb|cny|yuan|kuai|人民币|bucks?|dollars?)"
    r"|(?P<age>周岁|虚岁|岁半?|-?\s?years?[\s-]old|years of age|yrs? old|y/?o\b)"
    r"|(?P<month>个半?多?来?月|半?多?来?月(?!份|底|初|中旬|\d)|-?months?\b|mos?\b)"
    r"|(?P<year>年半?多?(?!级|代|前?生|\d{1,2}月)|-?years?\b|yrs?\b)"
    r"|(?P<week>个?多?(?:星期|礼拜)|周(?!岁)|weeks?\b)|(?P<day>天|days?\b)|(?P<hour>个?(?:小时"
    r"|钟头)|hours?\b|hrs?\b)"
    r"|(?P<quarter>个?季度|quarters?\b)"
    r"|(?P<people>口之家|口人|口子|口|个(?:家里|家庭)?人|个成员|人|位(?!老师"
    r"|医生)|people\b|persons?\b|of us\b|family members\b|members\b|in (?:the"
    r"|my|our) (?:family|household)\b)"
    r"|(?P<count>个(?!平|百分点|小时|钟头|星期|礼拜|季度)|套|辆|部)"
    r"|(?P<square>个?平方米|个?平方|个?平米|平(?!时|均)|㎡|m2|m²|sq\.?\s?m\w*|square\s?met(?:er|re)s?)"
    r"|(?P<level>级)"
    r"|(?P<other>%|％|个百分点|成|折|点钟|点半|点|号|日|楼|弄|室|栋|幢|路|次"
    r"|遍|趟|种|份|本|张|条|片|粒|斤|公斤|克|公里|米|度|期|届|例|st\b|nd\b|rd\b"
    r"|th\b|pm\b|am\b|kg\b|km\b|mg\b|times\b|meals?\b))"
)
_POST = (
    r"(?P<around>左右|上下|前后|or so\b|-ish\b|ish\b|odd\b|以?(?=\b)give or take)"
    r"|(?P<bit>出头|冒头|挂零)|(?P<odd>来块|多块|多)|(?P<most>以内|以下|封顶"
    r"|tops\b|max\b|at most\b)|(?P<least>以上|往上|up\b|or more\b|朝上)"
)

_AMOUNT = pattern(
    rf"(?:{_PRE})?(?:{_CURRENCY})?{_core('')}(?:{_RANGE}(?:{_CURRENCY.replace('currency', 'currency2')})?{_core('2')})?"
    rf"\s?(?:{_UNIT})?\s?(?:{_POST})?",
)

_NOT_A_NUMBER = pattern(
    r"百分之[一二三四五六七八九十百零点\d]+|十分|万一|百分|百姓|千方百计|万分"
    r"|十足|百货|万能|百般|成千上万|千万|四医联动|一网通办|一户一|五保|三无|百岁"
    r"|"
    r"第[一二三四五六七八九十百\d]+|(?:星期|礼拜|(?<![一每两三上下])周)[一二三四五六日]"
    r"|[初高大][一二三四](?!十|百)|[一二三四五六七八九]年级|(?:小学|中学|初中)[一二三四五六]"
    r"|"
    r"\d{4}\s?年(?:\d{1,2}月)?(?:\d{1,2}[日号])?|(?:19|20)\d\d(?:[-/.]\d{1,2}(?!\d)){1,2}"
    r"|[二一][零〇九一二三四五六七八]{3}年|\d{1,2}月(?:份|\d{1,2}[日号]?|底|初"
    r"|中)|"
    r"(?<![个几\d])(?:十[一二]|[一二三四五六七八九十])月(?:份|底|初|中)|\d{1,2}[:：]\d\d"
    r"|\d{7,}|\d{3,4}-\d{7,8}|"
    r"(?:打|拨|拨打|call(?:ed)?|dial(?:led)?)\s?\d{3,5}|三甲|二甲|三级甲等|(?<![a-z])[a-z]{1,10}\d{1,9}"
    r"|\b(?:in|since|from|until|of)\s(?:19|20)\d\d\b(?!\s?(?:yuan|rmb|元|块|a ))"
)


_GRADE_BEFORE = pattern(r"\b(?:grade|level|class)\s*$")


def _number(value: float | None) -> float | int | None:
    if value is None:
        return None
    value = round(value, 4)
    return int(value) if value == int(value) else value


def _numeral(match: re.Match[str], suffix: str = "") -> Numeral | None:
    group = match.groupdict()
    if group["digit" + suffix]:
        scale = group["scale" + suffix] or ""
        factor = {"thousand": "千", "million": "", "hundred": "百", "grand": "千"}.get(scale, scale)
        try:
            found = numerals.digits(group["digit" + suffix], factor, (group["tail" + suffix] or ""))
        except (ValueError, OverflowError):
            return None
        if found and scale == "million":
            found = Numeral(found.low * 1e6, found.high * 1e6, 1e6)
        loose = group["loose" + suffix] or ""
        if found and loose:
            step = found.step
            if loose[0] in "多余":
                found = Numeral(found.low, found.low + step, step)
            elif loose[0] == "来":
                found = Numeral(0.9 * found.low, 1.1 * found.low, step)
            else:
                found = Numeral(found.low, found.low + step, step)
            if loose.endswith("万"):
                found = Numeral(found.low * 1e4, found.high * 1e4, found.step * 1e4)
        return found
    if group["zh" + suffix]:
        return numerals.chinese(group["zh" + suffix])
    if group["en" + suffix]:
        return numerals.english(group["en" + suffix])
    return None


def _kind(match: re.Match[str]) -> tuple[str, str]:
    for name in ("money", "age", "people", "count", "square", "level", "other"):
        if match.group(name):
            return name, ""
    for name in ("month", "year", "week", "day", "hour", "quarter"):
        if match.group(name):
            return "duration", name
    return ("money" if match.group("currency") or match.group("currency2") else "number"), ""


def _bounds(
    match: re.Match[str], low: float, high: float, step: float, kind: str
) -> tuple[float | None, float | None]:
    """Widen by the hedges around the numeral."""
    if match.group("bit"):
        return low, low + 3 if kind == "age" or low < 120 else low * 1.1
    if match.group("odd"):
        high = max(high, low + step)
    if match.group("virtual") or match.group("age") == "虚岁":
        return low - 2, high - 1
    if match.group("less") or match.group("most"):
        return None, high
    if match.group("more") or match.group("least"):
        return low, None
    if match.group("near"):
        young = kind == "age" or (kind == "number" and 20 <= low <= 100 and low % 10 == 0)
        return (low - 3, low - 1) if young else (0.9 * low, high)
    if (match.group("about") or match.group("around")) and low == high:
        return 0.9 * low, 1.1 * high
    return low, high


def _taken(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)


def _before_a_period(match: re.Match[str]) -> Amount | None:
    """两千一一个月, 三千一个月: the last 一 belongs to the period, not to the sum."""
    suffix = "2" if match.group("zh2") else ""
    written = match.group("zh" + suffix) or ""
    if len(written) < 2 or written[-1] != "一" or _kind(match)[0] != "duration":
        return None
    whole = numerals.chinese(written)
    if whole is not None and whole.high <= _LONGEST_DURATION:
        return None
    last = numerals.chinese(written[:-1])
    first = (_numeral(match) if suffix else last) if last else None
    if last is None or first is None:
        return None
    bounds = _bounds(match, first.low, last.high, last.step, "money")
    end = match.end("zh" + suffix) - 1
    return Amount(match.start(), end, _number(bounds[0]), _number(bounds[1]), "number")


def _read(match: re.Match[str], text: str) -> Amount | None:
    sum_said = _before_a_period(match)
    if sum_said is not None:
        return sum_said
    first = _numeral(match)
    if first is None:
        return None
    second = _numeral(match, "2")
    kind, unit = _kind(match)
    low, high, step = first.low, first.high, first.step
    if second is not None:
        scaled = (match.group("scale2") or "", match.group("scale") or "")
        factor = numerals.UNITS.get(scaled[0], 1000 if scaled[0] in ("thousand", "grand") else 1)
        if scaled[0] and not scaled[1] and low < second.low / factor * 1.0001 and match.group("digit"):
            low *= factor
        elif match.group("en2") and low < 100 <= second.low:  # two to three thousand
            low *= second.step
        if second.high <= low:
            return None
        high, step = second.high, second.step
    start, end = match.start(), match.start() + len(match.group().rstrip())
    if match.group("verb"):  # the verb is a cue of its own
        start = match.start("digit") if match.group("digit") else match.start("zh")
    if not match.group("zh") and not (match.group("digit") or match.group("en")):
        return None
    if kind == "number" and second is None and not match.group("digit"):
        if match.group("zh") and len(match.group("zh")) == 1 and match.group("zh") not in "百千万":
            if match.group().strip() != text.strip() and not match.group("near"):
                return None
        # "The one I told you of" counts nothing; "grade one" does.
        elif (
            match.group("en")
            and high <= 1
            and match.group().strip() != text.strip()
            and not _GRADE_BEFORE.search(text[: match.start("en")])
        ):
            return None
    if kind == "number" and match.group("zh") in ("百", "千", "万", "亿", "半") and not match.group("about"):
        return None
    if kind == "duration":
        written = match.group(unit)
        if "半" in written:
            low, high = low + 0.5, high + 0.5
        if "多" in written or match.group("odd"):
            high = low + 1
        if match.group("digit") and unit == "year" and low >= 1900:
            return None
        if (
            unit == "month"
            and written == "月"
            and (match.group("digit") or (match.group("zh") and low == high))
        ):
            return None  # 3月, 五月: a month of the year
    if kind == "age":
        low, high = float(int(low)), float(int(high))
        if "半" not in match.group("age") and match.group("zh") == "半":
            return None
    bounds = _bounds(match, low, high, step, kind)
    return Amount(start, end, _number(bounds[0]), _number(bounds[1]), kind, unit)


def read_numbers(text: str) -> list[Amount]:
    """Every amount of a folded text, in reading order, none overlapping.

    Dates, times, telephone numbers, school years, ordinals and words that only look like numbers are left out.
    """
    barred = [match.span() for match in _NOT_A_NUMBER.finditer(text)]
    found = [a for a in set_phrases(text) if not _taken(barred, a.start, a.end)]
    taken = barred + [(a.start, a.end) for a in found]
    position = 0
    while match := _AMOUNT.search(text, position):
        position = max(match.end(), match.start() + 1)
        numeral_start = min(
            s for s in (match.start("digit"), match.start("zh"), match.start("en")) if s >= 0
        )  # the hedge before may belong to something taken
        clash = next((b for b in taken if b[0] < match.end() and numeral_start < b[1]), None)
        if clash:
            position = max(clash[1], match.start() + 1)
            continue
        amount = _read(match, text)
        if amount is not None:
            position = max(amount.end, match.start() + 1)
        if amount is not None and amount.kind != "other":
            found.append(amount)
    found.sort(key=lambda a: a.start)
    return bind_periods(text, found)
