"""A speaker's own link: no sign-in, reading answers nothing, the answer is seen on the desk."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from integrations.runtime.database import db, transaction
from sessions.flows import scheduling, speaking
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Session, Speaker
from tests.builders import a_city, a_person, a_session, signed_in
from tests.sessions.web.reading import press, words


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host's browser, in English."""
    person = a_person(
        "host@example.org", given="Natalia", family="Orlova", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


@pytest.fixture
def guest(app: Flask) -> FlaskClient:
    """A browser of someone who is not signed in, in English."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def asked(*titles: str, person: Person | None = None) -> tuple[Session, str]:
    """A session whose speaker was asked, and the path of their link."""
    session = a_session(title="Первые три года")
    person = person or a_person(city=a_city(name_en="Perm"))
    with transaction():
        session.agenda = [
            AgendaItem(offset_min=at * 10, duration_min=10, title=title,
                       speakers=[Speaker(person_id=person.id)])
            for at, title in enumerate(titles or ["Показ"])
        ]  # fmt: skip
    speaking.ask(session.id, None, "sessions@vzaimo.test", "vzaimo.test")
    db.session.expire_all()
    return session, f"/speaking/{session.agenda[0].speakers[0].token}"


def state(session: Session) -> str:
    db.session.expire_all()
    return session.agenda[0].speakers[0].state


class TestThePage:
    def test_shows_session_items_and_local_hours_without_signing_in(self, guest):
        _, link = asked("Наставники", "Вопросы")

        answer = guest.get(link)

        page = words(answer)
        assert answer.status_code == 200
        assert "Первые три года Thursday, 15 October 2026 12:00–13:30 Perm time" in page
        assert "10:00–11:30 Moscow time" in page
        assert "Наставники 12:00–12:10 Perm time Вопросы 12:10–12:20 Perm time" in page

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_previews_of_the_link_answer_nothing(self, method, guest):
        session, link = asked()

        getattr(guest, method)(link)
        getattr(guest, method)(f"{link}?answer=yes")
        getattr(guest, method)(f"{link}/name")

        assert state(session) == "asked"

    def test_address_is_told_to_nobody_and_kept_nowhere(self, guest):
        _, link = asked()

        headers = guest.get(link).headers

        assert (headers["Referrer-Policy"], headers["Cache-Control"]) == (
            "no-referrer", "private, no-store",
        )  # fmt: skip
        assert headers["X-Robots-Tag"] == "noindex, nofollow"

    def test_draft_can_be_answered_for(self, guest):
        session, link = asked()
        with transaction():
            db.session.get_one(Session, session.id).state = "draft"

        assert guest.get(link).status_code == 200

    @pytest.mark.parametrize("path", ["/speaking/guessed", "/speaking/guessed/name"])
    def test_unknown_link_says_so(self, path, guest):
        answers = [guest.post(path, data={"answer": "yes", "family": "К"}), guest.get(path)]

        assert answers[0].status_code == 404
        assert answers[1].status_code in (302, 404)


class TestAnswering:
    @pytest.mark.parametrize(("said", "kept"), [("yes", "confirmed"), ("no", "declined")])
    def test_press_is_kept_with_the_note_and_said_on_the_page(self, said, kept, guest):
        session, link = asked()

        answer = press(guest, link, link, answer=said, note="Приеду\r\nпоездом")

        assert (answer.status_code, answer.location) == (303, link)
        assert (state(session), session.agenda[0].speakers[0].note) == (kept, "Приеду\nпоездом")
        assert "Thank you. The hosts see your answer." in words(guest.get(link))

    @pytest.mark.parametrize("said", ["", "maybe"])
    def test_press_without_an_answer_asks_for_one_and_keeps_the_note(self, said, guest):
        session, link = asked()

        answer = press(guest, link, link, answer=said, note="Подумаю")

        assert (answer.status_code, state(session)) == (409, "asked")
        assert "Подумаю" in answer.text

    def test_cancelled_session_takes_no_answer(self, guest):
        session, link = asked()
        scheduling.cancel(session.id, session.revision, None)

        page = guest.get(link)
        answer = guest.post(link, data={"answer": "yes"})

        assert "there is nothing to answer" in words(page)
        assert 'name="answer"' not in page.text
        assert (answer.status_code, state(session)) == (409, "asked")


class TestTheName:
    def test_corrected_name_stands_on_the_page_of_the_session(self, guest):
        session, link = asked()
        press(guest, link, link, answer="yes")

        answer = press(
            guest, link, f"{link}/name", family="Белова-Ким", patronymic="Львовна", post="завуч",
            organisation="школа № 5",
        )  # fmt: skip

        page = words(guest.get(f"/sessions/{session.id}"))
        assert (answer.status_code, answer.location) == (303, link)
        assert ("Анна Белова-Ким" in page, "завуч, школа № 5" in page) == (True, True)

    def test_name_left_empty_is_refused_and_the_rest_kept(self, guest):
        _, link = asked()

        answer = press(guest, link, f"{link}/name", family=" ", given="", post="завуч")

        assert answer.status_code == 400
        assert "Write your name." in words(answer)
        assert 'value="завуч"' in answer.text


class TestTheDesk:
    def desk(self, session: Session) -> str:
        return f"/sessions/{session.id}/desk"

    def test_host_asks_and_sees_what_became_of_it(self, host, guest):
        session, link = asked()
        with transaction():
            speaker = db.session.get_one(Session, session.id).agenda[0].speakers[0]
            speaker.state, speaker.token, speaker.letter_id = "named", None, None
        before = words(host.get(self.desk(session)))

        pressed = press(host, self.desk(session), f"{self.desk(session)}/speakers")
        silent = words(host.get(self.desk(session)))
        db.session.expire_all()
        link = f"/speaking/{session.agenda[0].speakers[0].token}"
        press(guest, link, link, answer="no", note="В дороге")
        after = words(host.get(self.desk(session)))

        assert "1 speaker was not asked yet." in before
        assert pressed.location == f"{self.desk(session)}#speakers"
        assert "1 speaker gets a letter." in silent
        assert "1 speaker has not answered." in silent
        assert "Анна Белова Cannot speak Показ «В дороге»" in after
        assert "Cannot speak: Анна Белова." in after
        assert "Анна Белова cannot speak. «В дороге»" in after

    def test_all_confirmed_is_ready(self, host, guest):
        session, link = asked()

        press(guest, link, link, answer="yes")

        assert "All speakers will speak." in words(host.get(self.desk(session)))

    def test_session_without_speakers_says_nothing_of_them(self, host):
        assert "Speakers" not in words(host.get(self.desk(a_session())))

    def test_stranger_asks_nobody(self, guest):
        session, _ = asked()

        answer = guest.post(f"{self.desk(session)}/speakers", data={"again": "y"})

        assert answer.status_code == 401
