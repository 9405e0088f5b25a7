"""Rooms: a link of the host's, one that a service makes, and switching between them."""

from __future__ import annotations

import pytest

from integrations.conferencing.port import Room, Services
from integrations.runtime import ports
from integrations.runtime.errors import OutsideError, Refused
from sessions.flows import meetings
from tests.builders import a_session


class Moody:
    """A service that is away until it is told to be there."""

    name = "moody"
    creates = "ahead"

    def __init__(self, error: OutsideError | None = None) -> None:
        self.error = error
        self.made: list[str] = []

    def create(self, key: str, title: str) -> Room:
        if self.error is not None:
            raise self.error
        self.made.append(key)
        return Room(join_url=f"https://moody.example/{key}", external_id=key)


@pytest.mark.parametrize(
    "url",
    [
        "https://meet.example.org/room",
        " https://meet.example.org/room?pwd=1#x \n",
        "http://meet.example.org:8443/a",
        "https://встреча.рф/комната",
    ],
)
def test_pasted_link_is_the_room_at_once(url, app):
    session = a_session()

    meetings.use_link(session.id, url, None)

    meeting = meetings.meeting_of(session.id)
    assert (meeting.state, meeting.join_url) == ("ready", url.strip())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "meet.example.org/room",
        "javascript:alert(1)",
        "ftp://meet.example.org/",
        "https://",
        "https://localhost-without-dot/",
        "https://meet.example.org/a b",
        "https://meet.example.org/\nset-cookie",
        "https://meet.example.org;script-src/",
        "https://user:secret@meet.example.org/",
        "https://meet.example.org:99999/",
        "https://[::1/",
        "https://evil.example\\@meet.example.org/",
    ],
)
def test_what_is_no_web_address_is_refused_and_changes_nothing(url, app):
    session = a_session()

    with pytest.raises(Refused) as refusal:
        meetings.use_link(session.id, url, None)

    assert refusal.value.reason == "meeting.bad_link"
    assert meetings.meeting_of(session.id) is None


def test_another_link_takes_the_place_of_the_first(app):
    session = a_session()
    meetings.use_link(session.id, "https://one.example/a", None)

    meetings.use_link(session.id, "https://two.example/b", None)

    assert meetings.meeting_of(session.id).join_url == "https://two.example/b"


def test_service_makes_a_room_nobody_can_guess_and_always_the_same(app, work_off):
    first, second = a_session(), a_session(title="Другая")
    meetings.use_service(first.id, "jitsi", None)
    meetings.use_service(second.id, "jitsi", None)

    work_off()

    one, two = meetings.meeting_of(first.id), meetings.meeting_of(second.id)
    assert [one.state, two.state] == ["ready", "ready"]
    assert one.join_url.startswith("https://meet.jit.si/vzaimo-")
    assert one.join_url != two.join_url


def test_service_that_is_away_leaves_the_room_pending_until_it_is_back(app, clock, work_off):
    moody = Moody(OutsideError("moody", temporary=True, detail="502"))
    ports.put(Services, Services(moody))
    session = a_session()
    meetings.use_service(session.id, "moody", None)
    work_off()
    while_away = (meetings.meeting_of(session.id).state, meetings.meeting_of(session.id).error)

    moody.error = None
    clock.pass_by(hours=2)
    work_off()

    assert while_away == ("pending", "502")
    meeting = meetings.meeting_of(session.id)
    assert (meeting.state, meeting.error) == ("ready", "")
    assert moody.made == [f"session:{session.id}:moody"]


def test_service_that_refused_is_asked_anew_when_the_host_chooses_it_again(app, clock, work_off):
    moody = Moody(OutsideError("moody", temporary=False, detail="403"))
    ports.put(Services, Services(moody))
    session = a_session()
    meetings.use_service(session.id, "moody", None)
    work_off()
    refused = meetings.meeting_of(session.id).state
    moody.error = None

    meetings.use_service(session.id, "moody", None)
    chosen_again = meetings.meeting_of(session.id).state
    work_off()

    assert (refused, chosen_again) == ("failed", "pending")
    assert meetings.meeting_of(session.id).state == "ready"


def test_service_that_is_not_on_offer_is_refused(app):
    session = a_session()

    with pytest.raises(Refused) as refusal:
        meetings.use_service(session.id, "telepathy", None)

    assert refusal.value.reason == "meeting.no_service"


def test_choosing_a_service_leaves_the_link_and_back_again(app, work_off):
    session = a_session()
    meetings.use_link(session.id, "https://one.example/a", None)
    meetings.use_service(session.id, "jitsi", None)
    work_off()
    by_service = meetings.meeting_of(session.id).service

    meetings.use_link(session.id, "https://one.example/a", None)

    assert (by_service, meetings.meeting_of(session.id).service) == ("jitsi", "link")
