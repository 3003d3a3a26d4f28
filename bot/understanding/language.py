"""Which language a message is in: "zh", "en", "mixed" or "none".

A message is mixed when both languages carry meaning. Names and loan words do not: 低保 in an English sentence, "dibao",
"OK", "WeChat", "RMB" in a Chinese one leave the sentence in its own language, and so do numbers, units and places.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .data import KNOWLEDGE, LOOKUPS, both, read_if_there, read_yaml
from .folding import fold
from .lexicon import Lexicon, expand

_LATIN = re.compile(r"[a-z\u00df-\u024f]+(?:'[a-z]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")

# Said in both languages: alone they are in neither.
_IN_BOTH = {"ok", "okay", "okok"}
# Latin words in Chinese sentences that say nothing of the writer's language.
_LOAN_LATIN = {
    "ok",
    "okay",
    "wechat",
    "weixin",
    "app",
    "apps",
    "qq",
    "id",
    "kk",
    "pos",
    "atm",
    "pdf",
    "vip",
    "wifi",
    "ai",
    "ct",
    "b超",
    "icu",
    "hiv",
    "aids",
    "sma",
    "pm",
    "am",
    "rmb",
    "cny",
    "yuan",
    "kuai",
    "w",
    "k",
    "kg",
    "km",
    "cm",
    "mm",
    "ml",
    "mg",
    "m",
    "h",
    "dibao",
    "hukou",
    "tekun",
    "di",
    "bao",
    "fu",
    "zhu",
    "shebao",
    "yibao",
    "danwei",
    "taobao",
    "alipay",
    "didi",
    "ppt",
    "email",
    "mail",
    "tel",
    "phone",
    "hi",
    "hello",
    "bye",
    "thanks",
    "no",
    "yes",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "ipad",
    "iphone",
    "gps",
    "usb",
    "dvd",
    "cpu",
    "mri",
    "covid",
    "sars",
    "ecmo",
    "bb",
    "pps",
    "vs",
    "tv",
    "dna",
    "emo",
    "cp",
    "pk",
    "diy",
    "iq",
    "eq",
    "nb",
    "xx",
    "xxx",
    "shanghai",
    "nanjing",
    "beijing",
    "sim",
    "sms",
    "ofo",
}
# Han words in English sentences that are names.
_LOAN_HAN_FURTHER = (
    "低保",
    "户口",
    "居住证",
    "残疾证",
    "医保",
    "社保",
    "特困",
    "街道",
    "区",
    "市",
    "居委会",
    "元",
    "块",
    "人民币",
    "身份证",
    "低保户",
    "民政局",
    "长护险",
    "低保边缘",
)


@lru_cache(maxsize=1)
def _names() -> Lexicon[bool]:
    names = {*_LOAN_HAN_FURTHER}
    for path in sorted((KNOWLEDGE / "programmes").rglob("*.yml")):
        content = read_yaml(path) or {}
        names.update(both((content.get("also_called") or {}).get("zh", [])))
    for entry in (read_if_there(LOOKUPS / "programmes.yml") or {}).values():
        names.update(spelling for phrase in both(entry.get("zh") or []) for spelling in expand(phrase))
    for area in ((read_if_there(KNOWLEDGE / "areas.yml") or {}).get("areas") or {}).values():
        names.add(str(area.get("zh", "")))
        names.update(str(n) for n in area.get("short") or [])
    return Lexicon((name, True) for name in names if _HAN.fullmatch(name))


def language_of(text: str) -> str:
    """The language of a text as sent. Short replies count: "yes" alone is en, "好" zh, "1200" and "OK" none."""
    folded = _ADDRESS.sub(" ", fold(text[:4000]))
    words = _LATIN.findall(folded)
    han = sum(len(run) for run in _HAN.findall(folded))
    if not han:
        if words and set(words) <= _IN_BOTH:
            return "none"
        return "en" if any(len(w) > 1 or w in ("i", "a", "y", "n") for w in words) else "none"
    if not words:
        return "zh"
    meaning = [w for w in words if len(w) > 1 and w not in _LOAN_LATIN]
    if not meaning:
        return (
            "zh"
            if han > 2 * len(_names().find(folded))
            or not any(w in ("hi", "hello", "thanks", "yes", "no") for w in words)
            else "mixed"
        )
    named = sum(hit.end - hit.start for hit in _names().find(folded))
    if han - named <= 1 and len(words) > 1:
        return "en"
    return "mixed"
