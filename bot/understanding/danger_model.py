"""How likely a message speaks of danger, and of which kind: learned from the training sentences.

For what no sign (danger.py) foresees. It sees words, runs of them, and hints: what the message talks of
(nlu_data/patterns/danger_hints.yml), so that a rope, a leave-taking and "tonight" weigh together although no sentence
ever had the three. Presence alone counts, one row of weights a kind and one for none: under a millisecond a message.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from .data import PATTERNS, read_yaml
from .folding import fold, pattern

LONGEST = 1000  # characters looked at
NONE = "none"
HINT = 0.5  # weight of a hint; a word weighs 1 / √(number of words and runs)
URGE = 5.0  # how much more a missed danger costs in training than a false alarm
STRENGTH = 5.0  # inverse of the regularisation
_FEWEST = 2  # sentences a word or run is in, or it is not learned
_UNIT = re.compile(r"[a-z]+(?:'[a-z]+)?|[^\sa-z]", re.ASCII)
_Vocabulary = dict[str, int]


@lru_cache(maxsize=1)
def _hints() -> list[tuple[str, re.Pattern[str]]]:
    content = read_yaml(PATTERNS / "danger_hints.yml")
    return [(f"hint {name}", pattern(f"{both['zh']}|{both['en']}")) for name, both in content.items()]


def _seen(text: str) -> tuple[set[str], list[str]]:
    """(words and runs, hints) of a text as sent: characters of Chinese, words and beginnings of words of English."""
    folded = fold(text[:LONGEST])
    units = _UNIT.findall(folded)
    words = set(units)
    words.update(map(" ".join, pairwise(units)))
    words.update(map(" ".join, zip(units, units[1:], units[2:], strict=False)))  # as many as the shortest has
    words.update(f"{unit[:4]}…" for unit in units if len(unit) > 4)
    return words, [name for name, hint in _hints() if hint.search(folded)]


class DangerModel:
    """A trained model. Saved as plain numbers and names: loading one runs no code of its own."""

    def __init__(
        self, vocabulary: _Vocabulary, weights: np.ndarray, bias: np.ndarray, kinds: list[str]
    ) -> None:
        self._vocabulary = vocabulary
        self._weights = weights  # a row for each word, run and hint; a column for each kind
        self._bias = bias
        self._kinds = kinds

    @classmethod
    def train(cls, texts: list[str], kinds: list[str | None]) -> DangerModel:
        """Learn from texts and the kind of danger of each, None for none."""
        seen = [_seen(text) for text in texts]
        counted = Counter(name for words, hints in seen for name in [*words, *hints])
        known = sorted(name for name, number in counted.items() if number >= _FEWEST)
        vocabulary = {name: index for index, name in enumerate(known)}
        rows = [_row(vocabulary, words, hints) for words, hints in seen]
        starts = np.cumsum([0, *(len(places) for places, _ in rows)])
        places = np.concatenate([places for places, _ in rows])
        values = np.concatenate([values for _, values in rows])
        table = csr_matrix((values, places, starts), shape=(len(rows), len(known)))
        learner = LogisticRegression(C=STRENGTH, max_iter=300)
        costs = [URGE if kind else 1.0 for kind in kinds]
        learner.fit(table, [kind or NONE for kind in kinds], sample_weight=costs)
        weights, bias = learner.coef_.T.astype(np.float32), learner.intercept_.astype(np.float32)
        return cls(vocabulary, weights, bias, list(learner.classes_))

    def judge(self, text: str) -> dict[str, float]:
        """Each kind of danger with its probability; what is missing to 1 is the probability of no danger."""
        places, values = _row(self._vocabulary, *_seen(text))
        scores = values @ self._weights[places] + self._bias
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        return {kind: float(share) for kind, share in zip(self._kinds, shares, strict=True) if kind != NONE}

    def save(self, folder: Path) -> None:
        """Into danger.npz and danger.json."""
        np.savez_compressed(folder / "danger.npz", weights=self._weights.astype(np.float16), bias=self._bias)
        names = sorted(self._vocabulary, key=self._vocabulary.__getitem__)
        content = json.dumps({"kinds": self._kinds, "vocabulary": names}, ensure_ascii=False)
        (folder / "danger.json").write_text(content, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> DangerModel:
        """What `save` wrote."""
        content = json.loads((folder / "danger.json").read_text(encoding="utf-8"))
        vocabulary = {name: index for index, name in enumerate(content["vocabulary"])}
        with np.load(folder / "danger.npz", allow_pickle=False) as kept:
            return cls(vocabulary, kept["weights"].astype(np.float32), kept["bias"], content["kinds"])


def _row(vocabulary: _Vocabulary, words: set[str], hints: list[str]) -> tuple[np.ndarray, np.ndarray]:
    known = [vocabulary[word] for word in words if word in vocabulary]
    hinted = [vocabulary[hint] for hint in hints if hint in vocabulary]
    share = 1 / np.sqrt(max(len(known), 4))
    values = np.concatenate([np.full(len(known), share), np.full(len(hinted), HINT)])
    return np.array(known + hinted, dtype=np.intp), values.astype(np.float32)
