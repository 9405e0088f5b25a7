"""Changing sessions through the API: who may, with what in view, and what comes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from integrations.runtime.database import db
from sessions.flows import scheduling
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW, a_city, a_host, a_person, a_season, a_session
from tests.conftest import Clock
from tests.outbox import Outbox
from tests.sessions.web.api.calling import ENGLISH, bearer

SESSIONS = "/api/v1/sessions/"


def at(session: Session, step: str = "") -> str:
    return f"{SESSIONS}{session.id}" + (f"/{step}" if step else "")


def test_a_part_of_a_session_is_changed_and_the_rest_stays(client: FlaskClient) -> None:
    city, omsk = a_city(), a_city("Омск", "Asia/Omsk", "Омску")
    session = a_session(presenting=(city.id,), summary="как было")
    headers = bearer(a_host(), "read", "plan")
    tag = client.get(at(session), headers=headers).headers["ETag"]
    line = {
        "offset_min": 0, "duration_min": 20, "title": "Пара",
        "speakers": [{"given": "Анна", "family": "Белова", "email": "anna@example.org"}],
    }  # fmt: skip

    edited = client.patch(
        at(session),
        json={"title": "Новое", "receiving": [omsk.id], "agenda": [line]},
        headers={**headers, "If-Match": tag},
    )
    again = client.patch(
        at(session),
        json={"place": "Актовый зал"},
        headers={**headers, "If-Match": edited.headers["ETag"]},
    )

    told = again.json or {}
    assert (edited.status_code, again.status_code) == (200, 200)
    assert (told["title"], told["summary"], told["place"]) == ("Новое", "как было", "Актовый зал")
    assert [(one["name"], one["role"]) for one in told["cities"]] == [
        ("Пермь", "presenting"),
        ("Омск", "receiving"),
    ]
    assert [one["name"] for one in told["agenda"][0]["speakers"]] == ["Анна Белова"]
    assert "anna@example.org" not in again.text


@pytest.mark.parametrize(
    ("field", "most"), [("title", 200), ("title_en", 200), ("place", 200), ("summary", 4000)]
)
def test_words_are_as_long_as_the_form_of_the_page_takes_them(
    client: FlaskClient, field: str, most: int
) -> None:
    session, headers = a_session(), bearer(a_host(), "read", "plan")
    body = {"revision": session.revision}

    long = client.patch(at(session), json={**body, field: "я" * (most + 1)}, headers=headers)
    fits = client.patch(at(session), json={**body, field: "я" * most}, headers=headers)

    assert (long.status_code, fits.status_code) == (422, 200)


def test_a_stale_edit_gets_both_versions(client: FlaskClient) -> None:
    session = a_session(title="было")
    headers = bearer(a_host(), "read", "plan")
    seen = session.revision
    client.patch(at(session), json={"title": "её", "revision": seen}, headers=headers)

    stale = client.patch(at(session), json={"title": "моё", "revision": seen}, headers=headers)

    told = stale.json or {}
    assert (stale.status_code, stale.mimetype) == (409, "application/problem+json")
    assert told["code"] == "edit.stale"
    assert told["yours"] == {"title": "моё", "revision": seen}
    assert (told["theirs"]["title"], told["theirs"]["revision"]) == ("её", seen + 1)
    assert db.session.get_one(Session, session.id).title == "её"


@pytest.mark.parametrize("step", ["", "move", "schedule", "cancel"])
def test_a_change_without_a_revision_is_refused(client: FlaskClient, step: str) -> None:
    session = a_session()
    headers = bearer(a_host(), "read", "plan")
    body = {"wall_start": "2026-10-16T10:00:00"} if step == "move" else {}

    answer = client.open(
        at(session, step), method="POST" if step else "PATCH", json=body, headers=headers
    )

    assert (answer.status_code, (answer.json or {})["code"]) == (428, "edit.revision_missing")


def test_only_who_runs_a_session_changes_it(client: FlaskClient) -> None:
    session, draft = a_session(), a_session(draft=True)
    own = a_person("own@example.org", roles=[("session_host", f"session:{session.id}")])
    member = a_person("member@example.org")
    body = {"title": "Новое", "revision": session.revision}

    told = {
        "nobody": client.patch(at(session), json=body, headers=ENGLISH),
        "reader": client.patch(at(session), json=body, headers=bearer(own, "read")),
        "member": client.patch(at(session), json=body, headers=bearer(member, "read", "plan")),
        "draft": client.patch(at(draft), json=body, headers=bearer(own, "read", "plan")),
        "own": client.patch(at(session), json=body, headers=bearer(own, "read", "plan")),
    }

    codes = {who: (one.status_code, (one.json or {}).get("code")) for who, one in told.items()}
    assert codes == {
        "nobody": (401, "token.needed"),
        "reader": (403, "token.scope"),
        "member": (403, "access.denied"),
        "draft": (403, "access.denied"),
        "own": (200, None),
    }


def test_a_session_passes_through_its_states(client: FlaskClient, clock: Clock) -> None:
    session = a_session(draft=True)
    headers = bearer(a_host(), "read", "plan")
    when = {"wall_start": "2026-11-12T10:00:00", "tz": "Asia/Omsk"}
    steps: list[tuple[str, dict[str, str]]] = [
        ("schedule", {}), ("move", when), ("postpone", {}), ("reschedule", when),
        ("cancel", {}), ("reinstate", {}), ("end", {}),
    ]  # fmt: skip

    told = []
    for step, body in steps:
        if step == "end":
            clock.move_to(datetime(2026, 11, 12, 5, 0, tzinfo=UTC))
        tag = client.get(at(session), headers=headers).headers["ETag"]
        answer = client.post(at(session, step), json=body, headers={**headers, "If-Match": tag})
        told.append((step, answer.status_code, (answer.json or {})["state"]))

    assert told == [
        ("schedule", 200, "scheduled"),
        ("move", 200, "scheduled"),
        ("postpone", 200, "postponed"),
        ("reschedule", 200, "scheduled"),
        ("cancel", 200, "cancelled"),
        ("reinstate", 200, "scheduled"),
        ("end", 200, "held"),
    ]
    now = db.session.get_one(Session, session.id)
    assert (now.wall_start.isoformat(), now.tz) == ("2026-11-12T10:00:00", "Asia/Omsk")


def test_what_the_state_forbids_is_a_conflict_with_its_code(client: FlaskClient) -> None:
    session = a_session()
    body = {"revision": session.revision}

    answer = client.post(
        at(session, "reinstate"), json=body, headers=bearer(a_host(), "read", "plan")
    )

    told = answer.json or {}
    assert (answer.status_code, told["code"]) == (409, "session.cannot_reinstate")
    assert told["detail"] == "Only a cancelled session can be brought back."


def test_a_session_that_has_not_begun_is_not_ended(client: FlaskClient) -> None:
    session = a_session()

    answer = client.post(
        at(session, "end"),
        json={"revision": session.revision},
        headers=bearer(a_host(), "read", "plan"),
    )

    told = answer.json or {}
    assert (answer.status_code, told["code"]) == (409, "session.not_begun")
    assert db.session.get_one(Session, session.id).state == "scheduled"


def test_a_session_is_moved_to_the_past_only_where_it_is_meant_so(client: FlaskClient) -> None:
    session, headers = a_session(), bearer(a_host(), "read", "plan")
    body = {"wall_start": "2026-09-10T10:00", "revision": session.revision}

    slip = client.post(at(session, "move"), json=body, headers=headers)
    meant = client.post(at(session, "move"), json={**body, "past": True}, headers=headers)

    assert (slip.status_code, (slip.json or {})["code"]) == (422, "session.past_hour")
    assert (meant.status_code, (meant.json or {})["wall_start"]) == (200, "2026-09-10T10:00:00")


def test_a_session_moved_past_its_season_goes_to_the_one_there_or_asks(
    client: FlaskClient,
) -> None:
    own = a_season().id
    session, headers = a_session(), bearer(a_host(), "read", "plan")
    following = a_season("2027/28", starts_on=date(2027, 9, 1), ends_on=date(2028, 5, 31))
    body = {"wall_start": "2027-07-10T10:00", "revision": session.revision}

    slip = client.post(at(session, "move"), json=body, headers=headers)
    meant = client.post(at(session, "move"), json={**body, "beyond": True}, headers=headers)
    stayed = db.session.get_one(Session, session.id, populate_existing=True).season_id
    body = {"wall_start": "2027-10-09T10:00", "revision": session.revision}
    moved = client.post(at(session, "move"), json=body, headers=headers)

    assert (slip.status_code, (slip.json or {})["code"]) == (422, "session.beyond_season")
    assert (meant.status_code, stayed, moved.status_code) == (200, own, 200)
    now = db.session.get_one(Session, session.id, populate_existing=True)
    assert now.season_id == following.id


@pytest.mark.parametrize(
    ("wall_start", "told"),
    [
        ("2027-05-05", "Write date and hour like this: 2026-10-15T10:00."),
        (
            "2027-03-28T02:30",
            "There is no such hour on this day: the clocks go forward over it.",
        ),
    ],
)
def test_an_hour_that_is_none_is_refused(wall_start: str, told: str, client: FlaskClient) -> None:
    session = a_session()
    body = {"wall_start": wall_start, "tz": "Europe/Berlin", "revision": session.revision}

    answer = client.post(at(session, "move"), json=body, headers=bearer(a_host(), "read", "plan"))

    errors = (answer.json or {})["errors"]
    assert (answer.status_code, errors) == (422, [{"detail": told, "pointer": "#/wall_start"}])


def test_a_step_that_was_overtaken_is_stale(client: FlaskClient) -> None:
    session = a_session()
    seen = session.revision
    scheduling.move(session.id, FRIDAY_10_MOSCOW, seen, None)

    answer = client.post(
        at(session, "cancel"), json={"revision": seen}, headers=bearer(a_host(), "read", "plan")
    )

    told = answer.json or {}
    assert (answer.status_code, told["code"]) == (409, "edit.stale")
    assert told["theirs"]["wall_start"] == "2026-10-16T10:00:00"
    assert db.session.get_one(Session, session.id).state == "scheduled"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"presenting": [999]}, "#/presenting"),
        ({"topic_id": 999}, "#/topic_id"),
        ({"agenda": [{"offset_min": 0, "duration_min": 9, "title": "а",
                      "speakers": [{"person_id": 999}]}]}, "#/agenda"),
        ({"agenda": [{"offset_min": 0, "duration_min": 9, "title": "а",
                      "speakers": [{"post": "директор"}]}]}, "#/agenda/0/speakers/0"),
        ({"format": "party"}, "#/format"),
        ({"state": "held"}, "#/state"),
        ({"title": "\u200b"}, "#/title"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_by_its_place(
    client: FlaskClient, body: dict[str, object], pointer: str
) -> None:
    session = a_session()

    answer = client.patch(
        at(session),
        json={**body, "revision": session.revision},
        headers=bearer(a_host(), "read", "plan"),
    )

    assert answer.status_code == 422
    assert [one["pointer"] for one in (answer.json or {})["errors"]] == [pointer]


def test_a_move_tells_those_invited(client: FlaskClient, outbox: Outbox, work_off: object) -> None:
    session = a_session(invited=["anna@example.org"])
    body = {"wall_start": "2026-10-16T10:00:00", "revision": session.revision}

    client.post(at(session, "move"), json=body, headers=bearer(a_host(), "read", "plan"))
    work_off()  # type: ignore[operator]

    last = outbox.calendars_to("anna@example.org")[-1]
    assert (last["SEQUENCE"], last["DTSTART"].dt.isoformat()) == (1, "2026-10-16T07:00:00+00:00")
