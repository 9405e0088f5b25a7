"""Reminders and digests as people read them: whose time, which question, which links."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from integrations.mail.outbox import Letter, send_again
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.flows import handing_over
from sessions.models.participation import Invitation, Registration
from sessions.models.session import SessionCity
from tests.builders import THURSDAY_10_MOSCOW, a_city, a_person, a_session
from tests.conftest import Clock
from tests.outbox import Outbox
from tests.reminded import pass_until
from tests.sessions.flows.test_reminding import a_recording, answer

THURSDAY = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)
MARINA = "marina@example.org"
PEOPLE = [MARINA, "anna@example.org", "boris@example.org"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, reminders="week,day,hour,recording")


@pytest.fixture
def until(clock: Clock, work_off: Callable[[], int]) -> Callable[[datetime], None]:
    return lambda at: pass_until(at, clock, work_off)


def text_of(letter: EmailMessage) -> str:
    text: str = letter.get_body(("plain",)).get_content()
    return text.replace("\r\n", "\n").replace("\u00a0", " ")


def html_of(letter: EmailMessage) -> str:
    found: str = letter.get_body(("html",)).get_content()
    return found


def last(outbox: Outbox, address: str = MARINA) -> EmailMessage:
    return outbox.to(address)[-1]


def token(address: str = MARINA) -> str:
    return db.session.query(Invitation).filter_by(attendee_email=address).one().token


@pytest.fixture
def marina(app):
    """Who lives in Perm and reads Russian."""
    return a_person(MARINA, given="Марина", city=a_city())


@pytest.mark.parametrize(
    ("away", "subject"),
    [
        (
            timedelta(days=7),
            "Через неделю: Первые три года учителя, четверг, 15 октября 2026, 12:00–13:30 по Перми",
        ),
        (timedelta(days=1), "Завтра: Первые три года учителя, 12:00–13:30 по Перми"),
        (timedelta(hours=1), "Через час: Первые три года учителя, 12:00–13:30 по Перми"),
    ],
)
def test_subject_says_how_near_it_is_and_the_hour_of_the_reader(
    away, subject, marina, until, outbox
):
    a_session(invited=[MARINA])

    until(THURSDAY - away)

    assert str(last(outbox)["Subject"]).replace("\u00a0", " ") == subject


def test_english_reader_in_another_zone_reads_their_own_hour_and_moscows(app, until, outbox):
    reader = a_person("ann@example.org", given="Ann", locale="en")
    with transaction():
        reader.tz = "Asia/Kamchatka"
    a_session(invited=["ann@example.org"], title="The first three years")

    until(THURSDAY - timedelta(days=1))

    letter = last(outbox, "ann@example.org")
    assert str(letter["Subject"]).replace("\u00a0", " ") == (
        "Tomorrow: The first three years, 19:00–20:30 Kamchatka time"
    )
    assert text_of(letter).splitlines()[6:9] == [
        "Thursday, 15 October 2026",
        "19:00–20:30 Kamchatka time",
        "10:00–11:30 Moscow time",
    ]


def test_reminder_has_the_readers_own_links_and_no_calendar(marina, until, outbox):
    a_session(invited=[MARINA])

    until(THURSDAY - timedelta(hours=1))

    letter = last(outbox)
    kinds = [part.get_content_type() for part in letter.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html"]
    links = re.findall(r"http://vzaimo\.test/\w+/\w+(?:\?\w+=\w+)?", text_of(letter))
    assert links == [
        f"http://vzaimo.test/j/{token()}",
        f"http://vzaimo.test/a/{token()}?answer=accepted",
        f"http://vzaimo.test/a/{token()}?answer=tentative",
        f"http://vzaimo.test/a/{token()}?answer=declined",
        f"http://vzaimo.test/u/{token()}",
    ]


def test_reminder_stands_under_its_invitation_and_can_be_stopped_by_one_press(
    marina, until, outbox
):
    a_session(invited=[MARINA])

    until(THURSDAY - timedelta(hours=1))

    first, letter = outbox.to(MARINA)[0], last(outbox)
    assert letter["In-Reply-To"] == letter["References"] == first["Message-ID"]
    assert letter["List-Unsubscribe"] == f"<http://vzaimo.test/u/{token()}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"


def test_who_has_not_answered_is_asked_and_who_has_is_told_what_they_said(marina, until, outbox):
    a_session(invited=[MARINA])
    until(THURSDAY - timedelta(days=7))
    asked = html_of(last(outbox))

    answer("accepted", MARINA)
    until(THURSDAY - timedelta(days=1))

    assert ("?answer=accepted" in asked, "?answer=accepted" in html_of(last(outbox))) == (
        True, False,
    )  # fmt: skip
    assert "Вы ответили: приду." in text_of(last(outbox))


def test_who_comes_in_person_reads_where_and_sees_no_button_to_join(marina, until, outbox):
    session = a_session(invited=[MARINA], mode="hybrid")
    with transaction():
        session.place = "Школа № 7, зал"
        db.session.query(Registration).one().mode = "in_person"

    until(THURSDAY - timedelta(days=1))

    letter = last(outbox)
    assert "Где: Школа № 7, зал" in text_of(letter)
    assert f"/j/{token()}" not in html_of(letter)


def test_recording_open_to_all_is_a_press_away(marina, until, outbox):
    session = a_session(invited=[MARINA])
    until(THURSDAY + timedelta(hours=4))
    handing_over.hand_over(session.id, [a_recording()], None)

    until(THURSDAY + timedelta(hours=5))

    talk = handing_over.talk_of(session.id)
    letter = last(outbox)
    assert f"http://vzaimo.test/talks/{talk.id}\n" in text_of(letter)
    assert "?answer=" not in text_of(letter)


def test_recording_for_participants_is_reached_through_their_own_page(marina, until, outbox):
    session = a_session(invited=[MARINA], visibility="participants")
    until(THURSDAY + timedelta(hours=4))
    handing_over.hand_over(session.id, [a_recording()], None)

    until(THURSDAY + timedelta(hours=5))

    assert f"http://vzaimo.test/j/{token()}\n" in text_of(last(outbox))
    assert "/talks/" not in text_of(last(outbox))


def test_no_letter_holds_anothers_address_or_link(marina, until, outbox):
    a_person("anna@example.org")
    session = a_session(THURSDAY_10_MOSCOW, invited=PEOPLE)
    with transaction():
        session.cities = [SessionCity(city_id=marina.city_id, role="presenting")]
    until(THURSDAY + timedelta(hours=4))
    handing_over.hand_over(session.id, [a_recording()], None)
    until(THURSDAY + timedelta(hours=5))

    letters = outbox.letters()

    secrets = {address: (address, token(address)) for address in PEOPLE}
    assert len(letters) == 5 * len(PEOPLE)
    for letter in letters:
        whole = str(letter) + text_of(letter) + html_of(letter)
        (mine,) = [address for address in PEOPLE if address in str(letter["To"])]
        others = [one for address in PEOPLE if address != mine for one in secrets[address]]
        assert [one for one in others if one in whole] == []
        assert letter["Cc"] is None
        assert letter["Bcc"] is None


def test_title_with_line_ends_and_markup_stays_a_title(marina, until, outbox):
    a_session(invited=[MARINA], title="One\r\nBcc: evil@example.org\r\n\r\n<b>x</b>")

    until(THURSDAY - timedelta(days=1))

    letter = last(outbox)
    assert letter["Bcc"] is None
    assert "<b>x</b>" not in html_of(letter)


def test_reminder_sent_again_after_a_crash_is_the_same_byte_by_byte(marina, until, outbox, app):
    a_session(invited=[MARINA])
    until(THURSDAY - timedelta(days=1))
    (before,) = outbox.raw()[-1:]

    with transaction():
        reminders = db.session.query(Letter).filter_by(kind="reminder").order_by(Letter.id.desc())
        send_again(reminders[0].id)
    until(THURSDAY - timedelta(hours=23))

    assert outbox.raw()[-1] == before
