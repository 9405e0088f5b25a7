"""What every mailbox must do: give each message once, lose none, and say when it cannot be read."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.mail.folder_inbox import FolderInbox
from integrations.mail.imap_inbox import ImapInbox
from integrations.mail.inbox_port import LARGEST_BYTES, Inbox, NoInbox
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings
from tests.mailservers import Dovecot, dovecot

USER = "rsvp@vzaimo.test"


def a_message(subject: str = "Принято", size: int = 0) -> bytes:
    text = f"From: a@example.org\r\nTo: {USER}\r\nSubject: {subject}\r\n\r\n".encode()
    return text + b"x" * max(size - len(text), 0)


@dataclass
class Post:
    """A mailbox, and the way in which messages come into it."""

    inbox: Inbox
    folder: Path | None = None
    server: Dovecot | None = None
    number: int = 0

    def arrives(self, raw: bytes) -> None:
        self.number += 1
        if self.folder is not None:
            self.folder.mkdir(exist_ok=True)
            path = self.folder / f"{9 - self.number}.eml"  # its name says nothing of when it came
            path.write_bytes(raw)
            os.utime(path, ns=(time.time_ns(), time.time_ns() + self.number))
        else:
            assert self.server is not None
            self.server.deliver(USER, raw)

    def lies_in(self, place: str) -> list[bytes]:
        if self.folder is not None:
            files = sorted((self.folder / place).glob("*.eml"), key=lambda p: p.stat().st_mtime_ns)
            return [file.read_bytes() for file in files]
        assert self.server is not None
        return self.server.messages(f"Vzaimo/{place.capitalize()}", USER)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture(params=["folder", pytest.param("imap", marks=pytest.mark.deep)])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    if request.param == "folder":
        yield Post(FolderInbox(tmp_path / "inbox"), folder=tmp_path / "inbox")
        return
    server: Dovecot = request.getfixturevalue("server")
    _empty(server)
    yield Post(ImapInbox(Settings(**server.settings(USER))), server=server)


def _empty(server: Dovecot) -> None:
    with server.client(USER) as client:
        for folder in ("Vzaimo/Done", "Vzaimo/Quarantine"):
            if client.folder_exists(folder):
                client.delete_folder(folder)
        client.select_folder("INBOX")
        client.delete_messages(client.search(["ALL"]))
        client.expunge()


class TestEveryInbox:
    def test_gives_what_waits_whole_and_the_oldest_first(self, post):
        for subject in ("first", "second", "third"):
            post.arrives(a_message(subject))

        with post.inbox.opened() as inbox:
            found = [inbox.fetch(key) for key in inbox.waiting()]

        assert [message.raw for message in found] == [
            a_message("first"), a_message("second"), a_message("third"),
        ]  # fmt: skip
        assert [message.size_bytes for message in found] == [
            len(a_message("first")), len(a_message("second")), len(a_message("third")),
        ]  # fmt: skip

    def test_says_when_a_message_came_in_utc(self, post):
        post.arrives(a_message())

        with post.inbox.opened() as inbox:
            (key,) = inbox.waiting()
            message = inbox.fetch(key)

        assert message.received_at.utcoffset() == timedelta(0)
        assert abs(message.received_at - datetime.now(UTC)) < timedelta(minutes=1)

    def test_message_waits_until_it_is_put_away(self, post):
        post.arrives(a_message())

        with post.inbox.opened() as inbox:
            inbox.fetch(*inbox.waiting())
        with post.inbox.opened() as inbox:
            again = len(inbox.waiting())

        assert again == 1

    def test_what_was_read_is_kept_where_people_find_it(self, post):
        for subject in ("good", "odd"):
            post.arrives(a_message(subject))

        with post.inbox.opened() as inbox:
            good, odd = inbox.waiting()
            inbox.put_away(good, "done")
            inbox.put_away(odd, "quarantine")
            left = inbox.waiting()

        assert left == []
        assert post.lies_in("done") == [a_message("good")]
        assert post.lies_in("quarantine") == [a_message("odd")]

    def test_putting_away_twice_is_once(self, post):
        post.arrives(a_message())

        with post.inbox.opened() as inbox:
            (key,) = inbox.waiting()
            inbox.put_away(key, "done")
            inbox.put_away(key, "quarantine")

        assert (post.lies_in("done"), post.lies_in("quarantine")) == ([a_message()], [])

    def test_two_readers_do_not_disturb_each_other(self, post):
        post.arrives(a_message("first"))
        post.arrives(a_message("second"))

        with post.inbox.opened() as one, post.inbox.opened() as other:
            keys = one.waiting()
            other.put_away(other.waiting()[0], "done")
            found = [one.fetch(key) for key in keys]
            one.put_away(keys[0], "done")

        assert [message and message.raw for message in found] == [None, a_message("second")]
        assert post.lies_in("done") == [a_message("first")]

    def test_message_that_comes_while_others_are_read_waits_for_the_next_look(self, post):
        post.arrives(a_message("first"))

        with post.inbox.opened() as inbox:
            (key,) = inbox.waiting()
            post.arrives(a_message("second"))
            inbox.put_away(key, "done")
        with post.inbox.opened() as inbox:
            found = [inbox.fetch(key).raw for key in inbox.waiting()]

        assert found == [a_message("second")]

    def test_huge_message_is_not_fetched_whole(self, post):
        huge = a_message("huge", LARGEST_BYTES + 500_000)
        post.arrives(huge)

        with post.inbox.opened() as inbox:
            message = inbox.fetch(*inbox.waiting())

        assert message.raw == huge[:LARGEST_BYTES]
        assert message.size_bytes == len(huge)

    def test_same_message_twice_is_two_messages(self, post):
        post.arrives(a_message())
        post.arrives(a_message())

        with post.inbox.opened() as inbox:
            for key in inbox.waiting():
                inbox.put_away(key, "done")

        assert post.lies_in("done") == [a_message(), a_message()]

    def test_empty_mailbox_is_ready_and_nothing_waits(self, post):
        post.inbox.check()

        with post.inbox.opened() as inbox:
            assert inbox.waiting() == []


class TestFolder:
    def test_file_half_written_and_what_is_no_message_do_not_wait(self, tmp_path):
        (tmp_path / ".one.eml").write_bytes(a_message())
        (tmp_path / "two.eml.part").write_bytes(a_message())
        (tmp_path / "three.txt").write_bytes(a_message())
        (tmp_path / "four.eml").symlink_to("/etc/passwd")
        (tmp_path / "five.eml").mkdir()

        with FolderInbox(tmp_path).opened() as inbox:
            assert inbox.waiting() == []

    def test_another_file_of_the_same_name_replaces_none(self, tmp_path):
        inbox = FolderInbox(tmp_path)

        for subject in ("first", "second", "third"):
            (tmp_path / "reply.eml").write_bytes(a_message(subject))
            inbox.put_away("reply.eml", "done")

        assert sorted(path.read_bytes() for path in (tmp_path / "done").iterdir()) == sorted(
            a_message(subject) for subject in ("first", "second", "third")
        )

    def test_folder_that_cannot_be_made_may_be_there_later(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        inbox = FolderInbox(tmp_path / "file" / "inbox")

        with pytest.raises(OutsideError) as error, inbox.opened():
            pass
        with pytest.raises(OutsideError):
            inbox.check()

        assert error.value.temporary


def test_installation_that_reads_no_mail_finds_nothing_waiting():
    NoInbox().check()

    with NoInbox().opened() as inbox:
        assert inbox.waiting() == []


@pytest.mark.deep
class TestImap:
    def test_message_stays_unseen_for_people_who_look_into_the_mailbox(self, server):
        _empty(server)
        server.deliver(USER, a_message())

        with ImapInbox(Settings(**server.settings(USER))).opened() as inbox:
            inbox.fetch(*inbox.waiting())

        with server.client(USER) as client:
            client.select_folder("INBOX", readonly=True)
            assert len(client.search(["UNSEEN"])) == 1

    def test_line_that_is_lost_is_made_again(self, server):
        _empty(server)
        server.deliver(USER, a_message("first"))
        server.deliver(USER, a_message("second"))

        with ImapInbox(Settings(**server.settings(USER))).opened() as inbox:
            first, second = inbox.waiting()
            inbox.put_away(first, "done")
            server.stop()
            server.start()
            found = inbox.fetch(second)
            inbox.put_away(second, "done")

        assert found.raw == a_message("second")
        assert server.messages("Vzaimo/Done", USER) == [a_message("first"), a_message("second")]

    def test_server_that_went_away_may_come_back(self, server):
        _empty(server)
        server.deliver(USER, a_message())
        inbox = ImapInbox(Settings(**server.settings(USER)))

        with inbox.opened() as reading:
            (key,) = reading.waiting()
            server.stop()
            with pytest.raises(OutsideError) as error:
                reading.fetch(key)
            with pytest.raises(OutsideError):
                inbox.check()
            server.start()

        assert error.value.temporary
        with inbox.opened() as reading:
            assert reading.waiting() == [key]

    def test_number_of_another_count_names_no_message(self, server):
        _empty(server)
        server.deliver(USER, a_message("old"))

        with ImapInbox(Settings(**server.settings(USER))).opened() as inbox:
            (key,) = inbox.waiting()
            validity, _, uid = key.partition(".")
            stale = f"{int(validity) - 1}.{uid}"
            fetched = inbox.fetch(stale)
            inbox.put_away(stale, "quarantine")

            assert (fetched, inbox.waiting()) == (None, [key])

    def test_refused_sign_in_is_the_operators_to_mend(self, server):
        inbox = ImapInbox(Settings(**server.settings(USER, imap_password="another")))

        with pytest.raises(OutsideError) as error:
            inbox.check()

        assert not error.value.temporary

    def test_folder_that_is_not_there_is_told(self, server):
        inbox = ImapInbox(Settings(**server.settings(USER, imap_folder="Nowhere")))

        with pytest.raises(OutsideError) as error:
            inbox.check()

        assert "Nowhere" in error.value.detail

    def test_server_that_is_not_there_may_be_there_later(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        settings = Settings(imap_host="127.0.0.1", imap_port=str(port), imap_tls="none")

        with pytest.raises(OutsideError) as error:
            ImapInbox(settings).check()

        assert error.value.temporary

    def test_server_that_cannot_move_copies_and_marks(self):
        with dovecot(capability="IMAP4rev1 LITERAL+ UIDPLUS NAMESPACE") as plain:
            plain.deliver(USER, a_message())

            with ImapInbox(Settings(**plain.settings(USER))).opened() as inbox:
                inbox.put_away(*inbox.waiting(), "done")
                left = inbox.waiting()

            assert (left, plain.messages("INBOX", USER)) == ([], [])
            assert plain.messages("Vzaimo/Done", USER) == [a_message()]

    def test_folders_of_ours_lie_where_the_server_wants_folders(self):
        with dovecot(separator=".", prefix="INBOX.") as courier:
            courier.deliver(USER, a_message())

            with ImapInbox(Settings(**courier.settings(USER))).opened() as inbox:
                inbox.put_away(*inbox.waiting(), "quarantine")

            assert courier.messages("INBOX.Vzaimo.Quarantine", USER) == [a_message()]

    def test_where_no_folder_may_be_made_the_message_bears_a_keyword(self, server):
        _empty(server)
        server.deliver(USER, a_message())
        mail = server.folder / "mail" / USER
        (mail / ".Vzaimo.Done").write_text("in the way")
        (mail / ".Vzaimo").write_text("in the way")

        try:
            with ImapInbox(Settings(**server.settings(USER))).opened() as inbox:
                inbox.put_away(*inbox.waiting(), "done")
                left = inbox.waiting()
            with server.client(USER) as client:
                client.select_folder("INBOX", readonly=True)
                marked = client.search(["KEYWORD", "VzaimoDone"])
        finally:
            (mail / ".Vzaimo.Done").unlink()
            (mail / ".Vzaimo").unlink()

        assert (left, len(marked)) == ([], 1)

    @pytest.mark.parametrize("tls", ["starttls", "ssl"])
    def test_reads_over_tls_and_trusts_no_unknown_certificate(self, tls, monkeypatch):
        with dovecot(tls=True) as secure:
            secure.deliver(USER, a_message())
            port = secure.tls_port if tls == "ssl" else secure.port
            settings = Settings(
                **secure.settings(USER, imap_tls=tls, imap_port=str(port), imap_host="localhost")
            )

            with pytest.raises(OutsideError) as error:
                ImapInbox(settings).check()
            monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
            with ImapInbox(settings).opened() as inbox:
                inbox.put_away(*inbox.waiting(), "done")

            assert "certificate" in error.value.detail.lower()
            assert secure.messages("Vzaimo/Done", USER) == [a_message()]

    def test_starttls_that_the_server_lacks_is_no_reason_to_sign_in_in_the_clear(self, server):
        inbox = ImapInbox(Settings(**server.settings(USER, imap_tls="starttls")))

        with pytest.raises(OutsideError) as error:
            inbox.check()

        assert "STARTTLS" in error.value.detail
