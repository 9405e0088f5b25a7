"""`vzaimo mail` as an operator runs it while letters leave."""

from __future__ import annotations

from integrations.mail import mailing
from integrations.runtime.settings import Settings
from sessions.app import create_app
from tests.builders import a_session
from tests.sessions.cli.terminal import Terminal


def test_operator_stops_all_letters_and_lets_them_go_on(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")
    settings = Settings.from_env({}, data=str(terminal.data), log_level="ERROR")
    with create_app(settings).app_context():
        session = a_session(invited=["anna@example.org", "boris@example.org"])
        batch = f"session:{session.id}:{session.revision}"

    before = terminal.here("mail", "status")
    stopped = terminal.here("mail", "pause")
    paused = terminal.here("mail", "status")
    one = terminal.here("mail", "resume", batch)
    again = terminal.here("mail", "resume")
    after = terminal.here("mail", "status")

    assert before.stdout == f"{batch}  0 of 2 letters have left\n"
    assert stopped.returncode == 0
    assert paused.stdout == f"{batch}  paused, 0 of 2 letters have left\n"
    assert (one.returncode, again.returncode) == (1, 0)
    assert after.stdout == before.stdout
    with create_app(settings).app_context():
        assert not mailing.progress(batch).is_paused
