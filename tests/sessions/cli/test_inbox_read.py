"""`vzaimo inbox read`: what waits is taken at once, and said in words."""

from __future__ import annotations

from tests.replies_made import a_mail
from tests.sessions.cli.terminal import Terminal


def test_what_waits_is_taken_and_counted(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")
    inbox = terminal.data / "inbox"
    inbox.mkdir()
    (inbox / "one.eml").write_bytes(a_mail("a@example.org", "b@example.org", "Вопрос", "Где?"))

    said = terminal.here("inbox", "read", VZAIMO_INBOX="folder")

    assert (said.returncode, said.stdout) == (0, "1 message was taken.\n")
    assert "1 of them waits for a person, on the page /desk/mail." in said.stderr
    assert terminal.ask("SELECT kind, outcome FROM incoming_mail") == [("other", "queued")]
    assert (inbox / "quarantine" / "one.eml").exists()


def test_without_a_mailbox_the_setting_is_named(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")

    said = terminal.here("inbox", "read")

    assert said.returncode == 2
    assert "VZAIMO_INBOX" in said.stderr


def test_mailbox_that_does_not_answer_is_told_here_and_by_the_doctor(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")
    away = {"VZAIMO_INBOX": "imap", "VZAIMO_IMAP_PORT": "1", "VZAIMO_IMAP_TLS": "none"}

    said, doctor = terminal.here("inbox", "read", **away), terminal.here("doctor", **away)

    assert said.returncode == 3
    assert "imap does not answer" in said.stderr
    assert doctor.returncode == 1
    assert "VZAIMO_IMAP_HOST" in doctor.stdout


def test_doctor_sends_no_letter_where_none_could_come_back(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")

    said = terminal.here("doctor", "--letter")

    assert said.returncode == 0
    assert "VZAIMO_MAIL=smtp and VZAIMO_INBOX=imap" in said.stdout
