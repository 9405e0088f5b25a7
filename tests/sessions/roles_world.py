"""A small world in which every role is somebody, and every address leads to something."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from archive.models import Cue, Slide, Talk
from integrations.runtime import clock, ports
from integrations.runtime.database import db, transaction
from integrations.storage.port import Storage
from sessions.flows import (
    feed_tokens,
    handing_over,
    inviting,
    planning,
    speaking,
    tasking,
    tokens,
)
from sessions.models.correspondence import Counter, Forwarded, IncomingMail, Task
from sessions.models.participation import Invitation, Registration
from sessions.models.people import Account, ApiToken
from sessions.models.programme import City
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.sheets import importing
from sessions.web import limits, signing_in
from sessions.web.api import examples
from tests.archive.talks import a_vtt
from tests.builders import a_city, a_person, a_plan, a_season, a_session, a_topic, signed_in
from tests.sheets_made import a_row, a_sheet

A_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)
SIGN_IN = "/sign-in/"
A_PLAN = {
    "title": "Семинар", "wall_start": "2026-11-12T10:00:00", "tz": "Europe/Moscow",
    "duration_min": 60,
}  # fmt: skip
AN_HOUR = {"wall_start": "2026-11-12T10:00:00", "tz": "Europe/Moscow"}
# What calls of the API must hold before anybody asks who calls.
BODIES: Mapping[str, Mapping[str, object]] = {
    "/sessions/": A_PLAN, "/series/": examples.SERIES, "/series/preview": examples.SERIES,
    "/move": AN_HOUR, "/reschedule": AN_HOUR,
}  # fmt: skip
Arguments = dict[str, int | str]


@dataclass
class World:
    """What there is.

    places: the numbers in addresses; keys: the tokens in them, by blueprint.

    cookies, bearers: the ways to show oneself, by role; narrow: a host's tokens for one scope each.
    """

    app: Flask
    places: dict[str, Arguments] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    bearers: dict[str, str] = field(default_factory=dict)
    narrow: dict[str, str] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def browser(self, role: str) -> FlaskClient:
        """A new browser of someone of this role."""
        client = self.app.test_client()
        if role in self.cookies:
            client.set_cookie("session", self.cookies[role], domain="localhost")
        return client

    def ask(self, role: str, method: str, address: str) -> TestResponse:
        """The answer to this role: of an API by their token, elsewhere by their cookie."""
        if not address.startswith("/api/"):
            return self.browser(role).open(address, method=method, buffered=True)
        return self.call(self.bearers.get(role, ""), method, address)

    def call(self, bearer: str, method: str, address: str) -> TestResponse:
        """The answer of the API to whoever shows this token."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        bodies = (body for end, body in BODIES.items() if address.endswith(end))
        body = None if method == "GET" else next(bodies, {})
        client = self.app.test_client()
        return client.open(address, method=method, headers=headers, json=body, buffered=True)

    def get(self, role: str, address: str) -> TestResponse:
        """The same for a page, with the redirects between our pages followed to the last one."""
        answer = self.ask(role, "GET", address)
        for _ in range(3):
            onward = urlsplit(answer.headers.get("Location", ""))
            if not onward.path or onward.path == SIGN_IN:
                break
            query = f"?{onward.query}" if onward.query else ""
            answer = self.ask(role, "GET", f"{onward.path}{query}")
        return answer

    def address(self, rule: Rule, place: str) -> str:
        """A rule with its gaps filled in by what there is at a place."""
        if place not in self.places:
            place = "own"
        known = {**self.places["own"], **self.places[place]}
        blueprint = rule.endpoint.partition(".")[0]
        known["token"] = self.keys.get(blueprint, "")
        known.update(_NAMES.get(rule.endpoint, {}))
        filled = {name: known.get(name, "") for name in rule.arguments}
        for name, converter in rule._converters.items():
            if isinstance(converter, AnyConverter):
                filled[name] = min(converter.items)
        with self.app.test_request_context():
            built = rule.build({**(rule.defaults or {}), **filled})
        assert built is not None, f"{rule} wants what the world does not have: {rule.arguments}"
        return built[1]


