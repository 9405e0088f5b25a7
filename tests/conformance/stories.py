"""The stories that the golden files tell: one function, one folder."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from integrations.runtime.database import db, transaction
from sessions.flows import (
    digesting,
    feed_tokens,
    following_zones,
    handing_over,
    inviting,
    receiving,
    replying,
    scheduling,
    seating,
    withdrawing,
)
from sessions.models.participation import SeatLetter
from sessions.models.people import Person, PersonEmail
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW
from tests.conformance.stage import ANNA, JOHN, VERA, Stage
from tests.replies_made import an_answer

ENGLISH = {
    "title_en": "A teacher's first three years",
    "summary": "Как удержать молодых учителей: опыт трёх школ.",
    "summary_en": "How to keep young teachers: what three schools did.",
}
SCHOOL = "Пермь, ул. Ленина, 51; школа № 7, актовый зал"
LYCEUM = "Пермь, ул. Мира, 3, лицей"


def answer(stage: Stage, session: Session, reader: str, said: str) -> None:
    """One of those invited answers on the page."""
    replying.answer(
        stage.invitation(session, reader).id, said, source="page", sequence=None,
        answered_at=stage.clock.at,
    )  # fmt: skip


def life_of_a_session(stage: Stage) -> None:
    """Anna and John are invited, and hear all that becomes of the session."""
    session = stage.session(ANNA, JOHN, presenting=stage.perm, **ENGLISH)
    stage.told("invited")
    answer(stage, session, ANNA, "accepted")
    answer(stage, session, JOHN, "tentative")
    stage.edit(session, summary="Как удержать молодых учителей: опыт пяти школ.")
    stage.told("words-changed-answer-kept")
    scheduling.move(session.id, FRIDAY_10_MOSCOW, stage.now(session.id).revision, None)
    stage.told("moved-to-the-next-day")
    stage.edit(session, mode="hybrid", place=SCHOOL)
    stage.told("given-a-place")
    scheduling.cancel(session.id, stage.now(session.id).revision, None)
    stage.told("cancelled")
    scheduling.reinstate(session.id, stage.now(session.id).revision, None)
    stage.told("reinstated")
    scheduling.postpone(session.id, stage.now(session.id).revision, None)
    stage.told("postponed")
    later = WallTime(datetime(2026, 11, 19, 15, 30), "Europe/Moscow")
    scheduling.reschedule(session.id, later, stage.now(session.id).revision, None)
    stage.told("given-its-new-date")


def zone_changed_by_law(stage: Stage) -> None:
    """Planned for 10:00 in Volgograd by the rules before 2020e; then the rules of today come."""
    stage.clock.move_to(datetime(2020, 12, 1, 9, 0, tzinfo=UTC))
    wall = WallTime(datetime(2021, 1, 20, 10, 0), "Europe/Volgograd")
    session = stage.session(
        ANNA, JOHN, at=wall, starts_at=datetime(2021, 1, 20, 6, 0, tzinfo=UTC),
        tzdata_version="2020d", **ENGLISH,
    )  # fmt: skip
    stage.told("invited")
    assert [one.session_id for one in following_zones.follow()] == [session.id]
    stage.told("moved-by-law")


def taken_off_the_list(stage: Stage) -> None:
    """Anna is invited, taken off the list, invited again; then the session is cancelled."""
    session = stage.session(ANNA)
    stage.told("invited")
    withdrawing.withdraw(stage.invitation(session, ANNA).registration_id, None)
    stage.told("no-longer-invited")
    inviting.invite(session.id, [("", ANNA)], None)
    stage.told("invited-again")
    scheduling.move(session.id, FRIDAY_10_MOSCOW, stage.now(session.id).revision, None)
    stage.told("moved-to-the-next-day")
    scheduling.cancel(session.id, stage.now(session.id).revision, None)
    stage.told("cancelled")


def in_person(stage: Stage) -> None:
    """A session at a place alone: no link in the calendar leads into a call."""
    session = stage.session(ANNA, JOHN, mode="in_person", place=SCHOOL, **ENGLISH)
    stage.told("invited")
    stage.edit(session, place=LYCEUM)
    stage.told("at-another-place", ANNA)
    scheduling.cancel(session.id, stage.now(session.id).revision, None)
    stage.told("cancelled", ANNA)


def hybrid(stage: Stage) -> None:
    """A session at a place and online: the place in LOCATION, the link in CONFERENCE."""
    session = stage.session(ANNA, mode="hybrid", place=SCHOOL)
    stage.told("invited")
    stage.edit(session, place=LYCEUM)
    stage.told("at-another-place")


DIFFICULT_TITLES = {
    "quotes-commas-semicolons-backslashes": 'Проект "Город; люди", часть 1\\2: «да», \\n — нет',
    "emoji-and-long-cyrillic": "👩🏽‍🏫 " + "Сельская школа и её выпускники: " * 6 + "🇷🇺",
    "line-breaks-like-headers": "Встреча\r\nBcc: thief@example.com\r\n\r\nBody",
    "line-breaks-like-calendar-lines": "Встреча\nEND:VEVENT\nBEGIN:VEVENT\nUID:other",
    "control-characters-and-markup": "Раз\x01два\x07\x1b[31m\u2028<b>три</b> & \t\x7fчетыре",
    "right-to-left-and-combining": "Школа \u202eשלום\u202c e\u0301й и\u0306 \u200bконец",
}


def difficult_words(stage: Stage) -> None:
    """Titles, places and names that break whoever does not escape them."""
    for name, title in DIFFICULT_TITLES.items():
        stage.session(ANNA, title=title, summary=title * 2, mode="hybrid", place=f"Зал: {title}")
        stage.told(name)
    with transaction():
        anna = db.session.scalars(
            select(Person).join(PersonEmail).where(PersonEmail.address == ANNA)
        ).one()
        anna.given, anna.family = 'Анна "Аня"\r\nBcc: thief@example.com', "Бе;лова^, <a@b>: ё\\"
    stage.session(ANNA)
    stage.told("name-of-the-reader")


def seats(stage: Stage) -> None:
    """Anna has the one seat; Vera waits, is offered it, is too late, and gets it after all."""
    session = stage.session(ANNA, VERA, capacity_online=1)
    stage.heard()
    answer(stage, session, ANNA, "accepted")
    answer(stage, session, VERA, "accepted")
    stage.told("on-the-waiting-list")
    answer(stage, session, ANNA, "declined")
    stage.told("seat-offered")
    until = db.session.scalars(select(SeatLetter.until).where(SeatLetter.fact == "offered")).one()
    assert until is not None
    stage.clock.move_to(until + timedelta(minutes=1))
    seating.settle(session.id)
    stage.told("offer-ended")
    answer(stage, session, VERA, "accepted")
    stage.told("seat-is-theirs")


def reminders(stage: Stage) -> None:
    """Anna and John are reminded of a session and told of its recording; Vera gets a digest."""
    session = stage.session(ANNA, JOHN, VERA, presenting=stage.perm, **ENGLISH)
    with transaction():
        stage.invitation(session, VERA).registration.person.reminders = "digest"
    digesting.owe_sweep()
    start = session.starts_at
    stage.heard()
    stage.until(start - timedelta(days=7))
    stage.told("a-week-before", ANNA, JOHN)
    stage.until(start - timedelta(days=3))
    stage.told("digest-of-the-week", VERA)
    stage.until(start - timedelta(days=1))
    stage.told("a-day-before", ANNA, JOHN)
    stage.until(start - timedelta(hours=1))
    stage.told("an-hour-before", ANNA, JOHN)
    stage.until(start + timedelta(hours=3))
    assert handing_over.hand_over(session.id, [a_recording()], None).refused == []
    stage.told("recording-is-here", ANNA, JOHN)


def a_recording() -> tuple[io.BytesIO, str]:
    """A second of silence."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", ""))
        sound.writeframes(bytes(16000))
    content.seek(0)
    return content, "recording.wav"


