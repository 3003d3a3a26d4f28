"""The Rasa components around the trained models: which intent, and which danger."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    METADATA,
    METADATA_INTENT,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
    TEXT_TOKENS,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from . import tokenizer
from .danger import KINDS
from .danger_model import DangerModel
from .data import fingerprint, trainers_files
from .intents import Example, IntentModel, signs_of
from .situation import SituationReader

INTENT_RANKING = "intent_ranking"
RANKED = 5  # as many as anybody looks at
DANGER_KINDS = "danger_kinds"  # on a message: each kind of danger with its probability; not shown outside


class _Trained(GraphComponent):
    """A component around one trained model: made empty, filled by training, loaded from a model archive."""

    model_class: ClassVar[type[IntentModel] | type[DangerModel]]

    def __init__(self, storage: ModelStorage, resource: Resource, model: Any = None) -> None:
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _Trained:
        """A new, untrained one."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> _Trained:
        """The trained one of a model archive."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, cls.model_class.load(folder))

    @staticmethod
    def supported_languages() -> None:
        """Every language."""
        return

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Stale once the words, patterns or hints it sees change."""
        return fingerprint(trainers_files())

    def _keep(self, model: IntentModel | DangerModel) -> Resource:
        self._model = model
        with self._storage.write_to(self._resource) as folder:
            model.save(folder)
        return self._resource


def _examples(training_data: TrainingData) -> list[Message]:
    """Every example that has an intent and a text."""
    return [message for message in training_data.intent_examples if message.get(TEXT)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(_Trained):
    """Sets `intent` and `intent_ranking` from the tokens and from what the facts' reader finds."""

    model_class = IntentModel

    def __init__(self, storage: ModelStorage, resource: Resource, model: Any = None) -> None:
        super().__init__(storage, resource, model)
        self._reader = SituationReader()

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = _examples(training_data)
        seen = [self._seen(message) for message in examples]
        return self._keep(IntentModel.train(seen, [message.get(INTENT) for message in examples]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the intents of each message; a button's payload has its own."""
        for message in messages:
            text = message.get(TEXT)
            if self._model is None or not isinstance(text, str) or text.startswith("/"):
                continue
            ranking = [
                {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: share}
                for name, share in self._model.rank(self._seen(message))[:RANKED]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
        return messages

    def _seen(self, message: Message) -> Example:
        text = message.get(TEXT)
        tokens = message.get(TEXT_TOKENS)
        words = (
            [token.text for token in tokens] if tokens else [piece.text for piece in tokenizer.tokenize(text)]
        )
        entities = [found.as_entity("") for found in self._reader.read(text, None)]
        return Example(words, signs_of(entities))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DangerClassifier(_Trained):
    """Sets DANGER_KINDS, for the component that decides about danger; it changes no intent itself.

    The kind of each training sentence is its block's metadata: `metadata: {danger: hunger}`.
    """

    model_class = DangerModel

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = _examples(training_data)
        texts = [message.get(TEXT) for message in examples]
        return self._keep(DangerModel.train(texts, [_kind_of(message) for message in examples]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Judge every message that is text; a button's payload is no danger."""
        for message in messages:
            text = message.get(TEXT)
            if self._model is not None and isinstance(text, str) and not text.startswith("/"):
                message.set(DANGER_KINDS, self._model.judge(text))
        return messages


def _kind_of(message: Message) -> str | None:
    """The kind of danger of a training sentence. ValueError for a sentence of `crisis` without one."""
    about = (message.get(METADATA) or {}).get(METADATA_INTENT) or {}
    kind = about.get("danger")
    if (message.get(INTENT) == "crisis") != (kind in KINDS):
        raise ValueError(f"crisis needs `metadata: {{danger: {'|'.join(KINDS)}}}`: {message.get(TEXT)}")
    return str(kind) if kind else None