_NAMES: Mapping[str, Arguments] = {
    "static": {"filename": "vzaimo.css"},
    "bootstrap.static": {"filename": "css/bootstrap.min.css"},
    "security.static": {"filename": "js/base64.js"},
    "api_docs.file": {"name": "swagger-ui.css"},
    "language.switch": {"lang": "en"},
    "calendar.of_format": {"name": "seminar"},
    "mailbox.letter": {"name": "a-letter.eml"},
    "mailbox.answer": {"name": "a-letter.eml"},
    "mailbox.back": {"name": "a-letter.eml"},
    "mailbox.html": {"name": "a-letter.eml"},
    "mailbox.raw": {"name": "a-letter.eml"},
}


class Copies:
    """Gives the database back as it was, and says whether anybody wrote into it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._close()
        self._bytes = path.read_bytes()
        self._watch: sqlite3.Connection | None = None
        self.restore()

    def restore(self) -> None:
        """Everything as it was when this was made; the limits of how often one may ask, too."""
        self.close()
        self._path.write_bytes(self._bytes)
        self._watch = sqlite3.connect(self._path)
        limits.limiter.reset()

    def version(self) -> int:
        """A number that changes with every commit of another connection that wrote something."""
        assert self._watch is not None
        found: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return found

    def close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._close()

    def _close(self) -> None:
        db.session.remove()
        db.engine.dispose()
        for more in ("-wal", "-shm"):
            self._path.with_name(self._path.name + more).unlink(missing_ok=True)


def a_world(app: Flask) -> World:
    """Two cities and six sessions, each with what belongs to it."""
    world = World(app)
    season = a_season()
    perm, omsk = a_city(), a_city("Омск", "Asia/Omsk", "Омску")
    topic = a_topic(season)
    sessions = {
        "own": a_session(title="Закрытая встреча", visibility="participants"),
        "other": a_session(title="Чужая встреча", visibility="participants"),
        "members": a_session(title="Для своих", visibility="members"),
        "public": a_session(title="Для всех"),
        "draft": a_session(title="Черновик", draft=True),
        "withheld": a_session(title="Без записи"),
    }
    _fill_roles(world, sessions["own"], perm)
    for place, session in sessions.items():
        city = omsk if place == "other" else perm
        world.places[place] = {
            "session_id": session.id,
            "city_id": city.id,
            "registration_id": _an_invited(session, place, city),
            "task_id": _a_task(place, city),
            **_by_mail(session),
            **({} if place == "draft" else _a_talk(session, withheld=place == "withheld")),
        }
    world.places["own"].update(
        season_id=season.id,
        topic_id=topic.id,
        series_id=_a_series(),
        job_id=importing.keep(a_sheet(a_row("Раз")), "план.xlsx", season.id, None),
        token_id=_token_id(world.people["member"]),
    )
    _fill_keys(world, sessions["own"])
    return world


def _fill_roles(world: World, own: Session, city: City) -> None:
    grants = {
        "member": [("member", "*")],
        "participant": [],
        "session host": [("session_host", f"session:{own.id}")],
        "coordinator": [("coordinator", f"city:{city.id}")],
        "editor": [("editor", "*")],
        "host": [("host", "*")],
        "admin": [("admin", "*")],
    }
    for role, roles in grants.items():
        address = f"{role.replace(' ', '-')}@example.org"
        person = a_person(address, given=role.capitalize(), city=city, roles=roles, account=True)
        world.people[role] = person.id
        world.bearers[role] = tokens.issue(person.id, "site", list(tokens.SCOPES), None)
        cookie = signed_in(world.app, person).get_cookie("session")
        assert cookie is not None
        world.cookies[role] = cookie.value
    for scope in tokens.SCOPES:
        world.narrow[scope] = tokens.issue(world.people["host"], scope, [scope], None)
    with transaction():
        # A token notes its use now and then; not in the middle of a comparison.
        for token in db.session.scalars(select(ApiToken)):
            token.used_at = clock.now()
    inviting.invite(own.id, [("", "participant@example.org")], None)


def _an_invited(session: Session, place: str, city: City) -> int:
    """Someone of the city, who is invited; the number of their registration."""
    person = a_person(f"{place}@example.com", family=f"Из-{place}", city=city)
    inviting.invite(session.id, [("", f"{place}@example.com")], None)
    with transaction():
        db.session.add(SessionCity(session_id=session.id, city_id=city.id))
    return db.session.scalars(
        select(Registration.id).where(
            Registration.session_id == session.id, Registration.person_id == person.id
        )
    ).one()


def _a_task(place: str, city: City) -> int:
    """The address of someone of the city takes no mail."""
    with transaction():
        tasking.ask_for_address(f"{place}@example.com", "5.1.1", "no such user")
    return db.session.scalars(
        select(Task.id).where(Task.subject == f"address:{place}@example.com")
    ).one()


def _by_mail(session: Session) -> Arguments:
    """Another time that was proposed, an answer of somebody uninvited, a message kept aside."""
    (invitation, *_) = db.session.scalars(
        select(Invitation).join(Registration).where(Registration.session_id == session.id)
    ).all()
    at = clock.now()
    counter = Counter(
        invitation_id=invitation.id, sequence=0, starts_at=session.starts_at + timedelta(days=1),
        proposed_at=at,
    )  # fmt: skip
    stranger = Forwarded(
        invitation_id=invitation.id, address="x@example.net", answer="accepted", received_at=at
    )
    mail = IncomingMail(
        key=f"mail-{session.id}", received_at=at, kind="other", outcome="quarantined", raw=b"x"
    )
    with transaction():
        db.session.add_all([counter, stranger, mail])
        db.session.flush()
        return {"counter_id": counter.id, "forwarded_id": stranger.id, "mail_id": mail.id}


def _a_talk(session: Session, *, withheld: bool) -> Arguments:
    """The session's recording, with a transcript, a slide and a picture."""
    done = handing_over.hand_over(session.id, [(io.BytesIO(a_vtt()), "talk.vtt")], None)
    if withheld:
        handing_over.withhold(session.id, None)
    else:
        handing_over.put_out(session.id, None)
    kept = ports.get(Storage).put(io.BytesIO(A_PICTURE)).key
    with transaction():
        talk = db.session.get_one(Talk, done.talk_id)
        (file,) = talk.files
        file.poster_key, file.state = kept, "read"
        slide = Slide(talk_id=talk.id, file_id=file.id, page=1, picture_key=kept)
        cue = Cue(talk_id=talk.id, file_id=file.id, position=1, start_s=0, end_s=5, text="Начнём.")
        db.session.add_all([slide, cue])
        if not withheld:
            talk.state = "published"
        db.session.flush()
        return {"talk_id": talk.id, "file_id": file.id, "slide_id": slide.id}