def answered_uninvited(stage: Stage) -> None:
    """Anna passes her invitation on, and somebody answers it who was not invited."""
    stage.session(ANNA)
    ((_, invitation),) = stage.heard()
    stranger = an_answer(invitation, attendee="oleg@example.org", at=stage.clock.at)
    receiving.receive(stranger, stage.clock.at)
    stage.told("somebody-uninvited-answered", "oleg@example.org")


def feeds(stage: Stage) -> None:
    """Calendars to subscribe to: empty, planned, and after much has changed."""
    stage.fetched("programme-1-empty.ru.ics", "/feeds/programme.ics")
    evening = [WallTime(datetime(2026, 10, day, 18, 0), "Europe/Moscow") for day in range(20, 25)]
    first = stage.session(ANNA, JOHN, presenting=stage.perm, **ENGLISH)
    seminar = stage.session(
        JOHN, at=evening[0], presenting=stage.kazan, format="seminar", mode="hybrid", place=SCHOOL,
        title='Семинар "Наставник; ученик", часть 1\\2', title_en="Mentors, and their pupils",
    )  # fmt: skip
    off = stage.session(ANNA, at=evening[1], presenting=stage.perm, title="Сельская школа")
    late = stage.session(ANNA, at=evening[2], title="Школьное питание", mode="in_person",
                         place=LYCEUM)  # fmt: skip
    stage.session(ANNA, at=evening[3], title="Только для участников", visibility="participants")
    stage.fetched("programme-2-planned.ru.ics", "/feeds/programme.ics")
    stage.clock.pass_by(hours=1)
    scheduling.move(first.id, FRIDAY_10_MOSCOW, first.revision, None)
    scheduling.cancel(off.id, stage.now(off.id).revision, None)
    scheduling.postpone(late.id, stage.now(late.id).revision, None)
    stage.clock.pass_by(hours=1)
    for language in ("ru", "en"):
        said = f"?lang={language}"
        stage.fetched(f"programme-3-changed.{language}.ics", f"/feeds/programme.ics{said}")
        stage.fetched(f"one-session.{language}.ics", f"/sessions/{seminar.id}.ics{said}")
    stage.fetched("season.ru.ics", f"/feeds/season/{seminar.season_id}.ics")
    stage.fetched("city-perm.ru.ics", f"/feeds/city/{stage.perm.id}.ics")
    stage.fetched("format-seminar.ru.ics", "/feeds/format/seminar.ics")
    stage.fetched("session-cancelled.ru.ics", f"/sessions/{off.id}.ics")
    for reader, language in ((ANNA, "ru"), (JOHN, "en")):
        person_id = stage.invitation(first, reader).registration.person_id
        token = feed_tokens.make(person_id)
        stage.fetched(f"personal.{language}.ics", f"/feeds/my/{token}.ics")


STORIES: dict[str, Callable[[Stage], None]] = {
    story.__name__.replace("_", "-"): story
    for story in (
        life_of_a_session, zone_changed_by_law, taken_off_the_list, in_person, hybrid,
        difficult_words, seats, reminders, answered_uninvited, feeds,
    )
}  # fmt: skip
