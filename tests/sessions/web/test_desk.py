"""The host's desk: every step of a session's life, two hosts at once, nothing lost or twice."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from archive.models import Talk
from integrations.mail.outbox import Letter
from integrations.mail.port import Mailer
from integrations.runtime import ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError
from sessions.flows import meetings, scheduling
from sessions.models.participation import Registration
from sessions.models.people import Person, RoleGrant
from sessions.models.session import Session
from sessions.web import pasting
from tests.builders import (
    FRIDAY_10_MOSCOW,
    THURSDAY_10_MOSCOW,
    a_city,
    a_person,
    a_season,
    a_session,
    signed_in,
)
from tests.sessions.web.reading import fields, press, words


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host's browser, in English."""
    person = a_person(
        "host@example.org", given="Natalia", family="Orlova", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


@pytest.fixture
def other_host(app: Flask) -> FlaskClient:
    person = a_person(
        "other@example.org", given="Pavel", family="Kim", locale="en",
        roles=[("host", "*")], account=True,
    )  # fmt: skip
    return signed_in(app, person)


def now(session: Session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def desk(session: Session, page: str = "") -> str:
    return f"/sessions/{session.id}/desk{page}"


class TestWhoMayEnter:
    def test_stranger_is_asked_to_sign_in_and_comes_back(self, client):
        session = a_session()

        answer = client.get(desk(session))

        assert answer.status_code == 302
        assert answer.location == f"/sign-in/?next=/sessions/{session.id}/desk"

    def test_member_is_told_no(self, app):
        session = a_session()
        member = signed_in(app, a_person("m@example.org", account=True))

        assert member.get(desk(session)).status_code == 403
        assert member.post(desk(session, "/cancel")).status_code == 403
        assert now(session).state == "scheduled"

    def test_host_of_one_session_sees_that_one_only(self, app):
        mine, other = a_session(draft=True), a_session(title="Чужая", draft=True)
        person = a_person(
            "m@example.org", account=True, roles=[("session_host", f"session:{mine.id}")]
        )
        browser = signed_in(app, person)

        answers = [browser.get(desk(session)).status_code for session in (mine, other)]
        listed = words(browser.get("/desk"))

        assert answers == [200, 403]
        assert (mine.title in listed, "Чужая" in listed) == (True, False)

    def test_scope_that_names_no_session_opens_nothing(self, app):
        person = a_person("m@example.org", account=True)
        with transaction():
            db.session.add(
                RoleGrant(person_id=person.id, role="session_host", scope="session:none")
            )

        assert signed_in(app, person).get("/desk").status_code == 403

    def test_session_that_is_not_there_is_not_found(self, host):
        assert host.get("/sessions/999/desk").status_code == 404


class TestSteps:
    def test_publishing_makes_it_public_and_sends_the_letters(self, host, outbox, work_off):
        session = a_session(draft=True, invited=["anna@example.org"])

        answer = press(host, desk(session), desk(session, "/publish"))
        work_off()

        assert (answer.status_code, answer.location) == (302, desk(session))
        assert (now(session).state, len(outbox.letters())) == ("scheduled", 1)
        assert "The session is published." in words(host.get(desk(session)))

    def test_cancelling_asks_once_more_and_says_how_many_hear_of_it(self, host, work_off):
        session = a_session(invited=["anna@example.org", "boris@example.org"])
        work_off()

        page = host.get(desk(session, "/cancel"))
        before = now(session).state
        press(host, desk(session, "/cancel"), desk(session, "/cancel"))

        assert "2 people get a letter" in words(page)
        assert (before, now(session).state) == ("scheduled", "cancelled")

    def test_cancelled_session_comes_back(self, host):
        session = a_session()
        scheduling.cancel(session.id, session.revision, None)

        press(host, desk(session), desk(session, "/reinstate"))

        assert now(session).state == "scheduled"

    def test_cancelled_draft_is_not_said_to_tell_anyone(self, host):
        session, draft = a_session(invited=["anna@example.org"]), a_session(draft=True)
        for one in (session, draft):
            scheduling.cancel(one.id, one.revision, None)

        told = ["tells everyone who was invited" in words(host.get(desk(one)))
                for one in (session, draft)]  # fmt: skip

        assert told == [True, False]

    def test_session_is_marked_as_held_once_it_began(self, host, clock):
        session = a_session()
        too_early = 'desk/end"' in host.get(desk(session)).text
        clock.move_to(datetime(2026, 10, 15, 9, 0, tzinfo=UTC))

        press(host, desk(session), desk(session, "/end"))

        assert (too_early, now(session).state) == (False, "held")

    def test_form_sent_twice_makes_one_change_and_says_nothing_of_the_second(self, host):
        session = a_session(draft=True)
        sent = fields(host.get(desk(session)), desk(session, "/publish"))

        answers = [host.post(desk(session, "/publish"), data=sent) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert now(session).revision == 2

    def test_step_seen_on_an_old_page_is_not_taken(self, host):
        session = a_session()
        sent = fields(host.get(desk(session, "/cancel")), desk(session, "/cancel"))
        other = a_person("x@example.org", given="Pavel", family="Kim")
        with transaction():
            db.session.get_one(Session, session.id).title = "Иначе"
        scheduling.edit(session.id, details(now(session), summary="новое"), 2, other.id)

        answer = host.post(desk(session, "/cancel"), data=sent)

        assert answer.status_code == 409
        assert "P. Kim changed this session meanwhile." in words(answer)
        assert now(session).state == "scheduled"

    def test_step_that_the_state_forbids_is_explained(self, host):
        session = a_session()

        answer = host.post(desk(session, "/publish"), data={"seen_revision": str(session.revision)})

        assert answer.status_code == 400
        assert "Only a draft can be published." in words(answer)

    @pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999999999", "٣"])
    def test_nonsense_for_a_revision_is_stale(self, seen, host):
        session = a_session(draft=True)

        answer = host.post(desk(session, "/publish"), data={"seen_revision": seen})

        assert answer.status_code == 409

    def test_address_of_a_press_leads_to_the_desk(self, host):
        session = a_session()

        answer = host.get(desk(session, "/publish?page=2"))

        assert (answer.status_code, answer.location) == (302, f"{desk(session)}?page=2")


def details(session: Session, **changes: object) -> scheduling.Details:
    names = (
        "title",
        "title_en",
        "summary",
        "format",
        "mode",
        "visibility",
        "place",
        "duration_min",
    )
    return scheduling.Details(**{**{name: getattr(session, name) for name in names}, **changes})


class TestMoving:
    def test_moved_to_another_hour_in_another_zone(self, host):
        a_city("Елизово", "Asia/Kamchatka", "Елизову")
        session = a_session()

        answer = press(
            host, desk(session, "/move"), desk(session, "/move"),
            day="2026-10-16", at="12.30", tz="Asia/Kamchatka",
        )  # fmt: skip

        assert answer.status_code == 302
        assert now(session).starts_at == datetime(2026, 10, 16, 0, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("field", "wrong", "said"),
        [
            ("day", "yesterday", "Date"),
            ("day", "", "Pick the date."),
            ("day", "1026-10-16", "Pick a date between 2000 and 2100."),
            ("at", "noon", "Write the hour like this: 10:00."),
            ("tz", "Mars/Olympus", "Time zone"),
        ],
    )
    def test_what_cannot_be_read_is_pointed_at_and_kept(self, field, wrong, said, host):
        session = a_session()
        before = now(session).starts_at

        answer = press(host, desk(session, "/move"), desk(session, "/move"), **{field: wrong})

        assert answer.status_code == 400
        assert said in words(answer)
        assert now(session).starts_at == before

    def test_two_hosts_moving_see_both_hours_and_the_second_may_have_it_their_way(
        self, host, other_host
    ):
        session = a_session()
        mine = fields(host.get(desk(session, "/move")), desk(session, "/move"))
        press(other_host, desk(session, "/move"), desk(session, "/move"), at="11:00")

        conflict = host.post(desk(session, "/move"), data={**mine, "at": "9:00"})
        again = host.post(desk(session, "/move"), data=fields(conflict, desk(session, "/move")))

        assert conflict.status_code == 409
        assert "While you were editing, P. Kim saved this session." in words(conflict)
        assert "15 October 2026, 9:00 Moscow time Thursday, 15 October 2026, 11:00" in words(
            conflict
        )
        assert again.status_code == 302
        assert now(session).wall_start.hour == 9

    def test_session_that_is_over_says_why_it_stays(self, host):
        session = a_session()
        scheduling.end(session.id, session.revision, None)

        answer = press(host, desk(session, "/move"), desk(session, "/move"), at="11:00")

        assert answer.status_code == 400
        assert "cannot be moved" in words(answer)


class TestEditing:
    def test_words_and_cities_are_saved(self, host):
        perm = a_city()
        session = a_session()

        press(
            host, desk(session, "/edit"), desk(session, "/edit"),
            title="Новое имя", summary="Первая строка\r\nвторая", length="120",
            mode="hybrid", place="Пермь, ул. Ленина, 51", presenting=str(perm.id),
        )  # fmt: skip

        saved = now(session)
        assert (saved.title, saved.summary, saved.duration_min, saved.mode, saved.place) == (
            "Новое имя", "Первая строка\nвторая", 120, "hybrid", "Пермь, ул. Ленина, 51",
        )  # fmt: skip
        assert [part.city_id for part in saved.cities] == [perm.id]

    def test_form_sent_as_it_stands_changes_nothing(self, host, outbox, work_off):
        session = a_session(invited=["anna@example.org"], summary="Одна\nдве")
        work_off()
        revision = now(session).revision

        answer = press(host, desk(session, "/edit"), desk(session, "/edit"))
        work_off()

        assert answer.status_code == 302
        assert (now(session).revision, len(outbox.letters())) == (revision, 1)

    def test_host_may_leave_the_letter_out(self, host, outbox, work_off):
        session = a_session(invited=["anna@example.org"])
        work_off()
        sent = fields(host.get(desk(session, "/edit")), desk(session, "/edit"))
        told = sent.pop("tell")

        host.post(desk(session, "/edit"), data={**sent, "summary": "Без опечатки"})
        work_off()

        assert (told, now(session).summary) == ("y", "Без опечатки")
        assert len(outbox.letters()) == 1

    def test_empty_title_is_refused_and_the_rest_kept(self, host):
        session = a_session()

        answer = press(
            host, desk(session, "/edit"), desk(session, "/edit"), title=" ", summary="Мои слова"
        )

        assert answer.status_code == 400
        assert "Write a title." in words(answer)
        assert fields(answer, desk(session, "/edit"))["summary"] == "Мои слова"

    def test_title_of_signs_that_nobody_sees_is_empty_and_others_are_cleaned(self, host):
        session = a_session()

        unseen = press(
            host, desk(session, "/edit"), desk(session, "/edit"), title="\u200b\u202e\u3164"
        )
        press(host, desk(session, "/edit"), desk(session, "/edit"), title="Имя\u202e\u2028\x07дня")

        assert (unseen.status_code, "Write a title." in words(unseen)) == (400, True)
        assert now(session).title == "Имя дня"

    def test_second_of_two_hosts_sees_both_versions_and_keeps_their_words(self, host, other_host):
        session = a_session(title="Было")
        mine = fields(host.get(desk(session, "/edit")), desk(session, "/edit"))
        press(other_host, desk(session, "/edit"), desk(session, "/edit"), title="Её слова")

        conflict = host.post(
            desk(session, "/edit"), data={**mine, "title": "Его слова", "summary": "Долго писал"}
        )

        kept = fields(conflict, desk(session, "/edit"))
        assert conflict.status_code == 409
        assert "Title Его слова Её слова Summary Долго писал —" in words(conflict)
        assert (kept["title"], kept["summary"]) == ("Его слова", "Долго писал")
        assert now(session).title == "Её слова"

    def test_and_may_then_save_over_knowingly(self, host, other_host):
        session = a_session()
        mine = fields(host.get(desk(session, "/edit")), desk(session, "/edit"))
        press(other_host, desk(session, "/edit"), desk(session, "/edit"), title="Её слова")
        conflict = host.post(desk(session, "/edit"), data={**mine, "title": "Его слова"})

        answer = host.post(desk(session, "/edit"), data=fields(conflict, desk(session, "/edit")))

        assert answer.status_code == 302
        assert now(session).title == "Его слова"

    def test_refused_form_still_knows_which_version_it_saw(self, host, other_host):
        session = a_session()
        mine = fields(host.get(desk(session, "/edit")), desk(session, "/edit"))
        press(other_host, desk(session, "/edit"), desk(session, "/edit"), title="Её слова")
        refused = host.post(desk(session, "/edit"), data={**mine, "title": ""})

        corrected = {**fields(refused, desk(session, "/edit")), "title": "Его слова"}
        answer = host.post(desk(session, "/edit"), data=corrected)

        assert (refused.status_code, answer.status_code) == (400, 409)


class TestSignedOutMeanwhile:
    def test_words_wait_on_a_page_and_can_be_sent_after_signing_in(self, app, host):
        session = a_session()
        sent = fields(host.get(desk(session, "/edit")), desk(session, "/edit"))
        sent["summary"] = "Слова, которые нельзя потерять"
        host.post("/sign-out")

        kept = host.post(desk(session, "/edit"), data=sent)
        before = now(session).summary
        waiting = fields(kept, desk(session, "/edit"))
        back = signed_in(app, db.session.scalars(db.select(Person)).one())
        answer = back.post(desk(session, "/edit"), data=waiting)

        assert (kept.status_code, before) == (401, "")
        assert f"/sign-in/?next=/sessions/{session.id}/desk/edit" in kept.text
        assert (answer.status_code, now(session).summary) == (302, sent["summary"])

    @pytest.mark.parametrize(
        ("origin", "status", "is_kept"),
        [
            ("http://localhost", 401, True),
            ("https://evil.example", 400, False),
            ("null", 400, False),
            (None, 400, False),
        ],
    )
    def test_form_without_a_good_token_is_kept_only_if_it_is_ours(
        self, origin, status, is_kept, app, client
    ):
        session = a_session()
        app.config["WTF_CSRF_ENABLED"] = True
        headers = {"Origin": origin} if origin else {}

        answer = client.post(
            desk(session, "/cancel"), data={"seen_revision": "2", "note": "x"}, headers=headers
        )

        assert answer.status_code == status
        assert ('name="note" value="x"' in answer.text) == is_kept
        assert now(session).state == "scheduled"


class TestInviting:
    def test_pasted_list_is_invited_and_what_is_unclear_stays_in_the_box(self, host):
        session = a_session(invited=["vera@example.org"])

        answer = press(
            host, desk(session), desk(session, "/invite"),
            addresses="Анна Белова <anna@example.org>\nboris@example, vera@example.org",
        )  # fmt: skip

        page, reloaded = host.get(answer.location), host.get(answer.location)
        assert (answer.status_code, answer.location) == (302, f"{desk(session)}?unclear=1#invite")
        assert "1 person is invited. 1 was invited before and gets no second letter." in words(page)
        assert [
            fields(one, desk(session, "/invite"))["addresses"]
            for one in (page, reloaded, host.get(desk(session)))
        ] == ["boris@example", "boris@example", ""]
        people = db.session.scalars(db.select(Registration)).all()
        assert sorted(r.person.name for r in people) == ["vera@example.org", "Анна Белова"]

    def test_more_unclear_pieces_than_a_cookie_holds_stay_in_the_box_at_once(self, host):
        session = a_session()
        unclear = "\n".join(f"{secrets.token_hex(30)}@example" for _ in range(100))

        answer = press(
            host, desk(session), desk(session, "/invite"), addresses=f"anna@example.org\n{unclear}"
        )

        assert answer.status_code == 200
        assert fields(answer, desk(session, "/invite"))["addresses"] == unclear

    def test_cyrillic_before_the_at_has_a_reason_of_its_own(self, host):
        session = a_session()

        answer = press(host, desk(session), desk(session, "/invite"), addresses="анна@example.org")

        assert (
            "Mail servers take only Latin letters before the @: анна@example.org is not one."
        ) in words(answer)

    def test_whole_list_leads_back_to_the_people(self, host):
        session = a_session()

        answer = press(host, desk(session), desk(session, "/invite"), addresses="anna@example.org")

        assert (answer.status_code, answer.location) == (302, f"{desk(session)}#people")

    def test_list_sent_twice_invites_once(self, host, outbox, work_off):
        session = a_session()
        sent = fields(host.get(desk(session)), desk(session, "/invite"))

        for _ in range(2):
            host.post(desk(session, "/invite"), data={**sent, "addresses": "anna@example.org"})
        work_off()

        assert len(outbox.letters()) == 1

    @pytest.mark.parametrize(
        ("pasted", "said"),
        [
            ("", "Paste at least one address."),
            ("Анна Белова", "There is no whole address in the box."),
        ],
    )
    def test_box_without_an_address_is_explained(self, pasted, said, host):
        session = a_session()

        answer = press(host, desk(session), desk(session, "/invite"), addresses=pasted)

        assert answer.status_code == 400
        assert said in words(answer)
        assert fields(answer, desk(session, "/invite"))["addresses"] == pasted

    def test_list_as_long_as_a_form_may_be_is_taken_whole(self, app):
        lines = [
            f"Анна Белова из города <person{number}@school.community>\n" for number in range(5000)
        ]
        pasted = "".join(lines).ljust(2_000_000, "\n")

        with app.test_request_context(method="POST", data={"addresses": pasted}):
            _, read = pasting.sent()

        assert [address for _, address in read.people] == [
            f"person{number}@school.community" for number in range(5000)
        ]

    def test_of_a_longer_list_nobody_is_invited_and_it_stays_in_the_box(self, host):
        session = a_session()
        pasted = "victim@school.community\n" + "," * 2_000_000

        answer = press(host, desk(session), desk(session, "/invite"), addresses=pasted)

        assert answer.status_code == 400
        assert (
            "This list is too long to be taken at once, so nobody is invited. "
            "Send it in parts of at most 2,000,000 characters."
        ) in words(answer)
        assert fields(answer, desk(session, "/invite"))["addresses"] == pasted
        assert db.session.scalars(db.select(Registration)).all() == []

    def test_nobody_is_invited_to_what_is_over_and_the_list_is_kept(self, host):
        session = a_session()
        sent = fields(host.get(desk(session)), desk(session, "/invite"))
        scheduling.end(session.id, session.revision, None)

        answer = host.post(desk(session, "/invite"), data={**sent, "addresses": "anna@example.org"})

        assert answer.status_code == 400
        assert "nobody can be invited to it any more" in words(answer)


class TestParticipants:
    def letters(self, *answers: str) -> Session:
        """A session whose letters were refused with these answers, one an address."""
        addresses = [f"a{place}@example.org" for place in range(len(answers))]
        session = a_session(invited=addresses)
        with transaction():
            for letter, answer in zip(
                db.session.scalars(db.select(Letter).order_by(Letter.id)), answers, strict=True
            ):
                letter.state, letter.answer = "refused", answer
        return session

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ("550 5.1.1 no such user", "There is no such address."),
            ("550 unknown", "There is no such address."),
            ("552 5.2.2 over quota", "The mailbox is full."),
            ("550 5.2.1 disabled", "The mailbox is closed."),
            ("554 5.7.1 spam", "The server took the letter for unwanted mail."),
            ("550-5.7.26 unauthenticated", "The server took the letter for unwanted mail."),
            ("500 5.5.2 syntax", "The recipient's server refused the letter."),
        ],
    )
    def test_refusal_is_said_in_words(self, answer, said, host):
        session = self.letters(answer)

        assert said in words(host.get(desk(session)))

    def test_each_state_of_a_letter_has_its_number_and_its_rows(self, host, work_off):
        session = a_session(invited=["anna@example.org"])
        work_off()
        press(host, desk(session), desk(session, "/invite"), addresses="boris@example.org")

        everyone = words(host.get(desk(session)))
        sent = words(host.get(desk(session, "?letters=sent")))

        assert "All 2 letter sent 1 on its way 1" in everyone
        assert ("anna@example.org" in sent, "boris@example.org" in sent) == (True, False)

    def test_server_that_is_away_is_said_with_the_next_attempt(self, host, clock, app, work_off):
        class Away:
            def send(self, raw: bytes, sender: str, recipient: str) -> str:
                raise OutsideError("smtp", temporary=True, detail="connection refused")

            def check(self) -> None:
                raise OutsideError("smtp", temporary=True)

        ports.put(Mailer, Away())
        session = a_session(invited=["anna@example.org"])
        work_off()

        page = words(host.get(desk(session)))

        assert "Trying again The mail server does not answer. Next attempt: 12:00" in page

    def test_many_people_stand_on_pages(self, host):
        session = a_session(invited=[f"p{number:03}@example.org" for number in range(120)])

        first, last = host.get(desk(session)), host.get(desk(session, "?page=3"))

        assert (first.text.count("v-mailto"), last.text.count("v-mailto")) == (50, 20)
        assert "Page 3" in words(last)

    def test_draft_says_that_letters_wait_for_publishing(self, host):
        session = a_session(draft=True, invited=["anna@example.org"])

        assert "anna@example.org — Leaves on publishing" in words(host.get(desk(session)))


class TestRoom:
    def test_pasted_link_is_the_room(self, host):
        session = a_session()

        answer = press(
            host, desk(session), desk(session, "/room"), link="https://meet.example.org/a"
        )

        assert (answer.status_code, answer.location) == (302, f"{desk(session)}#room")
        meeting = meetings.meeting_of(session.id)
        assert (meeting.service, meeting.join_url) == ("link", "https://meet.example.org/a")

    def test_link_that_is_none_is_explained_and_kept(self, host):
        session = a_session()

        answer = press(host, desk(session), desk(session, "/room"), link="meet.example.org/a")

        assert answer.status_code == 400
        assert "This is no web address: meet.example.org/a." in words(answer)
        assert fields(answer, desk(session, "/room"))["link"] == "meet.example.org/a"

    def test_service_makes_the_room(self, host, work_off):
        session = a_session()

        host.post(desk(session, "/room"), data={"service": "jitsi"})
        before = words(host.get(desk(session)))
        work_off()

        assert "The room is being made." in before
        assert "https://meet.jit.si/vzaimo-" in host.get(desk(session)).text

    def test_service_nobody_offers_is_refused(self, host):
        session = a_session()

        answer = host.post(desk(session, "/room"), data={"service": "telepathy"})

        assert answer.status_code == 400
        assert "There is no service called telepathy here." in words(answer)


class TestPage:
    def test_readiness_names_what_fails_first(self, host):
        session = a_session(draft=True)

        page = words(host.get(desk(session)))

        assert "5 of 5 not ready There is no room yet. Choose a room" in page

    def test_session_with_everything_is_ready(self, host, work_off):
        session = a_session(invited=["anna@example.org"], summary="О чём", presenting=[a_city().id])
        meetings.use_link(session.id, "https://meet.example.org/a", None)
        work_off()

        assert "Readiness All is ready" in words(host.get(desk(session)))

    def test_history_says_what_happened_and_by_whom(self, host):
        session = a_session()
        press(host, desk(session, "/move"), desk(session, "/move"), at="11:00")
        press(host, desk(session, "/edit"), desk(session, "/edit"), summary="Новое")

        page = words(host.get(desk(session))).partition("Latest ")[2]

        assert page.startswith("Changed: summary. 1 October, 12:00 Moscow time · N. Orlova")
        assert (
            "Moved from 15 October, 10:00 to 15 October, 11:00 Moscow time. "
            "1 October, 12:00 Moscow time · N. Orlova"
        ) in page

    def test_title_with_markup_stays_text(self, host):
        session = a_session(title="<img src=x onerror=alert(1)>")

        for page in ("", "/edit", "/move", "/cancel"):
            assert "<img src=x" not in host.get(desk(session, page)).text


class TestDesk:
    def test_empty_desk_says_so(self, host):
        assert "Nothing needs you now" in words(host.get("/desk"))

    def test_every_kind_of_need_has_its_sessions(self, host, clock):
        a_session(title="Черновик", draft=True)
        a_session(title="Без комнаты")
        held = a_session(title="Без записи")
        scheduling.end(held.id, held.revision, None)
        refused = a_session(title="С отказом", invited=["anna@example.org"])
        meetings.use_link(refused.id, "https://meet.example.org/a", None)
        with transaction():
            db.session.query(Letter).one().state = "refused"

        page = words(host.get("/desk"))

        assert (
            "No room yet 1 They begin within 30 days, and people cannot enter them:"
            " choose a room. Без комнаты" in page
        )
        assert "Letters that were refused 1" in page
        assert "Drafts 1" in page
        assert "No recording yet 1" in page

    def test_session_of_today_stands_under_today(self, host, clock):
        session = a_session(title="Сегодняшняя")
        meetings.use_link(session.id, "https://meet.example.org/a", None)
        before = words(host.get("/desk"))
        clock.move_to(session.starts_at - timedelta(hours=3))

        today = words(host.get("/desk"))

        assert ("Today 1 Сегодняшняя" in before, "Today 1 Сегодняшняя" in today) == (False, True)

    def test_session_over_by_the_clock_waits_to_be_marked(self, host, clock):
        session = a_session()
        clock.move_to(session.starts_at + timedelta(days=1))

        assert "Over by the clock 1" in words(host.get("/desk"))

    def test_recording_that_never_will_be_is_not_asked_for(self, host, clock):
        session = a_session()
        scheduling.end(session.id, session.revision, None)
        with transaction():
            db.session.add(
                Talk(
                    source=f"session:{session.id}",
                    title="т",
                    state="missing",
                    made_at=clock(),
                )
            )

        assert "Nothing needs you now" in words(host.get("/desk"))

    def test_letter_refused_once_and_reached_later_is_no_need(self, host, clock, work_off):
        session = a_session(invited=["anna@example.org"])
        meetings.use_link(session.id, "https://meet.example.org/a", None)
        with transaction():
            db.session.query(Letter).one().state = "refused"
        moved = press(host, desk(session, "/move"), desk(session, "/move"), at="11:00")
        work_off()

        page = words(host.get("/desk"))

        assert moved.status_code == 302
        assert "Nothing needs you now" in page


class TestPublishingWithARoom:
    def test_service_makes_the_room_unless_the_host_says_later(self, host, work_off):
        first, second = a_session(draft=True), a_session(draft=True)

        press(host, desk(first), desk(first, "/publish"))
        press(host, desk(second), desk(second, "/publish"), new_room="")
        work_off()

        rooms = [meetings.meeting_of(one.id) for one in (first, second)]
        assert [room and (room.service, room.state) for room in rooms] == [
            ("jitsi", "ready"), None,
        ]  # fmt: skip
        assert [now(one).state for one in (first, second)] == ["scheduled", "scheduled"]

    def test_room_that_was_chosen_and_people_in_one_place_are_left_alone(self, host):
        linked, in_person = a_session(draft=True), a_session(draft=True, mode="in_person")
        meetings.use_link(linked.id, "https://rooms.example/a", None)

        offered = ["new_room" in fields(host.get(desk(one)), desk(one, "/publish"))
                   for one in (linked, in_person)]  # fmt: skip
        for one in (linked, in_person):
            press(host, desk(one), desk(one, "/publish"), new_room="jitsi")

        room = meetings.meeting_of(linked.id)
        assert (offered, room and room.service) == ([False, False], "link")
        assert meetings.meeting_of(in_person.id) is None


class TestMovingIntoThePast:
    def test_published_session_asks_first_and_says_where_it_went(self, host, clock):
        clock.move_to(datetime(2026, 10, 1, 9, 0, tzinfo=UTC))
        session = a_session()

        asked = press(host, desk(session, "/move"), desk(session, "/move"), day="2026-09-15")
        before = now(session).wall
        sent = {**fields(asked, desk(session, "/move")), "past": "y"}
        answer = host.post(desk(session, "/move"), data=sent)

        assert (asked.status_code, before) == (400, THURSDAY_10_MOSCOW)
        assert "Yes, into the past" in words(asked)
        assert answer.status_code == 302
        assert now(session).wall.local == datetime(2026, 9, 15, 10, 0)
        assert "Moved to Tuesday, 15 September 2026, 10:00" in words(host.get(desk(session)))

    def test_draft_moves_without_a_question(self, host, clock):
        clock.move_to(datetime(2026, 10, 1, 9, 0, tzinfo=UTC))
        session = a_session(draft=True)

        answer = press(host, desk(session, "/move"), desk(session, "/move"), day="2026-09-15")

        assert answer.status_code == 302


class TestMovingBeyondTheSeason:
    def test_date_of_no_season_is_asked_about_and_the_session_stays_in_its_own(self, host):
        own = a_season().id
        session = a_session()

        asked = press(host, desk(session, "/move"), desk(session, "/move"), day="2027-08-03")
        before = now(session).wall
        sent = {**fields(asked, desk(session, "/move")), "beyond": "y"}
        answer = host.post(desk(session, "/move"), data=sent)

        assert (asked.status_code, before) == (400, THURSDAY_10_MOSCOW)
        assert "goes from 1 September 2026 to 31 May 2027" in words(asked)
        assert (answer.status_code, now(session).season_id) == (302, own)
        assert now(session).wall.local == datetime(2027, 8, 3, 10, 0)

    def test_date_of_another_season_takes_the_session_there_and_makes_it_public(self, host):
        session = a_session()
        other = a_season(
            "2027/28", starts_on=date(2027, 9, 1), ends_on=date(2028, 5, 31), state="draft"
        )

        press(host, desk(session, "/move"), desk(session, "/move"), day="2027-10-14")

        assert (now(session).season_id, now(session).season.state) == (other.id, "planned")


class Copying:
    """A mailer that keeps a copy of what it sends on."""

    def __init__(self, inner: Mailer) -> None:
        self.inner = inner
        self.taken: list[bytes] = []

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        self.taken.append(raw)
        return self.inner.send(raw, sender, recipient)

    def check(self) -> None:
        self.inner.check()


class TestOneOfThoseInvited:
    def invited(self, session: Session) -> Registration:
        return db.session.scalars(
            db.select(Registration)
            .where(Registration.session_id == session.id)
            .order_by(Registration.id)
            .limit(1)
            .execution_options(populate_existing=True)
        ).one()

    def test_withdrawing_asks_once_tells_the_calendar_and_closes_the_link(
        self, host, client, outbox, work_off
    ):
        session = a_session(invited=["anna@example.org", "boris@example.org"])
        work_off()
        one = self.invited(session)
        page = desk(session, f"/people/{one.id}/withdraw")
        token = one.invitation.token

        asked = host.get(page)
        press(host, page, page)
        work_off()

        kinds = [letter["Subject"].partition(":")[0] for letter in outbox.to("anna@example.org")]
        statuses = [str(event["STATUS"]) for event in outbox.calendars_to("anna@example.org")]
        assert "They get a letter" in words(asked)
        assert kinds == ["Приглашение", "Приглашение отозвано"]
        assert statuses[-1] == "CANCELLED"
        assert len(outbox.to("boris@example.org")) == 1
        assert self.invited(session).state == "declined"
        assert client.post(f"/j/{token}").status_code == 409
        assert "отозвано" in words(client.get(f"/j/{token}"))
        assert "No longer invited: anna@example.org." in words(host.get(desk(session)))
        assert "anna@example.org" not in words(host.get(desk(session)))

    def test_withdrawn_person_hears_nothing_more_until_invited_again(self, host, outbox, work_off):
        session = a_session(invited=["anna@example.org"])
        work_off()
        page = desk(session, f"/people/{self.invited(session).id}/withdraw")
        press(host, page, page)
        work_off()

        scheduling.move(session.id, FRIDAY_10_MOSCOW, now(session).revision, None)
        work_off()
        heard = len(outbox.to("anna@example.org"))
        for _ in range(2):
            press(host, desk(session), desk(session, "/invite"), addresses="anna@example.org")
            work_off()
            press(host, page, page)
            work_off()

        events = outbox.calendars_to("anna@example.org")
        assert heard == 2
        assert [str(event.get("STATUS")) for event in events[2:]] == [
            "CONFIRMED", "CANCELLED", "CONFIRMED", "CANCELLED",
        ]  # fmt: skip
        stamps = [event["DTSTAMP"].dt for event in events]
        assert (stamps, len(set(stamps))) == (sorted(stamps), 6)
        assert [event["SEQUENCE"] for event in events] == [0, 1, 3, 4, 5, 6]
        assert now(session).sequence == 1

    def test_withdrawing_before_any_letter_left_sends_none(self, host, outbox, work_off):
        session = a_session(invited=["anna@example.org"])
        page = desk(session, f"/people/{self.invited(session).id}/withdraw")

        asked = host.get(page)
        press(host, page, page)
        work_off()

        assert "No letter is sent" in words(asked)
        assert outbox.letters() == []

    def test_letter_sent_again_is_the_same_to_the_byte(self, host, work_off):
        session = a_session(invited=["anna@example.org"])
        mailer = Copying(ports.get(Mailer))
        ports.put(Mailer, mailer)
        work_off()
        action = desk(session, f"/people/{self.invited(session).id}/again")

        answer = press(host, desk(session), action)
        owed = db.session.scalars(db.select(Letter.state)).all()
        work_off()

        assert (answer.status_code, owed, len(mailer.taken)) == (302, ["owed"], 2)
        assert mailer.taken[0] == mailer.taken[1]

    def test_person_of_another_session_is_not_found(self, host):
        session, other = a_session(), a_session(invited=["anna@example.org"])
        person = self.invited(other).id

        answers = [
            host.get(desk(session, f"/people/{person}/withdraw")).status_code,
            host.post(desk(session, f"/people/{person}/withdraw")).status_code,
            host.post(desk(session, f"/people/{person}/again")).status_code,
        ]

        assert (answers, self.invited(other).state) == ([404, 404, 404], "invited")

    def test_people_with_names_stand_before_bare_addresses(self, host):
        session = a_session()
        pasted = "boris@example.org\nЯков Яшин <ya@example.org>\nАнна Белова <anna@example.org>"
        press(host, desk(session), desk(session, "/invite"), addresses=pasted)

        said = words(host.get(desk(session))).partition("Participants")[2]

        places = [said.index(name) for name in ("anna@", "ya@", "boris@")]
        assert places == sorted(places)