def _a_series() -> int:
    plan = a_plan(title="Ряд")
    return planning.plan_series(plan, planning.preview(plan)[:2], None, "vzaimo.test")


def _token_id(person_id: int) -> int:
    return db.session.scalars(select(ApiToken.id).where(ApiToken.person_id == person_id)).one()


def _fill_keys(world: World, own: Session) -> None:
    """The tokens of the letters to the participant, to a speaker, and to whoever would sign in."""
    speaker = a_person("speaker@example.com", family="Говорова")
    with transaction():
        own.agenda.append(
            AgendaItem(
                offset_min=0, duration_min=10, title="Показ",
                speakers=[Speaker(person_id=speaker.id)],
            )
        )  # fmt: skip
    speaking.ask(own.id, None, "sessions@vzaimo.test", "vzaimo.test")
    invited = db.session.scalars(
        select(Invitation.token)
        .join(Registration)
        .where(Registration.person_id == world.people["participant"])
    ).one()
    asked = db.session.scalars(select(Speaker.token).where(Speaker.person_id == speaker.id)).one()
    account = db.session.scalars(
        select(Account).where(Account.person_id == world.people["member"])
    ).one()
    with world.app.test_request_context():
        link = urlsplit(signing_in.link_for(account)).path
    world.keys.update(
        join=invited, answering=invited, unsubscribing=invited, speaking=str(asked),
        signing_in=link.rpartition("/")[2], calendar=feed_tokens.make(world.people["participant"]),
    )  # fmt: skip
