"""The Rasa components around the understanding: thin, without training, the same in every process.

Order in config.yml: BilingualTokenizer, LanguageDetector, featurizers and intent classifiers, and SituationExtractor
last, because it puts `answer`, `crisis` and `talk_to_human` in front of what the classifier thinks.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from . import tokenizer
from .bare import is_bare_value, is_empty
from .classifier import DANGER_KINDS
from .danger import Likelihood, read_danger
from .data import fingerprint, trainers_files
from .found import Found
from .human import asks_for_human
from .language import language_of
from .situation import SituationReader

logger = logging.getLogger(__name__)
INTENT_RANKING = "intent_ranking"
_Recipe = DefaultV1Recipe
_EXTRACTOR = DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR


def _is_payload(text: str) -> bool:
    """A button's payload ("/consent_yes") is Rasa's own to read."""
    return text.startswith("/")


def _say_intent(message: Message, name: str) -> None:
    """Puts an intent first with certainty; the others keep their order behind it."""
    intent = {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: 1.0}
    others = [i for i in message.get(INTENT_RANKING) or [] if i.get(INTENT_NAME_KEY) != name]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING, [intent, *others], add_to_output=True)


def _add_entities(message: Message, found: list[Found]) -> None:
    entities = list(message.get(ENTITIES) or []) + [f.as_entity("SituationExtractor") for f in found]
    message.set(ENTITIES, entities, add_to_output=True)


def _models(message: Message) -> Likelihood | None:
    kinds = message.get(DANGER_KINDS)
    ranking = message.get(INTENT_RANKING) or []
    shares = {intent[INTENT_NAME_KEY]: intent[PREDICTED_CONFIDENCE_KEY] for intent in ranking}
    return Likelihood(kinds, shares.get("crisis", 0.0)) if kinds else None


def _deny_crisis(message: Message) -> None:
    """Takes the classifier's `crisis` out of the ranking; what is left shares its certainty."""
    ranking = message.get(INTENT_RANKING) or []
    crisis = sum(i[PREDICTED_CONFIDENCE_KEY] for i in ranking if i[INTENT_NAME_KEY] == "crisis")
    others = [i for i in ranking if i[INTENT_NAME_KEY] != "crisis"]
    if crisis and others:
        rest = max(1.0 - crisis, *(i[PREDICTED_CONFIDENCE_KEY] for i in others))
        others = [{**i, PREDICTED_CONFIDENCE_KEY: i[PREDICTED_CONFIDENCE_KEY] / rest} for i in others]
        message.set(INTENT, others[0], add_to_output=True)
        message.set(INTENT_RANKING, others, add_to_output=True)


def _asked(message: Message) -> dict[str, Any] | None:
    metadata = message.get("metadata")
    asked = metadata.get("asked") if isinstance(metadata, dict) else None
    return asked if isinstance(asked, dict) and asked.get("fact") else None


@_Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BilingualTokenizer(Tokenizer):  # type: ignore[misc]
    """Tokens of Chinese and English, lower-cased and folded, with offsets into the text as sent."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The base class's own settings."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def supported_languages() -> None:
        """Every language."""
        return

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed; OpenCC's package has another name than its module, which Rasa cannot tell apart."""
        return ["jieba"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Stale once the dictionary changes."""
        return fingerprint(trainers_files())

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of one attribute of a message."""
        text = message.get(attribute)
        tokens = [Token(piece.text, piece.start, piece.end) for piece in tokenizer.tokenize(text)]
        return list(self._apply_token_pattern(tokens))


class _Untrained(GraphComponent):  # type: ignore[misc]
    """A component that needs neither training nor settings."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """A new component."""
        return cls()

    @staticmethod
    def supported_languages() -> None:
        """Every language."""
        return

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Stale once patterns change."""
        return fingerprint(trainers_files())

    def process(self, messages: list[Message]) -> list[Message]:
        """Reads every message that is text; what fails is logged without the text and leaves the message as it was."""
        for message in messages:
            text = message.get(TEXT)
            if not isinstance(text, str) or _is_payload(text):
                continue
            try:
                self.understand(message, text)
            except Exception as error:
                # One message that breaks a pattern must not silence the resident: the classifier's reading stands.
                # The error's own words may quote the resident, so only its kind and place are logged.
                place = traceback.extract_tb(error.__traceback__)[-1]
                logger.error(
                    "%s: %s at %s:%s, %d characters",
                    type(self).__name__,
                    type(error).__name__,
                    Path(place.filename).name,
                    place.lineno,
                    len(text),
                )
        return messages

    def understand(self, message: Message, text: str) -> None:
        """Sets what was understood on the message."""
        raise NotImplementedError


@_Recipe.register(_EXTRACTOR, is_trainable=False)
class LanguageDetector(_Untrained):
    """The message's property `language`: zh, en, mixed or none."""

    def understand(self, message: Message, text: str) -> None:
        """Sets `language`."""
        message.set("language", language_of(text), add_to_output=True)


@_Recipe.register(_EXTRACTOR, is_trainable=False)
class SituationExtractor(_Untrained):
    """Facts, needs, programmes and danger as entities, and the intents that are certain without a classifier.

    The last of the pipeline. Danger comes before everything, then the wish for a human, then bare values.
    Facts and danger are one component so that no configuration can have the one without the other.
    """

    def __init__(self) -> None:
        self._reader = SituationReader()
        # The files are read and compiled now, not while the first resident waits.
        for text in ("我爸 82岁，长宁区", "转人工"):
            tokenizer.tokenize(text)
            language_of(text)
            self._reader.read(text)
            read_danger(text)
            asks_for_human(text)

    def understand(self, message: Message, text: str) -> None:
        """Adds entities and sets the intents `crisis`, `talk_to_human`, `answer` and, for emoji alone, `out_of_scope`."""  # noqa: E501
        models = _models(message)
        danger = read_danger(text, models)
        if models and not danger:
            _deny_crisis(message)
        if danger:  # before the facts are read: a fault there must not cost this
            _add_entities(message, danger)
            _say_intent(message, "crisis")
        elif asks_for_human(text):
            _say_intent(message, "talk_to_human")
        elif is_empty(text):
            _say_intent(message, "out_of_scope")
        asked = _asked(message)
        found = self._reader.read(text, asked)
        _add_entities(message, found)
        if not danger and is_bare_value(text, found, asked):
            _say_intent(message, "answer")
