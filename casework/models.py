"""The tables. Rules about them are in the module of each record kind; changes need a migration (a test
compares).

Times are UTC. Text that people wrote may hold anything but U+0000 and lone surrogates, which become U+FFFD:
PostgreSQL cannot store them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from casework.clock import now

CONVERSATION = "conversation.id"
ACCOUNT = "account.id"


class Utc(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; SQLite keeps no zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """What somebody wrote, fit for both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Base(DeclarativeBase):
    """Common parent of the tables; its metadata is what migrations are compared with."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class Account(Base):
    """Somebody who works at the desk or in the workshop."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Words, unique=True)
    role: Mapped[str]  # consultant | supervisor | trainer | admin
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Utc, default=now)
    last_seen: Mapped[datetime | None] = mapped_column(Utc)
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Utc)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)


class Login(Base):
    """A bearer token of an account; only its hash is kept."""

    __tablename__ = "login"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT), index=True)
    created_at: Mapped[datetime] = mapped_column(Utc, default=now)
    expires_at: Mapped[datetime] = mapped_column(Utc)


class Conversation(Base):
    """One resident's conversation over one channel, and who answers in it."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint(
            "(owner = 'consultant' AND consultant_id IS NOT NULL)"
            " OR (owner IN ('bot', 'queue') AND consultant_id IS NULL)",
            name="owner",
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)  # unguessable
    token_hash: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]  # zh | en: the language in use
    channel: Mapped[str]
    owner: Mapped[str] = mapped_column(default="bot", index=True)  # bot | queue | consultant
    consultant_id: Mapped[int | None] = mapped_column(ForeignKey(ACCOUNT), index=True)
    dialogue: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # written by the actions only
    created_at: Mapped[datetime] = mapped_column(Utc, default=now)
    last_at: Mapped[datetime] = mapped_column(Utc, default=now)  # of the newest message


class Message(Base):
    """One message.

    `id` grows with time within a conversation and is never used again: event streams resume by it.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION))
    at: Mapped[datetime] = mapped_column(Utc, default=now)
    sender: Mapped[str]  # resident | bot | consultant | system
    language: Mapped[str]
    text: Mapped[str] = mapped_column(Words)
    payload: Mapped[str | None] = mapped_column(Words)  # the button that was tapped
    client_id: Mapped[str | None] = mapped_column(Words)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    in_reply_to: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)


class FactRecord(Base):
    """One entry of a situation's history; the newest of (key, relation) counts. Only ever added or erased."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_conversation_id_key_relation", "conversation_id", "key", "relation"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION))
    at: Mapped[datetime] = mapped_column(Utc, default=now)
    key: Mapped[str]
    relation: Mapped[str]
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    words: Mapped[str] = mapped_column(Words, default="")
    provenance: Mapped[str]  # said | inferred | confirmed | refused | forgotten
    by: Mapped[str | None] = mapped_column(Words)  # the account that confirmed or corrected it


class Consent(Base):
    """A consent given or withdrawn, with the version of the words that were shown.

    Never changed, only erased.
    """

    __tablename__ = "consent"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION), index=True)
    at: Mapped[datetime] = mapped_column(Utc, default=now)
    kind: Mapped[str]
    given: Mapped[bool]
    language: Mapped[str]
    version: Mapped[str]


class Handoff(Base):
    """One stretch of a conversation in human hands, from the asking to the return."""

    __tablename__ = "handoff"
    __table_args__ = (
        # One stretch at a time: the open one is the one without an end.
        Index(
            "uq_handoff_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey(CONVERSATION), index=True)
    reason: Mapped[str] = mapped_column(Words)
    urgent: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime] = mapped_column(Utc, default=now)
    claimed_at: Mapped[datetime | None] = mapped_column(Utc)
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey(ACCOUNT))
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    outcome: Mapped[str | None]  # returned | transferred
    note: Mapped[str | None] = mapped_column(Words)  # what was agreed


class HelpRequest(Base):
    """求助单: a numbered request that an office must answer."""

    __tablename__ = "help_request"
    __table_args__ = (Index("ix_help_request_status_grade_due_at", "status", "grade", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # 4827-1936
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey(CONVERSATION), index=True)
    status: Mapped[str] = mapped_column(default="new")
    grade: Mapped[str]  # red | yellow | green
    summary: Mapped[str] = mapped_column(Words)
    contact: Mapped[str | None] = mapped_column(Words)
    area: Mapped[str | None] = mapped_column(Words, index=True)  # GB/T 2260 code
    place: Mapped[str | None] = mapped_column(Words)  # street, or where roughly, in words
    language: Mapped[str]
    source: Mapped[str]  # resident | handoff | danger | hotline | consultant
    opened_at: Mapped[datetime] = mapped_column(Utc, default=now)
    due_at: Mapped[datetime] = mapped_column(Utc)
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey(ACCOUNT), index=True)
    erased_at: Mapped[datetime | None] = mapped_column(Utc)


class RequestStep(Base):
    """Who moved a help request to which status, and when."""

    __tablename__ = "request_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_request.id"), index=True)
    at: Mapped[datetime] = mapped_column(Utc, default=now)
    status: Mapped[str]
    by: Mapped[str] = mapped_column(Words)  # an account's name, or resident | bot | system
    note: Mapped[str | None] = mapped_column(Words)


class AuditEntry(Base):
    """Something seen or changed. Triggers of the database refuse to change or delete an entry."""

    __tablename__ = "audit_entry"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, default=now)
    who: Mapped[str] = mapped_column(Words, index=True)
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(Words, index=True)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
