"""Consents: what a resident agreed to, in which words (their version), and when they changed their mind."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from casework.conversations import check_language, hold
from casework.errors import Invalid
from casework.models import Consent

LONGEST_KIND = 64  # characters


async def give(  # noqa: PLR0917 - six things make a consent
    s: AsyncSession, conversation_id: str, kind: str, given: bool, language: str, version: str
) -> Consent:
    """Record that a consent was given or refused (`given`); earlier ones stay as history.

    kind: such as "situation"; version: of the words shown. NotFound where the conversation is unknown or
    erased.
    """
    check_language(language)
    if not 1 <= len(kind) <= LONGEST_KIND or not version:
        raise Invalid("consent_invalid")
    await hold(s, conversation_id)
    consent = Consent(
        conversation_id=conversation_id, kind=kind, given=given, language=language, version=version
    )
    s.add(consent)
    await s.flush()
    return consent


async def current(s: AsyncSession, conversation_id: str) -> dict[str, bool]:
    """The newest answer by kind; a kind that was never answered is not there."""
    newest = (
        select(func.max(Consent.id)).where(Consent.conversation_id == conversation_id).group_by(Consent.kind)
    )
    found = await s.scalars(select(Consent).where(Consent.id.in_(newest)))
    return {consent.kind: consent.given for consent in found}
