"""Every page of the product, as the demonstration has it: one table for all who look at pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Flask, url_for
from sqlalchemy import Select, func, select

from archive.models import Cue, Talk
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.demo import accounts
from sessions.models.participation import Invitation, Registration
from sessions.models.people import PersonEmail
from sessions.models.poll import Topic, TopicDecision
from sessions.models.programme import City, Season, Series
from sessions.models.session import Session, SessionCity

Who = Literal["anyone", "guest", "host"]
ACCOUNTS: dict[Who, tuple[str, str]] = {"guest": accounts.GUEST, "host": accounts.HOST}

# What answers a GET and is no page that one looks at: files, parts of pages, data, ways back.
NOT_PAGES = frozenset(
    {
        "static", "bootstrap.static", "security.static", "health.alive", "health.ready",
        "api-docs.openapi_json", "api_docs.file", "api_sessions.index", "api_sessions.show",
        "api_archive.find", "api_archive.talk", "api_archive.talks", "api_archive.transcript",
        "api_cities.index", "api_cities.show", "api_me.me", "api_me.sessions",
        "api_seasons.index", "api_seasons.series", "api_seasons.show",
        "api_series.sessions", "api_series.show",
        "library.captions", "library.media", "library.poster", "library.slide",
        "library.find", "mailbox.back", "mailbox.html", "mailbox.raw", "materials.progress",
        "desk.back", "desk.look_again", "desk.back_to_seats",
        "planner.back_to_series", "planner.back_to_season", "planner.back_to_reminders",
        "language.switch",
        "desk.back_from_speakers", "desk.back_from_mail", "desk.letters",
        "desk.back_from_letters", "desk.look_at_stopped",
        "incoming.back", "incoming.raw", "tasks.back",
        "desk.back_from_announcing", "desk.people_found",
        "speaking.back", "sheets.form", "sheets.progress", "sheets.plan",
        "calendar.programme", "calendar.season", "calendar.city", "calendar.of_format",
        "calendar.mine", "feeds.download", "feeds.back",
        "sheets.people_of_season", "sheets.people_of_city", "sheets.registrations",
        # Drawn by Swagger UI, which is not ours to mend.
        "api_docs.index",
        # A sheet that someone gave; the demonstration has none.
        "sheets.show",
        # Asks for the password once more; nothing of ours leads there.
        "security.verify",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One page. who: as whom it is read; several may read the same."""

    name: str
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)
    who: Who = "anyone"
    status: int = 200

    @property
    def path(self) -> str:
        return url_for(self.endpoint, **self.values)


@dataclass(frozen=True)
class Shown:
    """A page with its address. name: with who reads it, unique."""

    name: str
    path: str
    who: Who
    status: int


@dataclass(frozen=True)
class Found:
    """What of the demonstration the pages are about: ids, and the secret of a join link.

    None where there is no such thing; its pages are then left out.
    """

    held: int | None
    coming: int | None
    season: int | None
    past_season: int | None
    series: int | None
    talk: int | None
    city: int | None
    topic: int | None
    topic_season: int | None
    registration: int | None
    token: str | None
    letter: str | None
    waited_for: int | None


def pages_of(app: Flask) -> list[Shown]:
    """All pages with their addresses; for an app on the data of a demonstration."""
    with app.app_context():
        table = table_of(find())
    with app.test_request_context():
        return [
            Shown(f"{page.name} ({page.who})", page.path, page.who, page.status)
            for page in table
            if None not in page.values.values()
        ]


def find() -> Found:
    """Look up what the pages show: of each kind the one that has most to show."""
    is_coming = Session.state == "scheduled", Session.starts_at > clock.now()
    told = select(func.count(Cue.id)).where(Cue.talk_id == Talk.id).scalar_subquery()
    talk = _first(select(Talk).where(Talk.source.like("session:%")).order_by(told.desc(), Talk.id))
    asked = select(func.count(Registration.id)).where(Registration.session_id == Session.id)
    most = asked.scalar_subquery().desc()
    coming = _first(select(Session.id).where(*is_coming).order_by(most, Session.id))
    token = (
        select(Invitation.token)
        .join(Registration)
        .join(Session)
        .join(PersonEmail, PersonEmail.person_id == Registration.person_id)
        .where(PersonEmail.address == accounts.GUEST[0], *is_coming)
        .order_by(Session.starts_at)
    )
    invited = select(Registration.id).where(Registration.session_id == coming)
    busiest = func.count(SessionCity.id).desc()
    place = TopicDecision.place.asc().nulls_last()
    topic = _first(select(Topic.id).outerjoin(TopicDecision).order_by(place, Topic.id))
    letters = ports.get(Settings).letters_dir.glob("*.eml")
    return Found(
        held=int(talk.source.removeprefix("session:")) if talk else None,
        coming=coming,
        season=_first(select(Session.season_id).where(Session.id == coming)),
        past_season=_first(select(Season.id).order_by(Season.starts_on)),
        series=_first(select(Series.id)),
        talk=talk.id if talk else None,
        city=_first(select(City.id).join(SessionCity).group_by(City.id).order_by(busiest)),
        topic=topic,
        topic_season=_first(select(Topic.season_id).where(Topic.id == topic)),
        registration=_first(invited.order_by(Registration.id)),
        token=_first(token),
        letter=max((path.name for path in letters), default=None),
        waited_for=_first(
            select(Registration.session_id)
            .where(Registration.state == "waiting")
            .group_by(Registration.session_id)
            .order_by(func.count().desc(), Registration.session_id)
        ),
    )


