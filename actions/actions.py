"""The actions Rasa's rules choose from, one a turn, and what comes before a rule's choice.

A rule sees the latest message alone. Whether that message answers something the bot is waiting for (consent, how to be
reached, a confirmation, a question) is the dialogue's to say, so it is looked at here, once, for every action.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import asking, danger, explain, help_requests, human, records, small_talk, take_in
from actions.hearing import heard
from actions.turn import Turn, database
from policies_kb import screening

Handler = Callable[[Turn], Awaitable[None]]

# Intents that never answer a question or a stage, whatever is pending.
CUTS_THROUGH = {"crisis": danger.answer, "talk_to_human": human.answer}
# Intents of the small talk behind which facts may stand that the intent's classifier overlooked.
WEAK = {"out_of_scope", "greet", "thank", "goodbye", "bot_challenge", "complain", "repeat"}
# Intents that need to be surer of themselves to lead away from a question that stands: an answer is often taken for
# them ("nothing, really" for a complaint; "my wife has a job" for somebody else's matter).
DOUBTFUL = {"complain", "report_for_other", "goodbye", "bot_challenge", "out_of_scope"}
HARDLY, SURE, SURER = 0.3, 0.45, 0.75  # of an intent, to lead away from a question that stands
CONFIRMED: dict[str, Handler] = {
    "confirm_erase": records.erase,
    "confirm_restart": records.restart,
    "confirm_withdraw": help_requests.withdraw,
    "confirm_request": help_requests.open_for,
}
YES = {"affirm", "consent_yes"}
NO = {"deny", "consent_no", "skip", "cancel_request"}
# To say it again is a yes to being asked whether it is meant.
SAID_AGAIN = {
    "confirm_erase": "delete_my_data",
    "confirm_restart": "restart",
    "confirm_withdraw": "cancel_request",
}
# After these the question that stood is put again: something else in between doesn't lose the thread.
ASIDES = {
    *("ask_policy", "ask_amount", "ask_documents", "ask_how_to_apply", "ask_why", "ask_eligibility"),
    *("privacy", "thank", "greet"),
    *("bot_challenge", "out_of_scope", "change_language", "ask_status"),
}


async def route(turn: Turn, chosen: Handler) -> None:
    """Let what is pending have its answer first, else what the rule chose."""
    stage = turn.dialogue.stage
    if turn.intent in CUTS_THROUGH:
        await CUTS_THROUGH[turn.intent](turn)
        return
    if stage in CONFIRMED:
        turn.dialogue.stage = ""
        if turn.intent in YES or turn.intent == SAID_AGAIN.get(stage):
            await CONFIRMED[stage](turn)
            return
        if turn.intent in NO:
            turn.reply(turn.say("kept"))
            asking.resume(turn)
            return
    if stage in ("contact", "contact_in_danger") and _is_contact(turn):
        await help_requests.take_contact(turn)
        return
    if (stage == "consent" and turn.intent in ("affirm", "deny")) or _tells_of_the_situation(turn):
        chosen = take_in.answer
    elif _answers_what_stands(turn):
        # While a question stands, what is hardly understood is more likely an answer to it than another subject.
        chosen = take_in.answer
    await chosen(turn)
    if turn.dialogue.asked and turn.intent in ASIDES and not turn.asks:
        asking.ask_again(turn)


def _tells_of_the_situation(turn: Turn) -> bool:
    """Whether small talk has facts in it all the same: "hello, we are three and my father is ill".

    Once the talk is about one's own household, so are facts in what sounds like somebody else's matter.
    """
    own_matter = bool(turn.facts or turn.dialogue.asked or turn.dialogue.stage == "consent")
    weak = turn.intent in WEAK or (turn.intent == "report_for_other" and own_matter)
    return weak and not turn.pressed and bool(heard(turn.entities, turn.text, turn.kb))


def _answers_what_stands(turn: Turn) -> bool:
    """Whether a message that hardly says what it is answers the question that stands."""
    sure = SURER if turn.intent in DOUBTFUL else HARDLY if turn.intent.startswith("ask_") else SURE
    return bool(turn.dialogue.asked) and not turn.pressed and turn.confidence < sure


def _is_contact(turn: Turn) -> bool:
    """Whether a message says how to be reached: a number, a refusal, or a few words about place and time."""
    if turn.intent in help_requests.NO_CONTACT or help_requests.has_phone(turn.text):
        return True
    # "Never mind" to being asked for a number is about the number, unless the request itself is named.
    if turn.intent == "cancel_request" and not help_requests.names_request(turn.text):
        return True
    if turn.pressed or (turn.consent and heard(turn.entities, turn.text, turn.kb)):
        return False  # "there are three of us" goes on with the matter
    return turn.intent in ("answer", "out_of_scope") and bool(turn.text.strip())


class TurnAction(Action, ABC):  # type: ignore[misc]  # rasa_sdk has no types
    """Reads the turn, lets its topic answer, saves, and says the replies. `rasa_name` is the name the rules use."""

    events: ClassVar[list[dict[str, Any]]] = []  # for Rasa's history, after the answer

    @property
    @abstractmethod
    def rasa_name(self) -> str: ...

    @staticmethod
    @abstractmethod
    async def topic(turn: Turn) -> None: ...

    def name(self) -> str:
        return self.rasa_name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """One transaction: either the answer is said and what it rests on stored, or neither."""
        async with database().session() as session:
            turn = await Turn.read(session, tracker)
            await route(turn, self.topic)
            await turn.save()
        for reply in turn.replies:
            dispatcher.utter_message(json_message=reply)
        return self.events


class TakeIn(TurnAction):
    rasa_name = "action_take_in"
    topic = staticmethod(take_in.answer)


class Explain(TurnAction):
    rasa_name = "action_explain"
    topic = staticmethod(explain.answer)


class HelpRequests(TurnAction):
    rasa_name = "action_request"
    topic = staticmethod(help_requests.answer)


class Handoff(TurnAction):
    rasa_name = "action_handoff"
    topic = staticmethod(human.answer)


class Safety(TurnAction):
    rasa_name = "action_safety"
    topic = staticmethod(danger.answer)


class Records(TurnAction):
    rasa_name = "action_records"
    topic = staticmethod(records.answer)


class Restart(TurnAction):
    """Rasa predicts its own action of this name until its history says that it was restarted."""

    events: ClassVar[list[dict[str, Any]]] = [{"event": "restart", "timestamp": None}]
    rasa_name = "action_restart"
    topic = staticmethod(records.ask_restart)


class SmallTalk(TurnAction):
    rasa_name = "action_small_talk"
    topic = staticmethod(small_talk.answer)


screening.prepare()  # when the server starts, not while the first resident waits
