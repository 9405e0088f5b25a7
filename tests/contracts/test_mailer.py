"""What every mailer must do: hand over whole, once, and say which failure is final."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from integrations.mail.folder import FolderMailer
from integrations.mail.message import Draft, compose
from integrations.mail.port import Mailer
from integrations.mail.smtp import SmtpMailer
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings


def a_letter(to: str = "anna@example.org", message_id: str = "one@vzaimo.test") -> bytes:
    return compose(
        Draft(
            to_address=to,
            to_name="Анна Белова",
            from_address="sessions+t@vzaimo.test",
            from_name="Взаимообучение городов",
            subject="Приглашение: первые три года учителя",
            text="12:00 по Перми\n.\nпосле точки\n",
            html="<p>12:00 по Перми</p>",
            message_id=message_id,
            written_at=datetime(2026, 10, 1, tzinfo=UTC),
        )
    )


@dataclass
class Received:
    """What a server took, and how it answers."""

    letters: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    to_mail: str = ""
    to_rcpt: str = ""
    to_data: str = ""

    async def handle_MAIL(  # noqa: N802 aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_mail or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if not self.to_rcpt:
            envelope.rcpt_tos.append(address)
        return self.to_rcpt or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.to_data:
            return self.to_data
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 OK"


@contextmanager
def a_server(received: Received) -> Iterator[Settings]:
    """A real SMTP server on a free port of this machine, and the settings that lead to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(received, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Settings(mail="smtp", smtp_host="127.0.0.1", smtp_port=str(port))
    finally:
        controller.stop()
        for thread in threading.enumerate():
            if thread is controller._thread:
                thread.join(5)


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def smtp(received: Received) -> Iterator[SmtpMailer]:
    with a_server(received) as settings:
        yield SmtpMailer(settings)


class TestEveryMailer:
    @pytest.fixture(params=["folder", "smtp"])
    def mailer(self, request: pytest.FixtureRequest, tmp_path: Path) -> Mailer:
        if request.param == "folder":
            return FolderMailer(tmp_path / "letters")
        mailer: Mailer = request.getfixturevalue("smtp")
        return mailer

    def taken(self, mailer: Mailer, tmp_path: Path, received: Received) -> list[bytes]:
        if isinstance(mailer, FolderMailer):
            return [file.read_bytes() for file in (tmp_path / "letters").glob("*.eml")]
        return [raw for _, _, raw in received.letters]

    def test_hands_the_letter_over_byte_for_byte(self, mailer, tmp_path, received):
        raw = a_letter()

        answer = mailer.send(raw, "sessions@vzaimo.test", "anna@example.org")

        assert self.taken(mailer, tmp_path, received) == [raw]
        assert answer != ""

    def test_is_ready_when_it_can_send(self, mailer):
        mailer.check()

    def test_takes_letters_to_several_people_apart(self, mailer, tmp_path, received):
        letters = [a_letter(f"{name}@example.org", f"{name}@vzaimo.test") for name in "ab"]

        for raw, name in zip(letters, "ab", strict=True):
            mailer.send(raw, "sessions@vzaimo.test", f"{name}@example.org")

        assert sorted(self.taken(mailer, tmp_path, received)) == sorted(letters)


class TestFolder:
    def test_same_letter_again_takes_the_place_of_its_own_file(self, tmp_path):
        mailer = FolderMailer(tmp_path)

        mailer.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")
        mailer.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")

        assert len(list(tmp_path.iterdir())) == 1

    def test_address_cannot_name_another_place(self, tmp_path):
        mailer = FolderMailer(tmp_path / "letters")

        mailer.send(a_letter(), "sessions@vzaimo.test", "../../../etc/passwd@example.org")

        assert [path.parent for path in tmp_path.rglob("*.eml")] == [tmp_path / "letters"]

    def test_folder_that_cannot_be_made_may_be_there_later(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        mailer = FolderMailer(tmp_path / "file" / "letters")

        with pytest.raises(OutsideError) as error:
            mailer.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")
        with pytest.raises(OutsideError):
            mailer.check()

        assert error.value.temporary


class TestSmtp:
    def test_envelope_holds_the_sender_and_one_recipient(self, smtp, received):
        smtp.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")

        ((sender, recipients, _),) = received.letters
        assert (sender, recipients) == ("sessions@vzaimo.test", ["anna@example.org"])

    def test_letters_one_after_another_share_a_connection_until_the_server_ends_it(
        self, smtp, received
    ):
        with smtp.kept_open() as line:
            line.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")
            kept = line._server
            line.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")
            assert line._server is kept
            kept.sock.shutdown(
                socket.SHUT_RDWR
            )  # as a server that takes so many letters a connection
            line.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")
            assert line._server is not kept

        assert len(received.letters) == 3

    def test_cyrillic_domain_travels_in_ascii(self, smtp, received):
        smtp.send(a_letter("info@школа.рф"), "sessions@vzaimo.test", "info@школа.рф")

        ((_, recipients, raw),) = received.letters
        assert recipients == ["info@xn--80atdl2c.xn--p1ai"]
        assert b"info@xn--80atdl2c.xn--p1ai" in raw

    @pytest.mark.parametrize(
        ("refusal", "temporary"),
        [
            ({"to_rcpt": "550 5.1.1 no such user"}, False),
            ({"to_rcpt": "552 5.2.2 mailbox full"}, False),
            ({"to_rcpt": "450 4.2.0 greylisted"}, True),
            ({"to_rcpt": "530 5.7.0 sign in first"}, True),
            ({"to_data": "554 5.7.1 looks like spam"}, False),
            ({"to_data": "451 4.3.0 try later"}, True),
            ({"to_mail": "550 5.7.1 not from here"}, True),
            ({"to_mail": "421 4.3.2 shutting down"}, True),
        ],
    )
    def test_says_whether_a_refusal_is_final(self, refusal, temporary, smtp, received):
        for name, answer in refusal.items():
            setattr(received, name, answer)

        with pytest.raises(OutsideError) as error:
            smtp.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")

        assert (error.value.temporary, error.value.detail) == (temporary, *refusal.values())
        assert received.letters == []

    def test_server_that_is_not_there_may_be_there_later(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        mailer = SmtpMailer(Settings(smtp_host="127.0.0.1", smtp_port=str(port)))

        with pytest.raises(OutsideError) as error:
            mailer.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")
        with pytest.raises(OutsideError):
            mailer.check()

        assert error.value.temporary

    def test_starttls_that_the_server_lacks_is_no_reason_to_send_in_the_clear(self, received):
        with a_server(received) as plain:
            mailer = SmtpMailer(
                Settings(smtp_host="127.0.0.1", smtp_port=plain.smtp_port, smtp_tls="starttls")
            )

            with pytest.raises(OutsideError) as error:
                mailer.send(a_letter(), "sessions@vzaimo.test", "anna@example.org")

        assert error.value.temporary
        assert received.letters == []