def _first(wanted: Select[Any]) -> Any:
    return db.session.scalars(wanted.limit(1)).first()


def table_of(found: Found) -> list[Page]:
    """Every page, for everyone who reads it in a way of their own."""
    return _open(found) + _of_the_guest(found) + _of_the_host(found)


def _open(found: Found) -> list[Page]:
    coming, season = {"session_id": found.coming}, {"season_id": found.season}
    topic = {"season_id": found.topic_season, "topic_id": found.topic}
    city = f"city:{found.city}" if found.city else None
    return [
        Page("front", "front.index"),
        Page("season", "schedule.season", season),
        Page("season month", "schedule.season", {**season, "view": "month"}),
        Page("season past", "schedule.season", {**season, "view": "list", "past": 1}),
        Page("season earlier", "schedule.season", {"season_id": found.past_season}),
        Page("changes", "changes.season", season),
        Page("session", "session.show", coming),
        Page("session held", "session.show", {"session_id": found.held}),
        Page("join", "join.show", {"token": found.token}),
        Page("answer", "answering.show", {"token": found.token}),
        Page("answer chosen", "answering.show", {"token": found.token, "answer": "accepted"}),
        Page("unsubscribe", "unsubscribing.show", {"token": found.token}),
        Page("answer unknown", "answering.show", {"token": "unknown"}, status=404),
        Page("join unknown", "join.show", {"token": "unknown"}, status=404),
        Page("cities", "cities.index"),
        Page("city", "cities.show", {"city_id": found.city}),
        Page("topics", "topics.season", {"season_id": found.topic_season}),
        Page("topic", "topics.show", topic),
        Page("talks", "library.index"),
        Page("talk", "library.talk", {"talk_id": found.talk}),
        Page("talk moment", "library.talk", {"talk_id": found.talk, "t": 60, "q": "учитель"}),
        Page("search", "search.index"),
        Page("search hits", "search.index", {"q": "учитель"}),
        Page("search nothing", "search.index", {"q": "квазистационарный"}),
        Page("sign in", "security.login"),
        Page("sign in link", "signing_in.enter", {"token": "dead"}, status=410),
        Page("zone", "zone.choose"),
        Page("subscribe", "feeds.index"),
        Page("subscribe to a city", "feeds.index", {"to": city}),
        Page("speaking unknown", "speaking.show", {"token": "unknown"}, status=404),
        Page("mailbox", "mailbox.index"),
        Page("letter", "mailbox.letter", {"name": found.letter}),
        Page("not found", "session.show", {"session_id": 10**9}, status=404),
        Page("closed", "desk.index", who="guest", status=403),
    ]


def _of_the_guest(found: Found) -> list[Page]:
    return [
        Page("front", "front.index", who="guest"),
        Page("session", "session.show", {"session_id": found.coming}, "guest"),
        Page("session held", "session.show", {"session_id": found.held}, "guest"),
        Page("me", "me.sessions", who="guest"),
        Page("settings", "me.settings", who="guest"),
        Page("tokens", "tokens.index", who="guest"),
    ]


def _of_the_host(found: Found) -> list[Page]:
    coming, held = {"session_id": found.coming}, {"session_id": found.held}
    person = {**coming, "registration_id": found.registration}
    return [
        Page("front", "front.index", who="host"),
        Page("season", "schedule.season", {"season_id": found.season}, "host"),
        Page("session", "session.show", coming, "host"),
        Page("talk", "library.talk", {"talk_id": found.talk}, "host"),
        Page("me", "me.sessions", who="host"),
        Page("tokens", "tokens.index", who="host"),
        Page("plan", "planner.index", who="host"),
        Page("plan series", "planner.new_series", who="host"),
        Page("plan session", "planner.new_session", who="host"),
        Page("series", "planner.series", {"series_id": found.series}, "host"),
        Page("series changed", "planner.change", {"series_id": found.series}, "host"),
        Page("days off", "planner.calendar", who="host"),
        Page("seasons", "season_copy.index", who="host"),
        Page("season again", "season_copy.show", {"season_id": found.season}, "host"),
        Page("sheets", "sheets.index", who="host"),
        Page("desk", "desk.index", who="host"),
        Page("tasks", "tasks.index", who="host"),
        Page("incoming mail", "incoming.index", who="host"),
        Page("desk of session", "desk.show", coming, "host"),
        Page("desk of held", "desk.show", held, "host"),
        Page("edit", "desk.edit", coming, "host"),
        Page("move", "desk.move", coming, "host"),
        Page("cancel", "desk.ask_cancel", coming, "host"),
        Page("postpone", "desk.ask_postpone", coming, "host"),
        Page("repeat", "desk.ask_repeat", held, "host"),
        Page("seats", "desk.seats_of", {"session_id": found.waited_for}, "host"),
        Page("seats of one", "desk.seats_of", {**coming, "show": "silent"}, "host"),
        Page("desk with seats", "desk.show", {"session_id": found.waited_for}, "host"),
        Page("withdraw", "desk.ask_withdraw", person, "host"),
        Page("materials", "materials.show", held, "host"),
        Page("materials to come", "materials.show", coming, "host"),
    ]
