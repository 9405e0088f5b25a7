"""`vzaimo timezones` as an operator runs it after tzdata was updated."""

from __future__ import annotations

from datetime import UTC, datetime

from integrations.calendaring import tz_database
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.app import create_app
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import a_session
from tests.sessions.cli.terminal import Terminal

NOON_VOLGOGRAD = WallTime(datetime(2090, 1, 18, 12, 0), "Europe/Volgograd")


def plan_by_old_rules(terminal: Terminal) -> None:
    """A session of a far day, put where a zone an hour further east would have put it."""
    settings = Settings.from_env({}, data=str(terminal.data), log_level="ERROR")
    with create_app(settings).app_context():
        session = a_session(NOON_VOLGOGRAD, title="Mentors")
        with transaction():
            row = db.session.get_one(Session, session.id)
            row.starts_at = datetime(2090, 1, 18, 8, 0, tzinfo=UTC)
            row.tzdata_version = "2020d"


def test_command_tells_what_has_moved_and_then_that_all_is_well(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")
    plan_by_old_rules(terminal)

    first, second = (terminal.here("timezones") for _ in range(2))

    version = f"Time zone database: {tz_database.version()}."
    assert (first.returncode, first.stdout.splitlines()) == (
        0,
        [
            version,
            "Mentors, 2090-01-18 12:00 Europe/Volgograd: "
            "was 2090-01-18 08:00 UTC, is 2090-01-18 09:00 UTC.",
            "1 session has moved to another instant.",
        ],
    )
    assert (second.returncode, second.stdout.splitlines()) == (
        0,
        [version, "Every session to come stands where these rules put it."],
    )


def test_without_a_database_nothing_is_made(terminal: Terminal) -> None:
    said = terminal.here("timezones")

    assert (said.returncode, terminal.data.exists()) == (2, False)
