"""Where a story is told: what happens to sessions, and the files that leave meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.flows import inviting, planning, scheduling
from sessions.flows.scheduling import Details
from sessions.models.participation import Invitation, Registration
from sessions.models.programme import City
from sessions.models.session import Session, SessionCity
from sessions.rules.timetable import WallTime
from tests.builders import THURSDAY_10_MOSCOW, a_city, a_person, a_plan
from tests.conftest import Clock
from tests.outbox import Outbox
from tests.reminded import pass_until

GOLDEN = Path(__file__).parent / "golden"
ANNA, JOHN, VERA = "anna@example.org", "john@example.org", "vera@example.org"

_DETAILS = (
    "title", "title_en", "summary", "format", "mode", "visibility", "place", "duration_min",
)  # fmt: skip


class Stage:
    """Keeps what leaves the site, under the names that the files have.

    Anna, in Perm, and Vera, in Kazan, read Russian; John, in Kazan, reads English.
    """

    def __init__(
        self, client: FlaskClient, clock: Clock, outbox: Outbox, work_off: Callable[[], Any]
    ) -> None:
        self.client, self.clock = client, clock
        self.files: dict[str, bytes] = {}
        self._outbox, self._work_off = outbox, work_off
        self._seen: set[bytes] = set()
        self._steps = 0
        self.perm = a_city(name_en="Perm")
        self.kazan = a_city("Казань", "Europe/Moscow", "Казани", name_en="Kazan")
        a_person(ANNA, given="Анна", family="Белова", city=self.perm)
        a_person(VERA, given="Вера", family="Лунина", city=self.kazan)
        a_person(JOHN, given="John", family="Smith", locale="en", city=self.kazan)

    def session(
        self,
        *readers: str,
        at: WallTime = THURSDAY_10_MOSCOW,
        presenting: City | None = None,
        **facts: object,
    ) -> Session:
        """A session that was announced, with these people invited."""
        plan = a_plan(tz=at.tz, title="Первые три года учителя")
        session_id = planning.plan_one(plan, at.local, None, "meet.example.org")
        self.change(db.session.get_one(Session, session_id), **facts)
        if presenting:
            with transaction():
                part = SessionCity(session_id=session_id, city_id=presenting.id, role="presenting")
                db.session.add(part)
        inviting.invite(session_id, [("", address) for address in readers], None)
        scheduling.schedule(session_id, 1, None)
        return self.now(session_id)

    def change(self, session: Session, **facts: object) -> None:
        """Set facts about a session of which nobody is told."""
        with transaction():
            row = Session.locked(session.id)
            for name, fact in facts.items():
                setattr(row, name, fact)

    def edit(self, session: Session, **facts: object) -> None:
        """A host changes the words, mode or place of a session."""
        now = self.now(session.id)
        details: Any = {name: getattr(now, name) for name in _DETAILS} | facts
        cities = tuple(part.city_id for part in now.cities if part.role == "presenting")
        scheduling.edit(now.id, Details(**details, presenting=cities), now.revision, None)

    def now(self, session_id: int) -> Session:
        """The session as it stands."""
        return db.session.get_one(Session, session_id, populate_existing=True)

    def invitation(self, session: Session, reader: str) -> Invitation:
        """The invitation of one reader."""
        return db.session.scalars(
            select(Invitation)
            .join(Registration)
            .where(Registration.session_id == session.id, Invitation.attendee_email == reader)
        ).one()

    def until(self, at: datetime) -> None:
        """Let the time pass to this instant, all work done when it is due."""
        pass_until(at, self.clock, self._work_off)

    def told(self, step: str, *readers: str) -> None:
        """Keep the letters that leave now, for these readers or for all; an hour passes.

        A letter gives an .eml file, and its calendar part an .ics file beside it.
        """
        self._steps += 1
        kept = [
            (raw, letter)
            for raw, letter in self.heard()
            if not readers or _recipient(letter) in readers
        ]
        for raw, letter in kept:
            self.keep(f"{self._steps:02}-{step}.{_language(letter)}.eml", raw)
            for part in letter.walk():
                if part.get_content_type() == "text/calendar":
                    name = f"{self._steps:02}-{step}.{_language(letter)}.ics"
                    calendar: Any = part.get_payload(decode=True)
                    self.keep(name, calendar)
        assert kept, f"nobody was told at the step {step}"

    def heard(self) -> list[tuple[bytes, EmailMessage]]:
        """The letters that leave now, kept nowhere; an hour passes."""
        self._work_off()
        left = [raw for raw in self._outbox.raw() if raw not in self._seen]
        self._seen.update(left)
        self.clock.pass_by(hours=1)
        return [(raw, parsed(raw)) for raw in left]

    def keep(self, name: str, raw: bytes) -> None:
        """Keep a file of the story."""
        assert name not in self.files, f"two files are called {name}"
        self.files[name] = raw

    def fetched(self, name: str, path: str) -> None:
        """Keep a calendar as it is fetched from the site."""
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        self.keep(name, answer.data)


def parsed(raw: bytes) -> EmailMessage:
    """A letter taken apart."""
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def _recipient(letter: EmailMessage) -> str:
    return parseaddr(str(letter["To"]))[1]


def _language(letter: EmailMessage) -> str:
    return "en" if _recipient(letter) == JOHN else "ru"
