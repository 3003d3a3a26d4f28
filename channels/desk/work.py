"""What a consultant does with a conversation.

Each act is one transaction: the record, what the resident is told, the audit log. Streams are woken after it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from casework import accounts, conversations, handoffs, messages
from casework.database import Database
from casework.errors import Conflict, Invalid, NotFound
from casework.models import Account, Conversation, Message
from channels.desk import texts, traces
from channels.streams import Streams
from channels.texts import language_of


@dataclass(frozen=True)
class Desk:
    """The desk's acts. All raise casework's errors, and then nothing was changed."""

    db: Database
    streams: Streams

    async def claim(self, conversation_id: str, account: Account) -> Conversation:
        """Take a waiting conversation; the resident is told. Claiming what one holds already changes nothing.

        Conflict where another holds it or nobody waits, NotFound where it is unknown or erased.
        """
        async with self.db.session() as s:
            before = await conversations.get(s, conversation_id)
            held = before.owner == "consultant" and before.consultant_id == account.id
            await handoffs.claim(s, conversation_id, account)
            conversation = await conversations.get(s, conversation_id)
            if not held:
                await _tell(s, conversation, "resident.joined")
                await traces.done(s, account, "conversation_claimed", f"conversation {conversation_id}")
        if not held:
            self._moved(conversation_id)
        return conversation

    async def reply(
        self, conversation_id: str, account: Account, text: str, client_id: str | None = None
    ) -> Message:
        """Say something to the resident, in the language it is written in.

        A `client_id` that was used before gives the message of then. Conflict unless the account holds the
        conversation.
        """
        async with self.db.session() as s:
            conversation = await conversations.get(s, conversation_id)
            said, is_new = await messages.record(
                s,
                conversation_id,
                "consultant",
                text,
                language_of(text, conversation.language),
                client_id=f"desk:{client_id}" if client_id else None,
            )
            # Looked at after the message has locked the conversation: whoever returns or transfers it waits.
            conversation = await conversations.get(s, conversation_id)
            if conversation.owner != "consultant" or conversation.consultant_id != account.id:
                raise Conflict("handoff_not_yours")
            if is_new:
                detail = {"message": said.id}
                await traces.done(s, account, "message_sent", f"conversation {conversation_id}", detail)
        if is_new:
            self.streams.message(conversation_id)
        return said

    async def give_back(self, conversation_id: str, account: Account, note: str | None) -> Conversation:
        """Return it to the bot. The resident is told, and reads `note`: what was agreed."""
        async with self.db.session() as s:
            await handoffs.give_back(s, conversation_id, account, note)
            conversation = await conversations.get(s, conversation_id)
            if note:
                await _tell(s, conversation, "resident.agreed", note=note)
            await _tell(s, conversation, "resident.returned")
            detail = {"with_note": note is not None}
            await traces.done(s, account, "conversation_returned", f"conversation {conversation_id}", detail)
        self._moved(conversation_id)
        return conversation

    async def transfer(self, conversation_id: str, account: Account, to: str) -> Conversation:
        """Pass it to the account named `to`; the resident is told. Invalid where nobody such may hold it."""
        async with self.db.session() as s:
            receiver = await _receiver(s, to)
            before = (await conversations.get(s, conversation_id)).consultant_id
            await handoffs.transfer(s, conversation_id, account, receiver)
            conversation = await conversations.get(s, conversation_id)
            if before != receiver.id:
                await _tell(s, conversation, "resident.transferred")
                detail = {"to": receiver.id}
                await traces.done(
                    s, account, "conversation_transferred", f"conversation {conversation_id}", detail
                )
        if before != receiver.id:
            self._moved(conversation_id)
        return conversation

    def _moved(self, conversation_id: str) -> None:
        self.streams.message(conversation_id)
        self.streams.queue_changed()


async def _receiver(s: AsyncSession, name: str) -> Account:
    try:
        return await accounts.by_name(s, name)
    except NotFound:  # it is the body that is wrong, not the address
        raise Invalid("handoff_receiver") from None


async def _tell(s: AsyncSession, conversation: Conversation, name: str, /, **values: object) -> None:
    """A line of the system for the resident, in the language in use."""
    text = texts.both(name, **values)[conversation.language]
    await messages.record(s, conversation.id, "system", text, conversation.language)
