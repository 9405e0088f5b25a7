"""Invitations that were answered, whose organizer they keep, and what only their reader sees."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from icalendar import Calendar

from integrations.runtime import ports
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.flows import scheduling
from sessions.flows.scheduling import Details
from sessions.models.participation import Answer, Invitation
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_person, a_session

ANNA = "anna@example.org"


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def answered(answer: str, session, clock) -> None:
    with transaction():
        one = db.session.query(Invitation).first()
        db.session.add(
            Answer(
                invitation_id=one.id, answer=answer, answered_at=clock.at, source="mail",
                starts_at=now(session).starts_at,
            )
        )  # fmt: skip


def edit(session, **changes) -> None:
    names = ("title", "title_en", "summary", "format", "mode", "visibility", "place",
             "duration_min")  # fmt: skip
    facts = {name: getattr(now(session), name) for name in names} | changes
    scheduling.edit(session.id, Details(**facts), now(session).revision, None)


def move(session) -> None:
    scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)


def cancel(session) -> None:
    scheduling.cancel(session.id, now(session).revision, None)


def partstats(outbox) -> list[str | None]:
    return [event["ATTENDEE"].params.get("PARTSTAT") for event in outbox.calendars_to(ANNA)]


def html_of(letter) -> str:
    return letter.get_body(("html",)).get_content().replace("\u00a0", " ")


def text_of(letter) -> str:
    return letter.get_body(("plain",)).get_content().replace("\u00a0", " ")


@pytest.fixture
def session(app, work_off, clock):
    """A session of which Anna, who reads English, has the first letter."""
    a_person(ANNA, locale="en")
    made = a_session(invited=[ANNA])
    work_off()
    clock.pass_by(minutes=1)
    return made


@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined"])
def test_update_repeats_the_answer_that_is_known(answer, session, clock, outbox, work_off):
    answered(answer, session, clock)

    edit(session, summary="Новое")
    work_off()

    assert partstats(outbox) == ["NEEDS-ACTION", answer.upper()]


def test_move_asks_anew(session, clock, outbox, work_off):
    answered("accepted", session, clock)

    move(session)
    work_off()

    assert partstats(outbox) == ["NEEDS-ACTION", "NEEDS-ACTION"]
    assert "Will you come?" in html_of(outbox.letters()[1])


def test_letter_says_what_was_answered_and_leads_to_another_answer(
    session, clock, outbox, work_off
):
    answered("accepted", session, clock)

    edit(session, summary="Новое")
    work_off()

    first, second = outbox.letters()
    assert "Will you come?" in text_of(first)
    assert "You answered: I come." in text_of(second)
    assert "You answered: I come." in html_of(second)
    assert "Will you come?" not in text_of(second) + html_of(second)
    token = db.session.query(Invitation).one().token
    assert f'href="http://vzaimo.test/a/{token}"' in html_of(second)


def test_cancellation_asks_nothing(session, clock, outbox, work_off):
    cancel(session)
    work_off()

    letter = outbox.letters()[1]
    assert "/a/" not in text_of(letter) + html_of(letter)
    assert partstats(outbox) == ["NEEDS-ACTION", None]


def test_mail_programs_are_told_how_to_stop_letters_with_one_press(session, outbox):
    (letter,) = outbox.letters()

    token = db.session.query(Invitation).one().token
    assert letter["List-Unsubscribe"] == f"<http://vzaimo.test/u/{token}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_organizer_stays_when_the_sites_address_becomes_another(
    session, settings, outbox, work_off
):
    ports.put(Settings, replace(settings, mail_from="new@another.test"))

    move(session)
    work_off()

    first, second = outbox.calendars_to(ANNA)
    assert second["ORGANIZER"] == first["ORGANIZER"]
    assert second["ORGANIZER"].params["SENT-BY"] == "mailto:new@another.test"
    assert [address.addr_spec for address in outbox.letters()[1]["From"].addresses] == [
        "new@another.test"
    ]


class TestPlainAddress:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, mail_subaddress="no")

    def test_organizer_is_the_plain_address_and_the_uid_stays_the_sessions(
        self, session, outbox, settings
    ):
        (event,) = outbox.calendars_to(ANNA)

        assert event["ORGANIZER"] == "mailto:sessions@vzaimo.test"
        assert event["UID"] == now(session).uid
        (letter,) = outbox.letters()
        assert [address.addr_spec for address in letter["From"].addresses] == [
            "sessions@vzaimo.test"
        ]

    def test_organizer_stays_plain_when_sub_addresses_begin_to_arrive(
        self, session, settings, outbox, work_off
    ):
        ports.put(Settings, replace(settings, mail_subaddress="yes"))

        move(session)
        work_off()

        first, second = outbox.calendars_to(ANNA)
        assert second["ORGANIZER"] == first["ORGANIZER"] == "mailto:sessions@vzaimo.test"


def test_link_stands_in_all_places_in_which_calendars_look_for_it(session, outbox):
    (event,) = outbox.calendars_to(ANNA)

    link = f"http://vzaimo.test/j/{db.session.query(Invitation).one().token}"
    assert [event["LOCATION"], event["URL"], event["CONFERENCE"]] == [link] * 3
    assert event["DESCRIPTION"].splitlines()[0] == link


def test_session_in_person_is_no_video_conference(app, outbox, work_off):
    session = a_session(draft=True, invited=[ANNA])
    edit(session, mode="in_person", place="Пермь, ул. Ленина, 51")
    scheduling.schedule(session.id, now(session).revision, None)

    work_off()

    (event,) = outbox.calendars_to(ANNA)
    assert "CONFERENCE" not in event


def test_no_letter_of_any_step_holds_anything_of_another_person(app, clock, outbox, work_off):
    people = {
        ANNA: ("Анна", "Белова"), "boris@example.org": ("Борис", "Ким"),
        "vera@example.org": ("Вера", "Соколова"),
    }  # fmt: skip
    for address, (given, family) in people.items():
        a_person(address, given=given, family=family)
    session = a_session(invited=list(people))
    work_off()
    for step in (lambda: edit(session, summary="Новое"), lambda: move(session),
                 lambda: cancel(session)):  # fmt: skip
        clock.pass_by(minutes=1)
        step()
        work_off()

    tokens = {one.attendee_email: one.token for one in db.session.query(Invitation)}
    seen = dict.fromkeys(people, 0)
    for raw in outbox.raw():
        letter = message_from_bytes(raw, policy=policy.default)
        (reader,) = (to.addr_spec for to in letter["To"].addresses)
        everything = all_of(letter)
        seen[reader] += 1
        for address, (given, family) in people.items():
            mine = address == reader
            assert (address in everything) == mine
            assert (tokens[address] in everything) == mine
            assert (family in everything) == mine
            assert given not in everything or mine
    assert seen == dict.fromkeys(people, 4)


def all_of(letter) -> str:
    """Headers and parts as a reader's programs have them, calendar lines unfolded."""
    parts = []
    for part in letter.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_content()
            assert Calendar.from_ical(content)
            parts.append(re.sub(r"\r?\n ", "", content))
        elif not part.is_multipart():
            parts.append(part.get_content())
    return "\n".join([*(f"{name}: {value}" for name, value in letter.items()), *parts])


def test_revision_never_goes_back_in_what_a_calendar_is_told(session, clock, outbox, work_off):
    for step in (move, cancel):
        step(session)
        work_off()
        clock.pass_by(minutes=1)
    scheduling.reinstate(session.id, now(session).revision, None)
    work_off()

    events = outbox.calendars_to(ANNA)
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2, 3]
    assert len({str(event["UID"]) for event in events}) == 1
    assert len({str(event["ORGANIZER"]) for event in events}) == 1
    stamps = [event.decoded("DTSTAMP") for event in events]
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in
               itertools.pairwise(stamps))  # fmt: skip
