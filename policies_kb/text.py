"""A text for people, always in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One wording in Chinese and in English; neither is ever empty once loaded."""

    zh: str
    en: str

    def as_json(self) -> dict[str, str]:
        """`{"zh": …, "en": …}`, the shape of every text in the public interface."""
        return {"zh": self.zh, "en": self.en}

    def filled(self, zh: dict[str, str], en: dict[str, str]) -> Text:
        """The same text with `{name}` placeholders filled; an English sentence gets its capital back."""
        english = self.en.format(**en)
        return Text(self.zh.format(**zh), english[:1].upper() + english[1:])
