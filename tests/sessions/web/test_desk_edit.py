"""Editing a session in full: cities by name, an agenda of rows, people found or made, no script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integrations.runtime.database import db, transaction
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Session, Speaker
from tests.builders import a_city, a_person, a_session, a_topic, signed_in
from tests.queries import counted
from tests.sessions.web.reading import fields, words


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host's browser, in English."""
    person = a_person(
        "host@example.org", given="Natalia", family="Orlova", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


def now(session: Session) -> Session:
    db.session.expire_all()
    return db.session.get_one(Session, session.id)


def address(session: Session) -> str:
    return f"/sessions/{session.id}/desk/edit"


def form(client: FlaskClient, session: Session) -> dict[str, str]:
    return fields(client.get(address(session)), address(session))


def send(client: FlaskClient, session: Session, sent: dict[str, object]) -> TestResponse:
    return client.post(address(session), data=sent)


def step(client: FlaskClient, session: Session, sent: dict[str, str], do: str) -> TestResponse:
    """Press one of the buttons that add, move or remove rows."""
    return client.post(address(session), data={**sent, "do": do})


def after(client: FlaskClient, session: Session, sent: dict[str, str], do: str) -> dict[str, str]:
    return fields(step(client, session, sent, do), address(session))


def focused(answer: TestResponse) -> list[str]:
    """The ids of the controls that take the focus."""
    tags = re.findall(r"<(?:input|button|textarea)[^>]*\sautofocus[^>]*>", answer.text)
    return [match[1] for tag in tags if (match := re.search(r'\sid="([^"]+)"', tag))]


def with_item(session: Session, *people: Person, title: str = "Показ", at: int = 0) -> Session:
    with transaction():
        session.agenda.append(
            AgendaItem(
                offset_min=at, duration_min=20, title=title,
                speakers=[Speaker(person_id=p.id, position=n) for n, p in enumerate(people)],
            )
        )  # fmt: skip
    return session


class TestWords:
    def test_all_fields_are_saved(self, host):
        session = a_session()
        topic = a_topic(session.season)
        owner = a_person("o@example.org", roles=[("session_host", f"session:{session.id}")])

        answer = send(
            host, session,
            {
                **form(host, session), "summary_en": "In short", "language": "en",
                "capacity_online": "200", "capacity_in_person": "30", "topic": str(topic.id),
                "owner": str(owner.id),
            },
        )  # fmt: skip

        saved = now(session)
        assert answer.status_code == 302
        assert (saved.summary_en, saved.language) == ("In short", "en")
        assert (saved.capacity_online, saved.capacity_in_person) == (200, 30)
        assert (saved.topic_id, saved.owner_id) == (topic.id, owner.id)

    @pytest.mark.parametrize("wrong", ["many", "0", "-3", "9999999"])
    def test_seats_that_are_no_number_are_pointed_at_and_kept(self, wrong, host):
        session = a_session()

        answer = send(host, session, {**form(host, session), "capacity_online": wrong})

        assert answer.status_code == 400
        assert "Write a number of places" in words(answer)
        assert fields(answer, address(session))["capacity_online"] == wrong

    def test_topic_of_another_season_cannot_be_sent(self, host):
        session = a_session()

        answer = send(host, session, {**form(host, session), "topic": "999"})

        assert (answer.status_code, now(session).topic_id) == (400, None)

    def test_page_gone_back_to_after_saving_loses_nothing_written_on_it(self, host):
        session = a_session()
        sent = form(host, session)
        send(host, session, {**sent, "title": "Первая"})

        again = send(host, session, {**sent, "title": "Вторая"})
        kept = fields(again, address(session))
        send(host, session, kept)

        assert (again.status_code, kept["title"]) == (409, "Вторая")
        assert "You saved this session after opening this page." in words(again)
        assert now(session).title == "Вторая"

    def test_fields_not_touched_take_what_another_host_saved_meanwhile(self, host):
        session = with_item(a_session())
        mine, theirs = form(host, session), form(host, session)
        send(host, session, {**theirs, "summary": "Их слова", "place": "Их зал",
                             "i0-place": "Их сцена"})  # fmt: skip

        stale = send(host, session, {**mine, "title": "Моё", "place": "Мой зал"})
        kept = fields(stale, address(session))
        again = send(host, session, kept)

        saved = now(session)
        assert (stale.status_code, again.status_code) == (409, 302)
        assert (saved.title, saved.place) == ("Моё", "Мой зал")
        assert (saved.summary, saved.agenda[0].place) == ("Их слова", "Их сцена")

    def test_page_says_who_sees_the_files_when(self, host):
        page = words(host.get(address(a_session())))

        assert "Until the session begins only the team sees them" in page


class TestCities:
    def test_cities_typed_by_name_are_saved_in_either_language_whatever_the_case(self, host):
        perm, orel = a_city(name_en="Perm"), a_city("Орёл", "Europe/Moscow")
        session = a_session()

        send(
            host, session,
            {**form(host, session), "presenting_more": "орел, PERM", "receiving_more": "Пермь"},
        )  # fmt: skip

        assert [(part.role, part.city_id) for part in now(session).cities] == [
            ("presenting", orel.id), ("presenting", perm.id), ("receiving", perm.id),
        ]  # fmt: skip

    def test_button_adds_the_city_as_a_ticked_box_and_empties_the_field(self, host):
        perm = a_city()
        session = a_session()

        answer = step(
            host, session, {**form(host, session), "presenting_more": "Пермь"},
            "add-city presenting",
        )  # fmt: skip

        kept = fields(answer, address(session))
        assert (kept["presenting"], kept["presenting_more"]) == (str(perm.id), "")
        assert (focused(answer), now(session).cities) == (["presenting_more"], [])

    def test_city_that_nobody_knows_is_pointed_at_and_the_others_taken(self, host):
        perm = a_city()
        session = a_session()

        answer = send(host, session, {**form(host, session), "host_more": "Пермь, Китеж"})

        kept = fields(answer, address(session))
        assert (answer.status_code, kept["host"], kept["host_more"]) == (400, str(perm.id), "Китеж")
        assert "There is no city called «Китеж»" in words(answer)

    def test_unticked_city_is_taken_off(self, host):
        session = a_session(presenting=[a_city().id])
        sent = form(host, session)
        del sent["presenting"]

        send(host, session, sent)

        assert now(session).cities == []


class TestRows:
    def test_added_row_begins_where_the_last_ends_and_has_the_focus(self, host):
        session = with_item(a_session())

        answer = step(host, session, form(host, session), "add-item")

        kept = fields(answer, address(session))
        assert (kept["agenda"], kept["i1-at"], kept["i0-title"]) == ("0:;1:", "10:20", "Показ")
        assert focused(answer) == ["i1-title"]
        assert len(now(session).agenda) == 1

    def test_rows_are_saved_with_hour_length_room_and_both_titles(self, host):
        session = a_session()
        sent = after(host, session, form(host, session), "add-item")

        answer = send(
            host, session,
            {
                **sent, "i0-at": "10.30", "i0-length": "25", "i0-title": "Показ",
                "i0-title_en": "Show", "i0-place": "Зал",
            },
        )  # fmt: skip

        item = now(session).agenda[0]
        assert answer.status_code == 302
        assert (item.offset_min, item.duration_min, item.title, item.title_en, item.place) == (
            30, 25, "Показ", "Show", "Зал",
        )  # fmt: skip

    def test_item_keeps_its_row_when_it_is_changed(self, host):
        session = with_item(a_session())
        id_ = session.agenda[0].id

        send(host, session, {**form(host, session), "i0-title": "Иначе"})

        assert [(item.id, item.title) for item in now(session).agenda] == [(id_, "Иначе")]

    def test_removed_row_is_gone_once_saved_and_the_focus_goes_on(self, host):
        session = with_item(with_item(a_session()), title="Вопросы", at=20)

        answer = step(host, session, form(host, session), "drop-item i0")
        send(host, session, fields(answer, address(session)))

        assert focused(answer) == ["i1-drop"]
        assert [item.title for item in now(session).agenda] == ["Вопросы"]

    def test_row_left_empty_is_forgotten(self, host):
        session = a_session()

        answer = send(host, session, after(host, session, form(host, session), "add-item"))

        assert (answer.status_code, now(session).agenda) == (302, [])

    @pytest.mark.parametrize(
        ("field", "wrong", "said"),
        [
            ("at", "noon", "Agenda, item 1: write the hour like this"),
            ("at", "25:00", "Agenda, item 1: write the hour like this"),
            ("length", "long", "Agenda, item 1: write the minutes as a number"),
            ("title", "", "Agenda, item 1: write what is shown"),
        ],
    )
    def test_what_is_wrong_is_pointed_at_and_nothing_is_lost(self, field, wrong, said, host):
        session = a_session()
        sent = after(host, session, form(host, session), "add-item")
        sent.update({"i0-title": "Показ", "i0-place": "Зал", "summary": "Мои слова"})

        answer = send(host, session, {**sent, f"i0-{field}": wrong})

        kept = fields(answer, address(session))
        assert answer.status_code == 400
        assert said in words(answer)
        assert f'href="#i0-{field}"' in answer.text
        assert (kept[f"i0-{field}"], kept["i0-place"], kept["summary"]) == (
            wrong, "Зал", "Мои слова",
        )  # fmt: skip

    def test_wrong_title_of_the_session_loses_no_row(self, host):
        session = a_session()
        sent = after(host, session, form(host, session), "add-item")

        answer = send(host, session, {**sent, "i0-title": "Показ", "title": ""})

        assert fields(answer, address(session))["i0-title"] == "Показ"

    def test_overlaps_and_items_outside_are_said_and_saved(self, host):
        session = with_item(with_item(a_session()), title="Вопросы", at=80)
        sent = {**form(host, session), "i1-at": "10:10", "i1-length": "90"}

        checked = words(step(host, session, sent, "check"))
        answer = send(host, session, sent)
        said = words(host.get(answer.location))

        for page in (checked, said):
            assert "Shares 10 min with «Показ»." in page
            assert "Ends 10 min after the session does." in page
        assert (answer.status_code, now(session).agenda[1].offset_min) == (302, 10)

    def test_enter_in_a_field_saves_rather_than_pressing_a_rows_button(self, host):
        session = with_item(a_session())

        page = host.get(address(session)).text
        sent = page[page.index("data-edit") :]

        assert "name=" not in re.findall(r"<button[^>]*>", sent)[0]


class TestSpeakers:
    def row(self, host: FlaskClient, session: Session) -> dict[str, str]:
        """The form with an item and an empty row for a speaker."""
        sent = {**after(host, session, form(host, session), "add-item"), "i0-title": "Показ"}
        return after(host, session, sent, "add-speaker i0")

    def people(self, session: Session) -> list[str]:
        return [one.person.name for item in now(session).agenda for one in item.speakers]

    def test_person_named_in_full_is_found_on_saving(self, host):
        a_person("anna@example.org")
        session = a_session()

        send(host, session, {**self.row(host, session), "i0s0-who": "белова анна"})

        assert self.people(session) == ["Анна Белова"]

    def test_person_is_found_by_address(self, host):
        a_person("anna@example.org")
        session = a_session()

        send(host, session, {**self.row(host, session), "i0s0-who": " Anna@Example.org "})

        assert self.people(session) == ["Анна Белова"]

    def test_part_of_a_name_asks_who_is_meant(self, host):
        anna = a_person("anna@example.org")
        a_person("b@example.org", given="Борис", family="Беленький")
        session = a_session()
        sent = {**self.row(host, session), "i0s0-who": "Бел"}

        found = step(host, session, sent, "find i0s0")
        kept = fields(found, address(session))
        refused = send(host, session, sent)
        send(host, session, {**kept, "i0s0-match": str(anna.id)})

        assert "Анна Белова anna@example.org" in words(found)
        assert "Борис Беленький b@example.org" in words(found)
        assert (focused(found), refused.status_code) == (["i0s0-match-0"], 400)
        assert self.people(session) == ["Анна Белова"]

    def test_two_people_of_one_name_are_told_apart_by_the_host(self, host):
        perm, kazan = a_city(), a_city("Казань")
        a_person("a1@example.org", city=perm)
        second = a_person("a2@example.org", city=kazan)
        session = a_session()
        sent = {**self.row(host, session), "i0s0-who": "Анна Белова"}

        refused = send(host, session, sent)
        send(host, session, {**sent, "i0s0-match": str(second.id)})

        assert "Choose who is meant" in words(refused)
        assert [one.person_id for one in now(session).agenda[0].speakers] == [second.id]

    def test_choice_of_the_list_names_one_by_number(self, host):
        a_person("a1@example.org")
        second = a_person("a2@example.org")
        session = a_session()
        listed = host.get(f"/sessions/{session.id}/desk/people-found?q=Бел").get_json()

        send(host, session, {**self.row(host, session), "i0s0-who": listed[1]})

        assert listed[1] == f"Анна Белова №{second.id}"
        assert [one.person_id for one in now(session).agenda[0].speakers] == [second.id]

    def test_name_that_nobody_bears_is_carried_into_the_fields_of_a_new_person(self, host):
        session = a_session()

        answer = step(
            host, session, {**self.row(host, session), "i0s0-who": "Доржиева Туяна Баировна"},
            "find i0s0",
        )  # fmt: skip

        kept = fields(answer, address(session))
        assert [kept[f"i0s0-{name}"] for name in ("family", "given", "patronymic")] == [
            "Доржиева", "Туяна", "Баировна",
        ]  # fmt: skip
        assert focused(answer) == ["i0s0-family"]

    def test_new_person_is_made_with_all_that_was_written(self, host):
        ulan = a_city("Улан-Удэ")
        session = a_session()

        send(
            host, session,
            {
                **self.row(host, session), "i0s0-family": "Доржиева", "i0s0-given": "Туяна",
                "i0s0-patronymic": "Баировна", "i0s0-post": "директор",
                "i0s0-organisation": "гимназия № 3", "i0s0-city": "улан удэ",
                "i0s0-email": "T@example.org",
            },
        )  # fmt: skip

        person = now(session).agenda[0].speakers[0].person
        assert (person.name, person.patronymic, person.post, person.organisation) == (
            "Туяна Доржиева", "Баировна", "директор", "гимназия № 3",
        )  # fmt: skip
        assert (person.city_id, person.emails[0].address) == (ulan.id, "t@example.org")

    @pytest.mark.parametrize(
        ("name", "wrong", "said"),
        [
            ("email", "t@", "This is no whole address"),
            ("city", "Китеж", "There is no such city."),
            ("post", "директор", "Write the name of the speaker."),
        ],
    )
    def test_new_person_half_written_is_pointed_at_and_kept(self, name, wrong, said, host):
        session = a_session()
        given = {} if name == "post" else {"i0s0-family": "Ким"}

        answer = send(host, session, {**self.row(host, session), **given, f"i0s0-{name}": wrong})

        assert (answer.status_code, said in words(answer)) == (400, True)
        assert fields(answer, address(session))[f"i0s0-{name}"] == wrong

    def test_order_is_changed_by_buttons(self, host):
        anna, boris = a_person("a@example.org"), a_person("b@example.org", given="Борис")
        session = with_item(a_session(), anna, boris)

        answer = step(host, session, form(host, session), "down i0s0")
        send(host, session, fields(answer, address(session)))

        assert focused(answer) == ["i0s0-up"]
        assert self.people(session) == ["Борис Белова", "Анна Белова"]

    def test_removed_speaker_speaks_no_more(self, host):
        session = with_item(a_session(), a_person())

        answer = step(host, session, form(host, session), "drop-speaker i0s0")
        send(host, session, fields(answer, address(session)))

        assert (focused(answer), self.people(session)) == (["i0-add"], [])

    def test_answer_stands_beside_the_speaker(self, host):
        session = with_item(a_session(), a_person())
        with transaction():
            session.agenda[0].speakers[0].state = "declined"
            session.agenda[0].speakers[0].note = "Буду в дороге"

        page = words(host.get(address(session)))

        assert "Анна Белова Cannot speak «Буду в дороге»" in page

    @pytest.mark.parametrize(
        "order", ["", "x", "0:x;;:", "0:0,0,0", "99999:1", "0:" + ",".join("1" * 500)]
    )
    def test_order_of_rows_that_no_page_wrote_breaks_nothing(self, order, host):
        session = a_session()

        answer = send(host, session, {**form(host, session), "agenda": order, "i0-title": "П"})

        assert answer.status_code in (302, 400)

    @pytest.mark.parametrize("do", ["drop-item i9", "up i0s7", "find", "add-city", "!", "up i0"])
    def test_button_that_no_page_has_changes_nothing(self, do, host):
        session = with_item(a_session())

        kept = after(host, session, form(host, session), do)

        assert kept["i0-title"] == "Показ"

    def test_stranger_cannot_look_people_up(self, client, app):
        session = a_session()
        member = signed_in(app, a_person("m@example.org", account=True))
        url = f"/sessions/{session.id}/desk/people-found?q=Бел"

        assert (client.get(url).status_code, member.get(url).status_code) == (302, 403)


class TestTwoHosts:
    def test_second_sees_both_agendas_and_keeps_theirs(self, host):
        session = with_item(a_session(), a_person("anna@example.org"))
        mine = form(host, session)
        send(host, session, {**form(host, session), "i0-title": "Её пункт"})

        conflict = send(host, session, {**mine, "i0-title": "Мой пункт"})
        again = send(host, session, fields(conflict, address(session)))

        assert (conflict.status_code, again.status_code) == (409, 302)
        assert "Agenda 10:00 Мой пункт (Анна Белова) 10:00 Её пункт (Анна Белова)" in words(
            conflict
        )
        assert [item.title for item in now(session).agenda] == ["Мой пункт"]

    def test_adding_a_row_keeps_the_version_that_was_seen(self, host):
        session = with_item(a_session())
        mine = form(host, session)
        send(host, session, {**form(host, session), "title": "Её слова"})

        answer = send(host, session, after(host, session, mine, "add-item"))

        assert answer.status_code == 409


class TestMuch:
    def test_page_asks_the_database_as_often_for_ten_items_as_for_one(self, host):
        small, large = a_session(), a_session()
        people = [a_person(f"p{n}@example.org", given=f"Имя{n}") for n in range(12)]
        with_item(small, people[0])
        for number in range(10):
            with_item(large, people[number], people[number + 2], at=number * 9)
        host.get(address(small))

        with counted() as few:
            host.get(address(small))
        with counted() as many:
            host.get(address(large))

        assert len(many) == len(few)
