"""A host says what a session is: words, cities, seats, agenda and speakers, saved as one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused, Stale
from sessions.flows import describing, speaking
from sessions.flows.describing import Description, Item, Newcomer
from sessions.models.audit import AuditLog
from sessions.models.people import Person
from sessions.models.session import AgendaItem, Session, Speaker
from tests.builders import a_city, a_person, a_season, a_session, a_topic


def now(session: Session) -> Session:
    db.session.expire_all()
    return db.session.get_one(Session, session.id)


def said(session: Session, **changes: object) -> Description:
    """The session as it is, with these changes."""
    session = now(session)
    names = describing._PLAIN
    cities = {
        role: [part.city_id for part in session.cities if part.role == role]
        for role in describing.CITY_ROLES
    }
    agenda = [
        Item(
            item.offset_min, item.duration_min, item.title, item.title_en, item.place,
            [one.person_id for one in item.speakers], item.id,
        )
        for item in session.agenda
    ]  # fmt: skip
    facts = {name: getattr(session, name) for name in names}
    return Description(**{**facts, **cities, "agenda": agenda, **changes})


def save(session: Session, description: Description, **options: bool) -> Session:
    describing.describe(session.id, description, now(session).revision, None, **options)
    return now(session)


def with_speakers(session: Session, *people: Person) -> Session:
    ids = [person.id for person in people]
    return save(session, said(session, agenda=[Item(0, 30, "Наставники", speakers=ids)]))


class TestWords:
    def test_everything_is_saved_at_once(self, app):
        perm, kazan, ufa = a_city(), a_city("Казань"), a_city("Уфа")
        owner = a_person("o@example.org")
        session = a_session()
        topic = a_topic(session.season)

        saved = save(
            session,
            said(
                session, title="Новое", title_en="New", summary_en="In short", language="en",
                capacity_online=200, capacity_in_person=30, topic_id=topic.id, owner_id=owner.id,
                host=[perm.id], presenting=[kazan.id, perm.id], receiving=[ufa.id],
            ),
        )  # fmt: skip

        assert (saved.title, saved.title_en, saved.summary_en, saved.language) == (
            "Новое", "New", "In short", "en",
        )  # fmt: skip
        assert (saved.capacity_online, saved.capacity_in_person) == (200, 30)
        assert (saved.topic_id, saved.owner_id) == (topic.id, owner.id)
        assert [(part.role, part.city_id) for part in saved.cities] == [
            ("host", perm.id), ("presenting", kazan.id), ("presenting", perm.id),
            ("receiving", ufa.id),
        ]  # fmt: skip

    def test_saved_as_it_stands_nothing_happens(self, app):
        session = with_speakers(a_session(), a_person())
        revision = session.revision

        assert save(session, said(session)).revision == revision

    def test_cities_that_stay_keep_their_rows(self, app):
        perm, kazan = a_city(), a_city("Казань")
        session = a_session(presenting=[perm.id])
        row = session.cities[0].id

        saved = save(session, said(session, presenting=[kazan.id, perm.id]))

        assert row in {part.id for part in saved.cities if part.city_id == perm.id}

    def test_older_version_is_refused_and_changes_nothing(self, app):
        session = a_session(title="Было")
        description = said(session, title="Опоздало")
        save(session, said(session, title="Успело"))

        with pytest.raises(Stale):
            describing.describe(session.id, description, session.revision - 1, None)

        assert now(session).title == "Успело"

    def test_topic_of_another_season_is_refused(self, app):
        session = a_session()
        other = a_topic(a_season("2031/32"))

        with pytest.raises(Refused, match=r"topic\.other_season"):
            save(session, said(session, topic_id=other.id))


class TestLetters:
    @pytest.mark.parametrize(
        ("change", "letters", "sequence"),
        [
            ({"title": "Иначе"}, 2, 0),
            ({"place": "Пермь, зал"}, 2, 1),
            ({"duration_min": 120}, 2, 1),
            ({"mode": "hybrid"}, 2, 1),
            ({"visibility": "members"}, 1, 0),
            ({"capacity_online": 50}, 1, 0),
            ({"agenda": [Item(0, 30, "Показ")]}, 1, 0),
        ],
        ids=["title", "place", "length", "mode", "visibility", "seats", "agenda"],
    )
    def test_what_a_letter_shows_is_told_and_only_time_and_place_move_the_number(
        self, change, letters, sequence, app, outbox, work_off
    ):
        session = a_session(invited=["anna@example.org"])
        work_off()

        saved = save(session, said(session, **change))
        work_off()

        assert (len(outbox.letters()), saved.sequence) == (letters, sequence)
        assert saved.revision == session.revision

    def test_host_may_leave_the_letter_out_but_not_for_another_place(self, app, outbox, work_off):
        session = a_session(invited=["anna@example.org"])
        work_off()

        save(session, said(session, summary="Без опечатки"), tell=False)
        work_off()
        quiet = len(outbox.letters())
        save(session, said(session, place="Пермь, зал"), tell=False)
        work_off()

        assert (quiet, len(outbox.letters())) == (1, 2)

    def test_agenda_alone_leaves_what_calendars_have(self, app, clock):
        session = a_session()
        stamp = now(session).revised_at
        clock.pass_by(hours=1)

        saved = save(session, said(session, agenda=[Item(0, 30, "Показ")]))

        assert (saved.revised_at, saved.sequence, saved.revision) == (stamp, 0, 3)


class TestAgenda:
    def test_items_stand_in_order_of_their_start_with_speakers_in_the_order_given(self, app):
        anna, boris = a_person("a@example.org"), a_person("b@example.org", given="Борис")
        session = a_session()

        saved = save(
            session,
            said(
                session,
                agenda=[
                    Item(40, 30, "Вопросы", "Questions", "Зал"),
                    Item(0, 40, "Показ", speakers=[boris.id, anna.id]),
                ],
            ),
        )

        assert [(item.title, item.offset_min) for item in saved.agenda] == [
            ("Показ", 0), ("Вопросы", 40),
        ]  # fmt: skip
        assert [one.person.given for one in saved.agenda[0].speakers] == ["Борис", "Анна"]
        assert (saved.agenda[1].title_en, saved.agenda[1].place) == ("Questions", "Зал")

    def test_speakers_change_places_and_keep_what_they_answered(self, app):
        anna, boris = a_person("a@example.org"), a_person("b@example.org", given="Борис")
        session = with_speakers(a_session(), anna, boris)
        with transaction():
            now(session).agenda[0].speakers[0].state = "confirmed"

        item = replace(said(session).agenda[0], speakers=[boris.id, anna.id])
        saved = save(session, said(session, agenda=[item]))

        assert [(one.person.given, one.state) for one in saved.agenda[0].speakers] == [
            ("Борис", "named"), ("Анна", "confirmed"),
        ]  # fmt: skip

    def test_newcomer_becomes_a_person_and_is_known_by_the_address_afterwards(self, app):
        perm = a_city()
        new = Newcomer(
            "Доржиева", "Туяна", "Баировна", "директор", "гимназия № 3", perm.id, "T@Example.org"
        )
        session = a_session()

        first = save(session, said(session, agenda=[Item(0, 30, "Показ", speakers=[new])]))
        both = [
            Item(0, 30, "Показ", speakers=[new], id=first.agenda[0].id),
            Item(30, 9, "Ещё", speakers=[new]),
        ]
        saved = save(session, said(session, agenda=both))

        people = db.session.scalars(select(Person).where(Person.family == "Доржиева")).all()
        assert [(p.given, p.patronymic, p.post, p.city_id) for p in people] == [
            ("Туяна", "Баировна", "директор", perm.id)
        ]
        assert people[0].emails[0].address == "t@example.org"
        assert [one.person_id for item in saved.agenda for one in item.speakers] == (
            [people[0].id] * 2
        )

    def test_newcomer_without_an_address_is_a_person_too(self, app):
        session = a_session()

        saved = save(
            session,
            said(session, agenda=[Item(0, 30, "Показ", speakers=[Newcomer("Ким", "Олег")])]),
        )

        person = saved.agenda[0].speakers[0].person
        assert (person.name, person.emails) == ("Олег Ким", [])

    def test_removed_items_and_speakers_leave_no_rows(self, app):
        session = with_speakers(a_session(), a_person())

        save(session, said(session, agenda=[]))

        assert db.session.scalars(select(AgendaItem)).all() == []
        assert db.session.scalars(select(Speaker)).all() == []

    def test_log_says_what_was_there_before(self, app):
        session = with_speakers(a_session(), a_person())

        save(session, said(session, agenda=[]))

        row = db.session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
        assert (row.action, row.details) == (
            "session.edited", {"was": {"agenda": ["Наставники"], "speakers": ["Анна Белова"]}},
        )  # fmt: skip


class TestAskedSpeakers:
    def asked(self, session: Session) -> str:
        speaking.ask(session.id, None, "sessions@vzaimo.test", "vzaimo.test")
        return str(now(session).agenda[0].speakers[0].token)

    def test_link_of_a_removed_speaker_leads_nowhere_and_the_letter_stays_here(
        self, app, outbox, work_off
    ):
        session = with_speakers(a_session(), a_person())
        token = self.asked(session)

        save(session, said(session, agenda=[replace(said(session).agenda[0], speakers=[])]))
        work_off()

        assert speaking.by_token(token) == []
        assert outbox.letters() == []

    def test_link_stays_good_while_the_person_shows_something_else(self, app, outbox, work_off):
        anna = a_person()
        session = a_session()
        agenda = [Item(0, 30, "Показ", speakers=[anna.id]), Item(30, 30, "Ещё", speakers=[anna.id])]
        save(session, said(session, agenda=agenda))
        token = self.asked(session)

        save(session, said(session, agenda=said(session).agenda[1:]))
        work_off()

        assert [one.item.title for one in speaking.by_token(token)] == ["Ещё"]
        assert len(outbox.letters()) == 1
