"""Letters: what a person reads, in which language and zone, and what their calendar is told."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from integrations.mail.outbox import Letter
from integrations.runtime.database import db, transaction
from sessions import letters
from sessions.flows import inviting, scheduling
from sessions.flows.scheduling import Details
from sessions.models.people import Person
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, a_city, a_person, a_session

THURSDAY = WallTime(datetime(2026, 10, 15, 10, 0), "Europe/Moscow")


def text_of(letter):
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(letter):
    return letter.get_body(("html",)).get_content()


def details_of(session, **changes):
    fields = (
        "title", "title_en", "summary", "format", "mode", "visibility", "place", "duration_min",
    )  # fmt: skip
    return Details(**{**{name: getattr(session, name) for name in fields}, **changes})


def renewed(session) -> Session:
    return db.session.get_one(Session, session.id)


def test_subject_says_what_where_and_when_in_the_readers_own_zone(outbox, work_off):
    a_person("marina@example.org", city=a_city())
    a_session(THURSDAY, invited=["marina@example.org"])

    work_off()

    (letter,) = outbox.letters()
    assert str(letter["Subject"]) == (
        "Приглашение: Первые три года учителя, четверг, 15 октября 2026, 12:00–13:30 по Перми"
    )


def test_text_names_the_city_of_the_reader_and_the_programmes_hours_under_it(outbox, work_off):
    a_person("marina@example.org", city=a_city())
    a_session(THURSDAY, invited=["marina@example.org"])

    work_off()

    (letter,) = outbox.letters()
    assert text_of(letter).replace("\u00a0", " ").splitlines()[6:9] == [
        "Четверг, 15 октября 2026",
        "12:00–13:30 по Перми",
        "10:00–11:30 по Москве",
    ]


def test_a_reader_who_lives_by_the_programmes_hours_sees_them_once(outbox, work_off):
    a_person("kazan@example.org", city=a_city("Казань", "Europe/Moscow", "Казани"))
    a_session(THURSDAY, invited=["kazan@example.org"])

    work_off()

    (letter,) = outbox.letters()
    assert re.findall(r"\d+:\d+–\d+:\d+.+", text_of(letter).replace("\u00a0", " ")) == [
        "10:00–11:30 по Казани"
    ]


def test_date_beside_the_programmes_hours_where_the_day_differs(outbox, work_off):
    a_person("kamchatka@example.org", city=a_city("Елизово", "Asia/Kamchatka", "Елизову"))
    a_session(
        WallTime(datetime(2026, 10, 15, 18, 0), "Europe/Moscow"), invited=["kamchatka@example.org"]
    )

    work_off()

    (letter,) = outbox.letters()
    assert text_of(letter).replace("\u00a0", " ").splitlines()[6:9] == [
        "Пятница, 16 октября 2026",
        "3:00–4:30 по Елизову",
        "четверг, 15 октября 2026, 18:00–19:30 по Москве",
    ]


def test_english_reader_gets_english_words_and_the_english_title(outbox, work_off):
    with transaction():
        city = a_city()
        city.name_en = "Perm"
    a_person("john@example.org", locale="en", city=city)
    session = a_session(THURSDAY, draft=True, invited=["john@example.org"])
    scheduling.edit(session.id, details_of(session, title_en="A teacher’s first years"), 1, None)
    scheduling.schedule(session.id, 2, None)

    work_off()

    (letter,) = outbox.letters()
    assert str(letter["Subject"]) == (
        "Invitation: A teacher’s first years, Thursday, 15 October 2026, 12:00–13:30 Perm time"
    )


def test_text_and_html_both_lead_to_the_persons_own_join_page(outbox, work_off):
    a_person("marina@example.org", city=a_city())
    session = a_session(THURSDAY, invited=["marina@example.org"])
    work_off()

    (letter,) = outbox.letters()

    token = str(letter["From"]).split("+")[1].split("@")[0]
    join, page = f"http://vzaimo.test/j/{token}", f"http://vzaimo.test/sessions/{session.id}"
    answers = [
        f"http://vzaimo.test/a/{token}?answer={answer}"
        for answer in ("accepted", "tentative", "declined")
    ]
    less = f"http://vzaimo.test/u/{token}"
    assert re.findall(r"http\S+", text_of(letter)) == [*answers, join, page, less]
    assert re.findall(r'href="([^"]+)"', html_of(letter)) == [*answers, join, join, page, less]


def test_letter_of_a_closed_session_has_no_link_that_asks_for_an_account(outbox, work_off):
    a_person("marina@example.org", city=a_city())
    session = a_session(THURSDAY, invited=["marina@example.org"], visibility="participants")
    work_off()

    (letter,) = outbox.letters()

    assert f"/sessions/{session.id}" not in text_of(letter) + html_of(letter)


def test_each_letter_holds_one_address_besides_ours(outbox, work_off):
    people = ["anna@example.org", "boris@example.org", "vera@example.org"]
    a_session(THURSDAY, invited=people)
    work_off()

    letters_sent = outbox.raw()

    parts = [outbox_text(letter) for letter in outbox.letters()]
    found = [sorted(set(re.findall(r"[\w.]+@example\.org", part))) for part in parts]
    assert len(letters_sent) == 3
    assert sorted(found) == [[address] for address in people]


def outbox_text(letter):
    """Headers and all parts of a letter, decoded."""
    headers = "\n".join(f"{name}: {value}" for name, value in letter.items())
    bodies = [part.get_content() for part in letter.walk() if not part.is_multipart()]
    return "\n".join([headers, *bodies])


def test_line_breaks_in_a_title_make_no_header(outbox, work_off):
    a_session(
        THURSDAY,
        invited=["anna@example.org"],
        title="Встреча\r\nBcc: thief@example.org\r\n\r\nBody",
    )

    work_off()

    (letter,) = outbox.letters()
    assert letter["Bcc"] is None
    assert str(letter["To"]) == "anna@example.org"
    assert str(letter["Subject"]).startswith("Приглашение: Встреча Bcc: thief@example.org Body")
    (event,) = outbox.calendars_to("anna@example.org")
    assert "BCC" not in event


def test_line_breaks_in_a_name_make_no_header(outbox, work_off):
    a_person("anna@example.org", given="Анна\r\nBcc: thief@example.org", family="Белова")
    a_session(THURSDAY, invited=["anna@example.org"])

    work_off()

    (letter,) = outbox.letters()
    assert letter["Bcc"] is None
    assert [address.addr_spec for address in letter["To"].addresses] == ["anna@example.org"]


def test_markup_in_a_title_stays_text(outbox, work_off):
    a_session(THURSDAY, invited=["anna@example.org"], title="<script>alert(1)</script> & дети")

    work_off()

    (letter,) = outbox.letters()
    assert "<script>" not in html_of(letter)
    assert "<script>alert(1)</script> & дети" in text_of(letter).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("locale", "subject", "headline"),
    [("ru", "Отмена: ", "Отменена: Первые"), ("en", "Cancelled: ", "Cancelled: Первые")],
)
def test_letter_says_first_that_the_session_is_cancelled(
    locale, subject, headline, clock, outbox, work_off
):
    a_person("anna@example.org", locale=locale)
    session = a_session(THURSDAY, invited=["anna@example.org"])
    work_off()
    clock.pass_by(minutes=1)

    scheduling.cancel(session.id, renewed(session).revision, None)
    work_off()

    _, cancelled = outbox.letters()
    assert str(cancelled["Subject"]).startswith(subject)
    assert text_of(cancelled).splitlines()[2].startswith(headline)
    assert "/j/" not in text_of(cancelled) + html_of(cancelled)


def test_subject_tells_a_move_from_a_change_of_words_and_a_return(clock, outbox, work_off):
    session = a_session(THURSDAY, invited=["anna@example.org"])
    work_off()
    for change in (
        lambda now: scheduling.move(now.id, FRIDAY_10_MOSCOW, now.revision, None),
        lambda now: scheduling.edit(now.id, details_of(now, summary="Новое"), now.revision, None),
        lambda now: scheduling.cancel(now.id, now.revision, None),
        lambda now: scheduling.reinstate(now.id, now.revision, None),
    ):
        clock.pass_by(minutes=1)
        change(renewed(session))
        work_off()

    subjects = [str(letter["Subject"]).split(":")[0] for letter in outbox.letters()]

    assert subjects == [
        "Приглашение", "Новое время или место", "Изменение", "Отмена",
        "Встреча всё-таки состоится",
    ]  # fmt: skip


def test_later_letters_stand_under_the_first_one(clock, outbox, work_off):
    session = a_session(THURSDAY, invited=["anna@example.org"])
    work_off()
    clock.pass_by(minutes=1)

    scheduling.move(session.id, FRIDAY_10_MOSCOW, renewed(session).revision, None)
    work_off()

    first, second = outbox.letters()
    assert (second["In-Reply-To"], second["References"]) == (first["Message-ID"],) * 2


def test_place_of_a_session_in_person_stands_in_letter_and_calendar(outbox, work_off):
    session = a_session(THURSDAY, draft=True, invited=["anna@example.org"])
    changed = details_of(session, mode="in_person", place="Пермь, ул. Ленина, 51")
    scheduling.edit(session.id, changed, 1, None)
    scheduling.schedule(session.id, 2, None)

    work_off()

    (letter,) = outbox.letters()
    assert "Где: Пермь, ул. Ленина, 51" in text_of(letter).replace("\u00a0", " ")
    assert "/j/" not in text_of(letter)
    (event,) = outbox.calendars_to("anna@example.org")
    assert event["LOCATION"] == "Пермь, ул. Ленина, 51"


def test_calendar_part_is_last_inline_and_names_its_method(outbox, work_off):
    a_session(THURSDAY, invited=["anna@example.org"])

    work_off()

    (letter,) = outbox.letters()
    parts = list(letter.iter_parts())
    assert [part.get_content_type() for part in parts] == [
        "text/plain", "text/html", "text/calendar",
    ]  # fmt: skip
    assert parts[-1]["Content-Disposition"] is None
    assert parts[-1].get_param("method") == "REQUEST"


def test_written_again_a_letter_is_byte_equal(app):
    session = a_session(THURSDAY, invited=["anna@example.org"])
    letter = db.session.query(Letter).one()

    first, second = letters.write_invite(letter), letters.write_invite(letter)

    assert first == second
    assert renewed(session).state == "scheduled"


def test_someone_invited_late_gets_an_invitation_not_an_update(clock, outbox, work_off):
    session = a_session(THURSDAY, invited=["anna@example.org"])
    work_off()
    scheduling.move(session.id, FRIDAY_10_MOSCOW, renewed(session).revision, None)
    clock.pass_by(minutes=1)

    inviting.invite(session.id, [("", "boris@example.org")], None)
    work_off()

    (letter,) = outbox.to("boris@example.org")
    (event,) = outbox.calendars_to("boris@example.org")
    assert str(letter["Subject"]).startswith("Приглашение: ")
    assert event["SEQUENCE"] == 1


def test_sign_in_letter_holds_the_link_in_text_and_html(app, outbox, work_off):
    person = a_person("anna@example.org")
    with transaction():
        person = db.session.get_one(Person, person.id)
        letters.post_sign_in(
            person, "anna@example.org", "http://vzaimo.test/sign-in/link/secret?next=%2F&a=1", 30,
            "one@vzaimo.test",
        )  # fmt: skip

    work_off()

    (letter,) = outbox.letters()
    link = "http://vzaimo.test/sign-in/link/secret?next=%2F&a=1"
    assert re.findall(r"http\S+", text_of(letter)) == [link]
    assert set(re.findall(r'href="([^"]+)"', html_of(letter))) == {link.replace("&", "&amp;")}
    assert letter.get_content_type() == "multipart/alternative"


def test_english_reader_gets_the_english_summary_in_letter_and_calendar(outbox, work_off):
    a_person("john@example.org", locale="en")
    session = a_session(THURSDAY, draft=True, invited=["john@example.org"], summary="Как удержать.")
    with transaction():
        renewed(session).summary_en = "How to keep them."
    scheduling.schedule(session.id, 1, None)

    work_off()

    (letter,) = outbox.letters()
    (event,) = outbox.calendars_to("john@example.org")
    told = [text_of(letter), html_of(letter), str(event["DESCRIPTION"])]
    assert [("How to keep them." in text, "Как удержать." in text) for text in told] == [
        (True, False)
    ] * 3
