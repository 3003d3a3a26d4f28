"""Amounts that no grammar of numerals gives: 大半年, 仨月, 千儿八百, 奔七十, "in her fifties"."""

from __future__ import annotations

from . import numerals
from .folding import pattern
from .quantity import Amount

_SPECIAL = pattern(
    r"between (?P<from>\d[\d,]*|[a-z]+(?: thousand| hundred)?) and (?P<upto>\d[\d,]*k?"
    r"|[a-z]+(?: thousand| hundred)?)(?=\s|$|[,.])"
    r"|(?P<halfyear_big>大半年|(?:more than|over) half a year)|(?P<halfyear_small>小半年)"
    r"|(?P<halfyear>半年(?P<halfmore>多)?(?!级)|half a year|half year|six months)"
    r"|(?P<halfmonth>半个?月|half a month|a fortnight|两周)"
    r"|(?P<onehalf>(?P<base>[一两二三四五六七八九\d]{1,3})个半月)|(?P<yearhalf>(?P<ybase>[一两二三四五六七八九十\d]{1,3})年半"
    r"|a year and a half|one and a half years|18 months)"
    r"|(?P<slang>(?P<slangnumber>[仨俩])(?:个)?月)|(?P<gebayue>个把月|about a month)"
    r"|(?P<rough>千儿八百|千八百|百儿八十|百八十|万儿八千|万八千)(?:块钱?|元)?"
    r"|(?P<decade>(?:(?P<part>early|mid|late)[\s-]+)?(?P<tens>twent|thirt|fort"
    r"|fift|sixt|sevent|eight|ninet)ies|(?:(?P<part2>early|mid|late)[\s-]+)?(?P<tens2>[2-9]0)'?s\b)"
    r"|(?P<benzhe>奔(?P<bentens>[二三四五六七八九])(?:十)?(?:的人|了|张)?)"
    r"|(?P<a_period>(?<![a-z])(?:a|an|one) (?P<a_unit>year|month|week|day))\b(?! (?:old|ago))"
)


def set_phrases(text: str) -> list[Amount]:
    found = []
    for match in _SPECIAL.finditer(text):
        group, span = match.groupdict(), match.span()
        tens = {
            "twent": 20,
            "thirt": 30,
            "fort": 40,
            "fift": 50,
            "sixt": 60,
            "sevent": 70,
            "eight": 80,
            "ninet": 90,
        }
        if group["from"]:
            low, high = _plain(group["from"]), _plain(group["upto"])
            if low is not None and high is not None and low < high:
                found.append(Amount(*span, low, high, "money" if low >= 100 else "number"))
        elif group["halfyear_big"]:
            found.append(Amount(*span, 6, 9, "duration", "month"))
        elif group["halfyear_small"]:
            found.append(Amount(*span, 4, 6, "duration", "month"))
        elif group["halfyear"]:
            found.append(Amount(*span, 6, 9 if group["halfmore"] else 6, "duration", "month"))
        elif group["halfmonth"]:
            found.append(Amount(*span, 0.5, 0.5, "duration", "month"))
        elif group["onehalf"]:
            base = _value(group["base"])
            found.append(Amount(*span, base + 0.5, base + 0.5, "duration", "month"))
        elif group["yearhalf"]:
            months = 12 * _value(group["ybase"]) + 6 if group["ybase"] else 18
            found.append(Amount(*span, months, months, "duration", "month"))
        elif group["slang"]:
            months = {"仨": 3, "俩": 2}[group["slangnumber"]]
            found.append(Amount(*span, months, months, "duration", "month"))
        elif group["gebayue"]:
            found.append(Amount(*span, 0.9, 1.2, "duration", "month"))
        elif group["rough"]:
            unit = {"千": 1000, "百": 100, "万": 10_000}[group["rough"][0]]
            found.append(Amount(*span, 0.8 * unit, unit, "money"))
        elif group["decade"]:
            base = tens[group["tens"]] if group["tens"] else int(group["tens2"])
            low, high = {"early": (0, 3), "mid": (4, 6), "late": (7, 9), None: (0, 9)}[
                group["part"] or group["part2"]
            ]
            found.append(Amount(*span, base + low, base + high, "age"))
        elif group["benzhe"]:
            age = 10 * numerals.DIGITS[group["bentens"]]
            found.append(Amount(*span, age - 3, age - 1, "age"))
        elif group["a_period"]:
            found.append(Amount(*span, 1, 1, "duration", group["a_unit"]))
    return found


def _plain(written: str) -> float | None:
    """1,800, 2k or two thousand; None for another word."""
    bare = written.replace(",", "")
    if bare.rstrip("k").isdigit():
        return float(bare.rstrip("k")) * (1000 if bare.endswith("k") else 1)
    numeral = numerals.english(written) if written.isalpha() or " " in written else None
    return numeral.low if numeral and numeral.exact else None


def _value(written: str) -> float:
    if written.isdigit():
        return float(written)
    numeral = numerals.chinese(written)
    return numeral.low if numeral else 1
