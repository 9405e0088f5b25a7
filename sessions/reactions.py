"""Which work follows which fact. Read top to bottom; everything here only writes rows."""

from __future__ import annotations

from sqlalchemy import select

from archive import entries
from archive.entries import Findable
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.events import react
from integrations.runtime.settings import Settings
from sessions.events import (
    PersonInvited,
    PersonWithdrawn,
    SessionCancelled,
    SessionEdited,
    SessionMoved,
    SessionReinstated,
    SessionScheduled,
)
from sessions.flows import handing_over, inviting
from sessions.models.session import Session

Changed = SessionScheduled | SessionMoved | SessionEdited | SessionReinstated


def install() -> None:
    """Register every reaction; asking twice is once."""
    react(SessionScheduled, tell_everyone)
    react(SessionScheduled, make_findable)
    react(SessionScheduled, bring_the_talk_along)
    react(SessionMoved, tell_everyone)
    react(SessionMoved, make_findable)
    react(SessionMoved, bring_the_talk_along)
    react(SessionEdited, tell_of_the_edit)
    react(SessionEdited, make_findable)
    react(SessionEdited, bring_the_talk_along)
    react(SessionReinstated, tell_everyone)
    react(SessionReinstated, make_findable)
    react(SessionReinstated, bring_the_talk_along)
    react(SessionCancelled, call_off)
    react(SessionCancelled, make_findable)
    react(PersonInvited, tell_the_invited)
    react(PersonWithdrawn, tell_the_withdrawn)


def tell_everyone(event: Changed) -> None:
    """Everyone invited gets the session as it is now."""
    settings = ports.get(Settings)
    inviting.owe_letters(event.session_id, "REQUEST", settings.mail_from, settings.domain)


def tell_of_the_edit(event: SessionEdited) -> None:
    """Everyone invited gets the session as it is now, where the change is worth a letter."""
    if event.tell:
        tell_everyone(event)


def call_off(event: SessionCancelled) -> None:
    """Everyone who was told of it is told that it will not be."""
    settings = ports.get(Settings)
    inviting.owe_letters(event.session_id, "CANCEL", settings.mail_from, settings.domain)


def tell_the_invited(event: PersonInvited) -> None:
    """Whoever is invited to a public session gets the letter."""
    settings = ports.get(Settings)
    inviting.owe_first_letter(event.invitation_id, settings.mail_from, settings.domain)


def tell_the_withdrawn(event: PersonWithdrawn) -> None:
    """Whoever was told of the session is told that they are no longer invited."""
    settings = ports.get(Settings)
    inviting.owe_farewell(event.invitation_id, settings.mail_from, settings.domain)


def bring_the_talk_along(event: Changed) -> None:
    """The recording is called what the session is called, and opens to whom the session opens."""
    handing_over.follow(event.session_id)


def make_findable(event: Changed | SessionCancelled) -> None:
    """Search finds a session that is open to people, and forgets it when it is cancelled."""
    session = db.session.scalars(select(Session).where(Session.id == event.session_id)).one()
    source = f"session:{session.id}"
    things = [] if session.state in ("draft", "cancelled") else [findable(session)]
    entries.put(source, things)


def findable(session: Session) -> Findable:
    """The session as search knows it."""
    return Findable(
        kind="session",
        title=session.title,
        text="\n".join(filter(None, [session.title_en, session.summary, session.summary_en])),
        url=f"/sessions/{session.id}",
        access_keys=session.access_keys,
        names=", ".join(part.city.name for part in session.cities),
        lang=session.language,
        facets={
            "format": session.format,
            "starts_at": session.starts_at.isoformat(),
            "title_en": session.title_en,
        },
    )
