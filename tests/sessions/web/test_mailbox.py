"""The mailbox of a demo: every letter readable, nothing of it runs, and none of it elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from integrations.mail.folder import FolderMailer
from integrations.mail.folder_inbox import FolderInbox
from integrations.mail.inbox_port import Inbox
from integrations.mail.message import Draft, compose
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.flows import scheduling
from sessions.models.correspondence import IncomingMail
from sessions.models.participation import Registration
from tests.builders import FRIDAY_10_MOSCOW, a_session
from tests.sessions.web.reading import press, words

ENGLISH = {"Accept-Language": "en"}
DRAFT = Draft(
    to_address="anna@example.org", to_name="", from_address="sessions@vzaimo.test",
    from_name="Взаимообучение городов", subject="Письмо", text="Текст", html="<p>Текст</p>",
    message_id="one@vzaimo.test", written_at=datetime(2026, 10, 1, 9, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture
def demo(app, settings) -> Settings:
    changed = replace(settings, demo="1")
    ports.put(Settings, changed)
    return changed


def name_of(settings: Settings) -> str:
    (path,) = settings.letters_dir.glob("*.eml")
    return path.name


def send(settings: Settings, draft: Draft) -> str:
    FolderMailer(settings.letters_dir).send(compose(draft), "s@vzaimo.test", draft.to_address)
    return name_of(settings)


@pytest.mark.parametrize("path", ["", "/a.eml", "/a.eml/html", "/a.eml/raw"])
def test_there_is_no_mailbox_outside_a_demo(path, app, client):
    assert client.get(f"/demo/mailbox{path}").status_code == 404


def test_empty_mailbox_says_how_letters_come_about(demo, client):
    assert "No letter yet" in words(client.get("/demo/mailbox", headers=ENGLISH))


def test_letters_stand_newest_first(demo, client, clock, work_off):
    session = a_session(invited=["anna@example.org"])
    work_off()
    clock.pass_by(minutes=1)
    scheduling.move(session.id, FRIDAY_10_MOSCOW, 2, None)
    work_off()

    shown = words(client.get("/demo/mailbox", headers=ENGLISH))

    assert "2 letters" in shown
    assert shown.index("16 октября 2026") < shown.index("15 октября 2026")


def test_letters_to_one_address_are_found(demo, client, work_off):
    a_session(invited=["anna@example.org", "boris@example.org"])
    work_off()

    shown = words(client.get("/demo/mailbox?to=Anna@", headers=ENGLISH))

    assert ("anna@example.org" in shown, "boris@example.org" in shown) == (True, False)


def test_letter_with_an_encoded_line_break_in_a_name_fells_neither_list_nor_page(demo, client):
    name = b"=?utf-8?q?Bcc=3A_e=40x=0D=0A?="
    raw = compose(DRAFT).replace(b"To: ", b"To: " + name + b" <").replace(
        b"anna@example.org", b"anna@example.org>", 1
    )  # fmt: skip
    FolderMailer(demo.letters_dir).send(raw, "s@vzaimo.test", "anna@example.org")

    listed = client.get("/demo/mailbox", headers=ENGLISH)
    letter = client.get(f"/demo/mailbox/{name_of(demo)}", headers=ENGLISH)

    assert (listed.status_code, letter.status_code) == (200, 200)
    assert "=?utf-8?q?Bcc=3A_e=40x=0D=0A?= <anna@example.org>" in words(listed)


def test_letter_shows_its_words_and_what_the_calendar_is_told(demo, client, work_off):
    a_session(invited=["anna@example.org"])
    work_off()

    shown = words(client.get(f"/demo/mailbox/{name_of(demo)}", headers=ENGLISH))

    assert "For the calendar Invitation Первые три года учителя" in shown
    assert "Thursday, 15 October 2026 10:00–11:30 Moscow time" in shown
    assert "METHOD REQUEST SEQUENCE 0 STATUS CONFIRMED" in shown


def test_letter_without_calendar_is_shown_as_well(demo, client):
    name = send(demo, DRAFT)

    answer = client.get(f"/demo/mailbox/{name}", headers=ENGLISH)

    assert answer.status_code == 200
    assert "For the calendar" not in words(answer)


@pytest.mark.parametrize("calendar", [b"", b"nonsense", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
def test_calendar_that_cannot_be_read_hides_nothing_else(calendar, demo, client):
    name = send(demo, replace(DRAFT, calendar=calendar, method="REQUEST"))

    answer = client.get(f"/demo/mailbox/{name}", headers=ENGLISH)

    assert answer.status_code == 200
    assert "Текст" in words(answer)


def test_nothing_in_the_html_of_a_letter_runs_or_is_fetched(demo, client):
    evil = "<html><head></head><body><script>top.x=1</script><img src=//evil></body></html>"
    name = send(demo, replace(DRAFT, html=evil))

    answer = client.get(f"/demo/mailbox/{name}/html")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.split("; ")[:2] == ["default-src 'none'", "style-src 'unsafe-inline'"]
    sandbox = policy.split("; ")[-1].split()
    assert sandbox[0] == "sandbox"
    assert "allow-scripts" not in sandbox
    assert "allow-same-origin" not in sandbox


def test_letter_stands_in_a_sandboxed_frame_and_its_text_is_only_text(demo, client):
    name = send(demo, replace(DRAFT, text="<script>alert(1)</script>", subject="<b>жирно</b>"))

    page = client.get(f"/demo/mailbox/{name}").text

    assert "<script>alert" not in page
    assert "<b>жирно" not in page
    assert 'sandbox="allow-top-navigation-by-user-activation' in page


def test_links_of_a_letter_open_in_the_whole_window(demo, client, work_off):
    a_session(invited=["anna@example.org"])
    work_off()

    assert '<base target="_top">' in client.get(f"/demo/mailbox/{name_of(demo)}/html").text


def test_letter_is_downloaded_as_it_went(demo, client, outbox):
    name = send(demo, DRAFT)

    answer = client.get(f"/demo/mailbox/{name}/raw")

    assert [answer.data] == outbox.raw()
    assert answer.mimetype == "message/rfc822"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    "name",
    ["../secret.key", "..%2Fsecret.key", "nothing.eml", "x.txt", ".eml", "%00.eml", "a" * 300],
)
@pytest.mark.parametrize("part", ["", "/html", "/raw"])
def test_name_that_is_no_letter_is_not_found(name, part, demo, client):
    assert client.get(f"/demo/mailbox/{name}{part}").status_code == 404


def test_many_letters_stand_on_pages(demo, client, work_off):
    a_session(invited=[f"p{number}@example.org" for number in range(60)])
    work_off()

    first = words(client.get("/demo/mailbox", headers=ENGLISH))
    second = words(client.get("/demo/mailbox?page=2", headers=ENGLISH))

    assert (first.count("Приглашение:"), second.count("Приглашение:")) == (50, 10)


class TestAnswering:
    @pytest.fixture
    def with_mailbox(self, demo) -> Settings:
        changed = replace(demo, inbox="folder")
        ports.put(Settings, changed)
        ports.put(Inbox, FolderInbox(changed.inbox_dir))
        return changed

    @pytest.fixture
    def address(self, with_mailbox, work_off) -> str:
        """The page of an invitation."""
        a_session(invited=["anna@example.org"])
        work_off()
        return f"/demo/mailbox/{name_of(with_mailbox)}"

    @pytest.mark.parametrize(
        ("answer", "state"),
        [("accepted", "confirmed"), ("tentative", "invited"), ("declined", "withdrawn")],
    )
    def test_visitor_answers_as_outlook_does_and_the_answer_comes_by_mail(
        self, client, address, work_off, answer, state
    ):
        press(client, address, f"{address}/answer", answer=answer)
        work_off()

        (row,) = db.session.scalars(select(IncomingMail))
        assert (row.outcome, row.detail) == ("taken", f"reply.{answer}")
        assert db.session.scalars(select(Registration.state)).one() == state

    def test_letter_that_asks_nothing_offers_no_answer(self, with_mailbox, client):
        name = send(with_mailbox, DRAFT)

        assert "Answer as Outlook does" not in words(
            client.get(f"/demo/mailbox/{name}", headers=ENGLISH)
        )
        refused = client.post(f"/demo/mailbox/{name}/answer", data={"answer": "accepted"})
        assert refused.status_code == 404

    def test_answers_of_another_kind_are_not_taken(self, client, address):
        assert client.post(f"{address}/answer", data={"answer": "delegated"}).status_code == 404

    def test_real_mailbox_gets_no_answer_from_here(self, demo, client, work_off):
        a_session(invited=["anna@example.org"])
        work_off()
        address = f"/demo/mailbox/{name_of(demo)}"

        assert "Answer as Outlook does" not in words(client.get(address, headers=ENGLISH))
        assert client.post(f"{address}/answer", data={"answer": "accepted"}).status_code == 404
