"""What the desk calls urgent: a room or a recording a month away is counted and left for later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from integrations.runtime import clock as time_now
from sessions.flows import scheduling
from sessions.rules.timetable import WallTime
from sessions.web import desk_lists
from tests.builders import THURSDAY_10_MOSCOW, a_person, a_session, signed_in
from tests.sessions.web.reading import words

MONTH_LATER = WallTime(THURSDAY_10_MOSCOW.local + timedelta(days=31), "Europe/Moscow")


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    """A host's browser, in English."""
    person = a_person("host@example.org", locale="en", roles=[("host", "*")], account=True)
    return signed_in(app, person)


def found() -> desk_lists.Desk:
    return desk_lists.of(None, time_now.now(), "Europe/Moscow")


class TestRoom:
    def test_session_a_month_away_may_wait_for_its_room(self, app, clock):
        near = a_session()
        a_session(MONTH_LATER)
        clock.move_to(near.starts_at - timedelta(days=1))

        rooms = found().without_room

        assert ([one.id for one in rooms.first], rooms.number, rooms.far) == ([near.id], 1, 1)

    def test_desk_says_how_many_wait_and_where_they_stand(self, host, clock):
        near = a_session(title="Близкая")
        a_session(MONTH_LATER)
        clock.move_to(near.starts_at - timedelta(days=1))

        page = words(host.get("/desk"))

        assert "1 later session has no room either. In the schedule" in page


class TestRecording:
    def test_session_held_a_month_ago_is_asked_for_no_more(self, app, clock):
        old = a_session()
        late = a_session(MONTH_LATER)
        clock.move_to(late.starts_at + timedelta(hours=3))
        for session in (old, late):
            scheduling.end(session.id, session.revision, None)

        recordings = found().without_recording

        assert [one.id for one in recordings.first] == [late.id]
        assert (recordings.number, recordings.far) == (1, 1)
