"""Which work follows which fact. Read top to bottom; everything here only writes rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from archive import entries
from archive.entries import Findable
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.events import react
from integrations.runtime.settings import Settings
from sessions.events import (
    ChangesBecameQuiet,
    DraftChanged,
    PeopleInvited,
    PersonInvited,
    PersonWithdrawn,
    SeatsChanged,
    SessionCancelled,
    SessionEdited,
    SessionEnded,
    SessionMoved,
    SessionPostponed,
    SessionReinstated,
    SessionRescheduled,
    SessionScheduled,
    SessionStarted,
)
from sessions.flows import (
    announcing,
    handing_over,
    inviting,
    keeping_time,
    replying,
    seating,
    telling,
    telling_speakers,
    versioning,
)
from sessions.models.participation import Invitation
from sessions.models.session import Session
from sessions.rules import lifecycle, quiet

Changed = (
    SessionScheduled | SessionMoved | SessionEdited | SessionReinstated | SessionRescheduled
    | SessionPostponed
)  # fmt: skip
# What those invited hear when it is quiet.
Announced = (
    SessionMoved | SessionEdited | SessionPostponed | SessionRescheduled | SessionReinstated
    | SessionCancelled
)  # fmt: skip


def install() -> None:
    """Register every reaction; asking twice is once."""
    for fact, reactions in WHAT_FOLLOWS.items():
        for reaction in reactions:
            react(fact, reaction)


def tell_everyone(event: SessionScheduled) -> None:
    """Everyone concerned gets the session as it is now, at once."""
    settings = ports.get(Settings)
    telling.owe_letters(event.session_id, settings.mail_from, settings.domain)
    telling_speakers.tell(event.session_id, settings.mail_from, settings.domain)


def tell_now(event: ChangesBecameQuiet) -> None:
    """Everyone concerned hears what changed, unless it was undone meanwhile."""
    settings = ports.get(Settings)
    telling.tell(event.session_id, settings.mail_from, settings.domain)
    telling_speakers.tell(event.session_id, settings.mail_from, settings.domain)


def tell_when_quiet(event: Announced) -> None:
    """Everyone concerned hears of it when nothing more changes; at once where it is urgent."""
    settings = ports.get(Settings)
    length = timedelta(minutes=int(settings.quiet_minutes))
    if event.urgent or not length:
        telling.owe_letters(event.session_id, settings.mail_from, settings.domain)
        telling_speakers.tell(event.session_id, settings.mail_from, settings.domain)
        return
    until = quiet.over_at(clock.now(), length)
    words = isinstance(event, SessionEdited) and event.tell
    telling.hold_back(event.session_id, settings.mail_from, settings.domain, until, words=words)
    announcing.wait_until(event.session_id, until)


def tell_of_the_edit(event: SessionEdited) -> None:
    """An edit that is worth a letter is told; any other keeps letters that wait, waiting."""
    session = db.session.get_one(Session, event.session_id)
    is_in_calendars = session.state in lifecycle.JOINABLE
    if session.quiet_until is not None or (event.tell and is_in_calendars):
        tell_when_quiet(event)


def tell_speakers_when_quiet(event: DraftChanged | SessionEdited) -> None:
    """Speakers hear that they are no longer named, or that the draft they know of is another."""
    length = timedelta(minutes=int(ports.get(Settings).quiet_minutes))
    telling_speakers.owe(event.session_id, quiet.over_at(clock.now(), length))


def keep_its_hours(event: Changed) -> None:
    """The session goes live and is held by the clock."""
    keeping_time.owe_steps(event.session_id)


def owe_a_version(event: Changed | SessionCancelled) -> None:
    """The season's plan has a new version once it is quiet."""
    versioning.owe(event.session_id)


def invite_to_the_new_day(event: SessionScheduled | SessionReinstated) -> None:
    """Whoever is registered for a visit is invited to a day that joins it.

    Once the others are told: telling them takes back all letters that have not left.
    """
    inviting.invite_registered(event.session_id, event.by)


def tell_the_invited(event: PersonInvited) -> None:
    """Whoever is invited to a public session gets the letter."""
    settings = ports.get(Settings)
    telling.owe_first_letter(event.invitation_id, settings.mail_from, settings.domain)


def tell_all_invited(event: PeopleInvited) -> None:
    """The same for several at once."""
    settings = ports.get(Settings)
    telling.owe_first_letters(
        event.session_id, event.invitation_ids, settings.mail_from, settings.domain
    )


def tell_the_withdrawn(event: PersonWithdrawn) -> None:
    """Whoever was told of the session is told that they are no longer invited."""
    settings = ports.get(Settings)
    telling.owe_farewell(event.invitation_id, settings.mail_from, settings.domain)


def ask_again(event: SessionMoved | SessionRescheduled) -> None:
    """Whoever could not come at the old hour is asked about the new one."""
    replying.ask_again(event.session_id)


def settle_seats(event: Announced) -> None:
    """There may be more seats now, or an offer has another end; while it is off, offers rest."""
    seating.settle(event.session_id)


def offer_the_seat_on(event: PersonWithdrawn) -> None:
    """The seat of whoever was taken off the list goes to the next."""
    invitation = db.session.get_one(Invitation, event.invitation_id)
    seating.settle(invitation.registration.session_id)


def tell_of_seats(event: SeatsChanged) -> None:
    """Whose seat became another hears of it; offers end when they run out."""
    settings = ports.get(Settings)
    seating.owe_letters(event.session_id, event.changes, settings.mail_from, settings.domain)
    seating.owe_end_of_offers(event.session_id, event.changes)


def bring_the_talk_along(event: Changed | SessionStarted | SessionEnded) -> None:
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
    is_undated = session.state == "postponed"
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
            # One that is postponed is found, without its old date.
            "starts_at": "" if is_undated else session.starts_at.isoformat(),
            "undated": "yes" if is_undated else "",
            "title_en": session.title_en,
        },
    )


WHAT_FOLLOWS: Mapping[type[Any], Sequence[Callable[[Any], None]]] = {
    SessionScheduled: (
        tell_everyone, invite_to_the_new_day, make_findable, bring_the_talk_along,
        keep_its_hours, owe_a_version,
    ),
    SessionMoved: (
        ask_again, tell_when_quiet, make_findable, bring_the_talk_along, keep_its_hours,
        owe_a_version, settle_seats,
    ),
    DraftChanged: (tell_speakers_when_quiet,),
    SessionEdited: (
        tell_of_the_edit, tell_speakers_when_quiet, make_findable, bring_the_talk_along,
        keep_its_hours, owe_a_version, settle_seats,
    ),
    SessionPostponed: (
        tell_when_quiet, make_findable, bring_the_talk_along, owe_a_version, settle_seats,
    ),
    SessionRescheduled: (
        ask_again, tell_when_quiet, make_findable, bring_the_talk_along, keep_its_hours,
        owe_a_version, settle_seats,
    ),
    SessionCancelled: (tell_when_quiet, make_findable, owe_a_version, settle_seats),
    SessionReinstated: (
        tell_when_quiet, invite_to_the_new_day, make_findable, bring_the_talk_along,
        keep_its_hours, owe_a_version, settle_seats,
    ),
    ChangesBecameQuiet: (tell_now,),
    SessionStarted: (bring_the_talk_along,),
    SessionEnded: (bring_the_talk_along,),
    PersonInvited: (tell_the_invited,),
    PeopleInvited: (tell_all_invited,),
    PersonWithdrawn: (tell_the_withdrawn, offer_the_seat_on),
    SeatsChanged: (tell_of_seats,),
}  # fmt: skip
