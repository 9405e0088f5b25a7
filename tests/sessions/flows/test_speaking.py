"""Speakers are asked once, answer by a link of their own, and correct how they are written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.flows import handing_over, scheduling, speaking
from sessions.flows.speaking import Spelling
from sessions.models.audit import AuditLog
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Session, Speaker
from tests.builders import a_person, a_session

ANNA = Spelling("Белова", "Анна", "Львовна", "завуч", "школа № 5")


def speaks(session: Session, *titles: str, person: Person | None = None) -> Person:
    """Someone shows these items of the session, one after another."""
    person = person or a_person()
    with transaction():
        start = len(session.agenda) * 10
        session.agenda += [
            AgendaItem(offset_min=start + at * 10, duration_min=10, title=title,
                       speakers=[Speaker(person_id=person.id)])
            for at, title in enumerate(titles or ["Показ"])
        ]  # fmt: skip
    return person


def ask(session: Session, *, again: bool = False) -> speaking.Asked:
    return speaking.ask(session.id, None, "sessions@vzaimo.test", "vzaimo.test", again=again)


def states(session: Session) -> list[str]:
    db.session.expire_all()
    return [one.state for item in session.agenda for one in item.speakers]


def token_of(session: Session) -> str:
    db.session.expire_all()
    return next(str(s.token) for item in session.agenda for s in item.speakers if s.token)


class TestAsking:
    def test_everyone_with_an_address_gets_one_letter_whatever_they_show(
        self, app, outbox, work_off
    ):
        session = a_session()
        speaks(session, "Первое", "Второе")
        speaks(session, "Третье", person=a_person("boris@example.org", given="Борис"))

        asked = ask(session)
        work_off()

        assert asked.people == ["Анна Белова", "Борис Белова"]
        assert [letter["To"].addresses[0].addr_spec for letter in outbox.letters()] == [
            "anna@example.org", "boris@example.org",
        ]  # fmt: skip
        assert states(session) == ["asked", "asked", "asked"]

    def test_letter_names_items_hour_and_link_in_the_persons_language(self, app, outbox, work_off):
        session = a_session(title="Первые три года")
        speaks(session, "Наставники", "Вопросы", person=a_person("j@example.org", locale="en"))

        ask(session)
        work_off()

        letter = outbox.letters()[0]
        text = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
        assert letter["Subject"] == (
            "Will you speak? Первые три года, Thursday, 15 October 2026, 10:00–11:30 Moscow time"
        )
        assert "- Наставники\n- Вопросы" in text
        assert f"http://vzaimo.test/speaking/{token_of(session)}" in text
        assert next(iter(letter.walk())).get_content_type() == "multipart/alternative"

    def test_who_was_asked_is_not_asked_again_unless_the_host_wants_it(self, app, outbox, work_off):
        session = a_session()
        speaks(session)
        ask(session)
        work_off()
        link = token_of(session)

        with pytest.raises(Refused, match=r"speaker\.nobody_to_ask"):
            ask(session)
        ask(session, again=True)
        work_off()

        assert (len(outbox.letters()), token_of(session)) == (2, link)

    def test_two_presses_before_the_letter_leaves_are_one_letter(self, app, outbox, work_off):
        session = a_session()
        speaks(session)

        ask(session)
        ask(session, again=True)
        work_off()

        assert len(outbox.letters()) == 1

    def test_who_has_no_address_is_named_to_the_host(self, app):
        session = a_session()
        speaks(session)
        with transaction():
            nobody = Person(given="Олег", family="Ким")
            db.session.add(nobody)
        speaks(session, "Ещё", person=nobody)

        asked = ask(session)

        assert (asked.people, asked.unreachable) == (["Анна Белова"], ["Олег Ким"])
        assert states(session) == ["asked", "named"]

    def test_nobody_is_asked_of_a_session_that_is_off(self, app):
        session = a_session()
        speaks(session)
        scheduling.cancel(session.id, session.revision, None)

        with pytest.raises(Refused, match=r"speaker\.over"):
            ask(session)


class TestAnswering:
    @pytest.mark.parametrize(("will", "state"), [(True, "confirmed"), (False, "declined")])
    def test_answer_holds_for_all_items_and_is_written_down(self, will, state, app, clock):
        session = a_session()
        person = speaks(session, "Первое", "Второе")
        ask(session)
        clock.pass_by(hours=2)

        speaking.answer(token_of(session), will=will, note="после обеда")

        row = db.session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
        assert states(session) == [state, state]
        assert {(s.note, s.answered_at) for i in session.agenda for s in i.speakers} == {
            ("после обеда", datetime(2026, 10, 1, 11, 0, tzinfo=UTC))
        }
        assert (row.action, row.subject, row.person_id) == (
            f"speaker.{state}", f"session:{session.id}", person.id,
        )  # fmt: skip

    def test_last_answer_counts(self, app):
        session = a_session()
        speaks(session)
        ask(session)

        speaking.answer(token_of(session), will=True)
        speaking.answer(token_of(session), will=False)

        assert states(session) == ["declined"]

    def test_session_that_is_over_takes_no_answer(self, app, clock):
        session = a_session()
        speaks(session)
        ask(session)
        clock.move_to(datetime(2026, 10, 15, 9, 0, tzinfo=UTC))

        with pytest.raises(Refused, match=r"speaker\.over"):
            speaking.answer(token_of(session), will=True)

        assert states(session) == ["asked"]

    def test_link_that_nobody_was_given_leads_nowhere(self, app):
        with pytest.raises(LookupError):
            speaking.answer("guessed", will=True)


class TestRespelling:
    def test_name_post_and_organisation_are_as_the_speaker_writes_them(self, app):
        session = a_session()
        person = speaks(session)
        ask(session)

        speaking.respell(token_of(session), ANNA)

        known = db.session.get_one(Person, person.id)
        assert (known.patronymic, known.post, known.organisation) == (
            "Львовна", "завуч", "школа № 5",
        )  # fmt: skip

    def test_recording_names_them_so_too(self, app, tmp_path):
        session = a_session()
        speaks(session)
        ask(session)
        text = tmp_path / "words.vtt"
        text.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nслово\n")
        with text.open("rb") as file:
            handing_over.hand_over(session.id, [(file, "words.vtt")], None)

        speaking.respell(token_of(session), Spelling("Белова-Ким", "Анна", "", "", ""))

        assert handing_over.talk_of(session.id).speakers == ["Анна Белова-Ким"]

    def test_nobody_invited_hears_of_it(self, app, outbox, work_off):
        session = a_session(invited=["boris@example.org"])
        speaks(session)
        ask(session)
        work_off()

        speaking.respell(token_of(session), ANNA)
        work_off()

        assert len(outbox.to("boris@example.org")) == 1
