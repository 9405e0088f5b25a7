"""Letters for a person, in their language: subject, text, HTML, calendar part."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import gettext

from integrations.calendaring.invite import Method, Occasion, Party, invitation
from integrations.mail import outbox
from integrations.mail.message import Draft, compose
from integrations.mail.outbox import Letter
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from sessions.flows.inviting import INVITE
from sessions.models.participation import InviteMessage
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.web import typography

SIGN_IN = "sign_in"


@dataclass(frozen=True)
class When:
    """The hours of a session in one zone, in words."""

    date: str
    hours: str
    zone: str


def when(session: Session, tz: str, locale: str) -> When:
    """Date, hours and zone of a session for someone who lives by `tz`."""
    zone = ZoneInfo(tz)
    start, end = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    return When(
        date=f"{typography.weekday(start, locale)}, {typography.date_long(start, locale)}",
        hours=typography.time_range(start, end),
        zone=typography.zone_words(tz, locale, start),
    )


@outbox.writes(INVITE)
def write_invite(letter: Letter) -> bytes:
    """The whole message of an invitation, update or cancellation, as its row says."""
    message = db.session.query(InviteMessage).filter_by(letter_id=letter.id).one()
    registration = message.invitation.registration
    person, session = registration.person, registration.session
    settings = ports.get(Settings)
    locale = person.locale
    join_url = f"{settings.base_url.rstrip('/')}/j/{message.invitation.token}"
    theirs = when(session, person.zone or settings.timezone, locale)
    ours = when(session, settings.timezone, locale)
    earlier = [m for m in message.invitation.messages if m.id < message.id and m.letter.state != "superseded"]
    kind = "cancel" if message.method == "CANCEL" else "update" if earlier else "new"
    with speaking(locale):
        programme = _programme(settings, locale)
        facts = {
            "kind": kind, "session": session, "title": session.title_in(locale), "theirs": theirs,
            "ours": ours if ours != theirs else None, "join_url": join_url, "person": person,
            "programme": programme, "locale": locale,
            "cities": [part.city for part in session.cities if part.role == "presenting"],
            "session_url": f"{settings.base_url.rstrip('/')}/sessions/{session.id}",
        }  # fmt: skip
        organizer = Party(programme, _organizer(settings.mail_from, message.invitation.token))
        calendar = invitation(
            _occasion(message, session, facts["title"], join_url, theirs, ours),
            _method(message.method), organizer, Party(person.name, letter.recipient),
        )  # fmt: skip
        return compose(
            Draft(
                to_address=letter.recipient, to_name=person.name,
                from_address=organizer.address, from_name=programme,
                subject=_subject(kind, facts["title"], theirs),
                text=render_template("letters/invite.txt", **facts),
                html=render_template("letters/invite.html", **facts),
                message_id=letter.message_id, written_at=letter.owed_at,
                calendar=calendar, method=message.method,
                in_reply_to=earlier[0].letter.message_id if earlier else None,
            )  # fmt: skip
        )


def _method(text: str) -> Method:
    return "CANCEL" if text == "CANCEL" else "REQUEST"


def _programme(settings: Settings, locale: str) -> str:
    return settings.programme_en if locale == "en" and settings.programme_en else settings.programme


def _organizer(mail_from: str, token: str) -> str:
    """The sub-address that tells whose answer it is (RFC 5233)."""
    local, _, domain = mail_from.rpartition("@")
    return f"{local}+{token}@{domain}"


def _occasion(
    message: InviteMessage, session: Session, title: str, join_url: str, theirs: When, ours: When
) -> Occasion:
    times = f"{theirs.date}, {theirs.hours} {theirs.zone}"
    if ours != theirs:
        times = f"{times}\n{ours.date}, {ours.hours} {ours.zone}"
    cancelled = gettext("CANCELLED: %(title)s", title=title) if message.method == "CANCEL" else title
    return Occasion(
        uid=session.uid, sequence=message.sequence, revised_at=session.revised_at,
        starts_at=session.starts_at, ends_at=session.ends_at, summary=cancelled,
        description=f"{times}\n\n{session.summary}".strip(), join_url=join_url,
        conference_label=gettext("Join"),
    )  # fmt: skip


def _subject(kind: str, title: str, theirs: When) -> str:
    moment = f"{theirs.date}, {theirs.hours} {theirs.zone}"
    if kind == "cancel":
        return gettext("Cancelled: %(title)s (%(moment)s)", title=title, moment=moment)
    if kind == "update":
        return gettext("Changed: %(title)s, now %(moment)s", title=title, moment=moment)
    return gettext("Invitation: %(title)s, %(moment)s", title=title, moment=moment)


def post_sign_in(person: Person, address: str, link: str, minutes: int, message_id: str) -> None:
    """Owe the letter with a sign-in link, in the caller's transaction."""
    settings = ports.get(Settings)
    locale = person.locale
    with speaking(locale):
        programme = _programme(settings, locale)
        facts = {"link": link, "minutes": minutes, "programme": programme, "locale": locale}
        draft = Draft(
            to_address=address, to_name=person.name, from_address=settings.mail_from,
            from_name=programme, subject=gettext("Sign in to %(programme)s", programme=programme),
            text=render_template("letters/sign_in.txt", **facts),
            html=render_template("letters/sign_in.html", **facts),
            message_id=message_id, written_at=clock.now(),
        )  # fmt: skip
    outbox.post(SIGN_IN, settings.mail_from, address, message_id, raw=compose(draft))
