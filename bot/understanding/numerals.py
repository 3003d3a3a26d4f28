"""The value of one written numeral, in Chinese, English or digits: bounds only where the numeral itself is loose.

`三千` is exact, `三四千`, `几百`, `十几万`, `三千多`, `千把` are bounds (contract §6). What stands around a numeral
(units, hedges, periods) is read in `numbers.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6,
          "七": 7, "八": 8, "九": 9, "幺": 1}  # fmt: skip
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "k": 1000, "w": 10_000,
         "佰": 100, "仟": 1000, "拾": 10}  # fmt: skip

_D = "一二两三四五六七八九"
_U = "十百千万亿佰仟拾"
ZH = rf"(?:[几数{_D}零〇半廿]|(?<![a-z])[{_U}])[{_D}零〇{_U}几数把来多余好]{{0,16}}"
DIGIT = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,4})?|\d{1,12}(?:\.\d{1,4})?(?!\d)"

_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip  # noqa: E501
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
EN_SMALL = {**{w: i for i, w in enumerate(_ONES)}, **{w: 10 * (i + 2) for i, w in enumerate(_TENS)}}
EN_BIG = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000, "dozen": 12}
_WORD = "|".join([*EN_SMALL, *EN_BIG])
EN = (
    rf"(?:(?:a\s+(?:good\s+)?)?(?:couple|few)(?:\s+of)?(?:\s+(?:hundred|thousand"
    rf"|dozen|grand))?(?:\s+of)?|several(?:\s+(?:hundred|thousand))?"
    rf"|(?:a|an|half\s+a)\s+(?:hundred|thousand|grand|million|dozen)|(?:{_WORD})(?:(?:\s+and)?[\s-]+(?:{_WORD})){{0,8}})(?:s)?(?:\b|(?=ish\b))"
)


@dataclass(frozen=True)
class Numeral:
    """Lowest and highest value meant; `step` is the size of the smallest unit named (for 多 and the like)."""

    low: float
    high: float
    step: float = 1

    @property
    def exact(self) -> bool:
        return self.low == self.high


def _step(value: float) -> float:
    if value != int(value) or value <= 0:
        return 1
    step = 1
    while value % (step * 10) == 0:
        step *= 10
    return step


def digits(text: str, unit: str = "", tail: str = "") -> Numeral | None:
    """`1,200`, `1.2`+`w`, `1`+`千`+`8` (elided unit), `35`+`万`."""
    value = float(text.replace(",", ""))
    factor = UNITS.get(unit, 1)
    step: float = factor if unit and value == int(value) else _step(value * factor)
    value *= factor
    if tail:
        first = float(tail[0]) if tail[0].isdigit() else float(DIGITS[tail[0]])
        named = UNITS.get(tail[1:], 1)
        ending = Numeral(first * named, first * named)
        single = len(tail) == 1
        scale = factor / 10 if single else 1
        return Numeral(value + ending.low * scale, value + ending.high * scale, factor / 10 if single else 1)
    return Numeral(value, value, step)


def _loose(text: str) -> Numeral | None:
    """Set phrases: 千把, 千儿八百, 几百, 十几万, 几十."""
    match = re.fullmatch(rf"([{_U}])把", text)
    if match:
        unit = UNITS[match.group(1)]
        return Numeral(0.9 * unit, 1.2 * unit, unit)
    match = re.fullmatch(rf"好?[几数]([{_U}]*)", text)
    if match:
        unit = 1
        for character in match.group(1):
            unit *= UNITS[character]
        first = UNITS[match.group(1)[0]] if match.group(1) else 1
        top = 10 * unit - unit // first if match.group(1) else 9
        return Numeral(2 * unit, top, unit)
    match = re.fullmatch(rf"([{_D}]?)十几([万千百]?)", text)
    if match:
        tens = 10 * DIGITS.get(match.group(1), 1)
        unit = UNITS.get(match.group(2), 1)
        return Numeral(tens * unit, (tens + 10) * unit, unit)
    return None


def chinese(text: str) -> Numeral | None:
    """The value of a Chinese numeral, or None for what is none. `text` is folded."""
    text = text.removeprefix("好")
    if not text:
        return None
    loose = _loose(text)
    if loose:
        return loose
    more = re.fullmatch(r"(.+?)([多余])(万?)", text)
    if more:
        base = chinese(more.group(1))
        if base is None or not base.exact:
            return None
        factor = UNITS.get(more.group(3), 1)
        return Numeral(base.low * factor, (base.low + base.step) * factor, base.step * factor)
    if text.endswith(("来", "好几", "几")) and len(text) > 1:
        base = chinese(re.sub(r"(来|好几|几)$", "", text))
        if base is None or not base.exact or base.step < 10:
            return None
        if text.endswith("来"):
            return Numeral(0.9 * base.low, 1.1 * base.low, base.step)
        return Numeral(base.low, base.low + base.step, base.step)
    come = re.fullmatch(r"(.+)来(万)", text)
    if come:
        base = chinese(come.group(1))
        return Numeral(0.9 * base.low * 10_000, 1.1 * base.low * 10_000, 10_000) if base else None
    if any(c in text for c in "几数把来多余好"):
        return None
    return _range(text) or _exact(text)


def _range(text: str) -> Numeral | None:
    """三四千, 七八百, 三十五六, 一千二三, 十五六万: two neighbouring digits for 'from … to …'."""
    for match in re.finditer(rf"(?=([{_D}])([{_D}]))", text):
        at = match.start()
        first, second = DIGITS[match.group(1)], DIGITS[match.group(2)]
        if not 0 < second - first <= 2:
            continue
        low = _exact(text[: at + 1] + text[at + 2 :])
        high = _exact(text[:at] + text[at + 1 :])
        if low and high and low.exact and high.exact and low.low < high.low:
            return Numeral(low.low, high.low, low.step)
    return None


def _exact(text: str) -> Numeral | None:
    if text == "半":
        return Numeral(0.5, 0.5)
    text = text.replace("廿", "二十")
    if re.fullmatch(rf"[{_D}零〇]{{2,}}", text):  # spelt digit by digit: 二零二二
        value = float("".join(str(DIGITS[c]) for c in text))
        return Numeral(value, value)
    total = section = 0.0
    number: float | None = None
    last_unit = 0.0
    zero = False
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
            if digit == 0:
                zero = True
                continue
            if number is not None:
                return None
            number = digit
            continue
        unit = UNITS.get(character)
        if unit is None:
            return None
        if unit >= 10_000:
            total = (total + section + (number or 0)) * unit if total or section or number else unit
            section, number = 0.0, None
        else:
            section += (number if number is not None else 1) * unit
            number = None
        last_unit, zero = unit, False
    step: float = last_unit or 1
    if number is not None:
        if last_unit >= 100 and not zero:  # 两千五, 一万二, 三百五: the next smaller unit is left out
            step = last_unit / 10
            number *= step
        else:
            step = 1
        section += number
    value = total + section
    return Numeral(value, value, step) if value or zero else None


def english(text: str) -> Numeral | None:
    """`two thousand five hundred`, `twelve hundred`, `a couple of thousand`, `a few hundred`."""
    words = re.findall(r"[a-z]+", text)
    if not words:
        return None
    big = next((EN_BIG[w.rstrip("s")] for w in words if w.rstrip("s") in EN_BIG), 1)
    if "couple" in words:
        return Numeral(2 * big, 2 * big, big)
    if "few" in words or "several" in words:
        return Numeral(2 * big, 10 * big - 1 if big > 1 else 9, big)
    if words[0] == "half" or words[0] in ("a", "an"):
        value = big * (0.5 if words[0] == "half" else 1)
        return Numeral(value, value, big)
    total = current = 0.0
    step = 1.0
    elided = len(words) > 2 and words[-2] == "thousand" and EN_SMALL.get(words[-1], 0) in range(1, 10)
    for word in words:
        word = word if word in EN_SMALL or word in EN_BIG else word.rstrip("s")  # noqa: PLW2901
        if word in EN_SMALL:
            current += EN_SMALL[word]
            step = 1 if EN_SMALL[word] % 10 else 10
        elif word in ("hundred", "dozen"):
            current = (current or 1) * EN_BIG[word]
            step = EN_BIG[word]
        elif word in EN_BIG:
            total += (current or 1) * EN_BIG[word]
            current, step = 0.0, EN_BIG[word]
        elif word != "and":
            return None
    if elided:  # two thousand five: hundreds left out, as in 两千五
        current, step = 100 * current, 100
    return Numeral(total + current, total + current, step)
