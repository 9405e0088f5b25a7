"""What speaks against an hour: people, cities, rooms and ways that do not fit together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from sessions.rules.conflicts import (
    Conflict,
    Gathering,
    Spot,
    conflicts,
    distance_km,
    travel_time,
)
from sessions.rules.hours import Shares

TEN = datetime(2026, 11, 19, 7, 0, tzinfo=UTC)
PERM, YEKATERINBURG, VLADIVOSTOK, MOSCOW = 1, 2, 3, 4
IN_PERM = Spot(PERM, 58.01, 56.25)
IN_YEKATERINBURG = Spot(YEKATERINBURG, 56.84, 60.60)
IN_VLADIVOSTOK = Spot(VLADIVOSTOK, 43.12, 131.89)
IN_MOSCOW = Spot(MOSCOW, 55.75, 37.62)
ANNA, BORIS = 11, 12
HOUR_S = 3600.0
_ids = count(100)


def a_gathering(hours_later: float = 0, minutes: int = 90, **facts: object) -> Gathering:
    """An online session of its own format, so many hours after ten in Moscow."""
    number = next(_ids)
    starts_at = TEN + timedelta(hours=hours_later)
    known: dict[str, object] = {
        "id": number,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "on": date(2026, 11, 19),
        "format": f"format {number}",
    }
    return Gathering(**{**known, **facts})  # type: ignore[arg-type]


def in_person(spot: Spot | None, hours_later: float = 0, **facts: object) -> Gathering:
    return a_gathering(hours_later, spot=spot, **{"mode": "in_person", **facts})


def test_sessions_that_share_nothing_are_no_conflict() -> None:
    shared = {"speakers": frozenset({ANNA}), "cities": frozenset({(PERM, "presenting")})}
    session = a_gathering(account=1, **shared)
    beside = a_gathering(speakers=frozenset({BORIS}), cities=frozenset({(MOSCOW, "host")}))
    after = a_gathering(hours_later=1.5, account=1, **shared)

    assert conflicts(session, [beside, after], capacity=1) == []


def test_a_session_does_not_conflict_with_itself() -> None:
    session = a_gathering(speakers=frozenset({ANNA}), account=1)

    assert conflicts(session, [session], capacity=1) == []


def test_a_speaker_cannot_be_in_two_sessions_at_once() -> None:
    session = a_gathering(speakers=frozenset({ANNA, BORIS}))
    other = a_gathering(hours_later=1, speakers=frozenset({ANNA}))

    assert conflicts(session, [other]) == [
        Conflict("speaker_twice", "grave", (other.id,), ANNA, facts={"overlap_s": 1800.0})
    ]


def test_one_who_leads_one_session_and_speaks_in_the_other_is_a_speaker_twice() -> None:
    session = a_gathering(hosts=frozenset({ANNA}))
    speaks = a_gathering(speakers=frozenset({ANNA}))
    leads = a_gathering(hosts=frozenset({ANNA}))

    found = conflicts(session, [speaks, leads])

    assert [(one.kind, one.severity, one.with_sessions) for one in found] == [
        ("speaker_twice", "grave", (speaks.id,)),
        ("host_twice", "warning", (leads.id,)),
    ]


def test_a_city_hosts_or_presents_in_one_session_at_a_time_and_may_watch_another() -> None:
    session = a_gathering(cities=frozenset({(PERM, "presenting"), (MOSCOW, "receiving")}))
    hosts = a_gathering(cities=frozenset({(PERM, "host"), (MOSCOW, "host")}))
    watches = a_gathering(cities=frozenset({(PERM, "receiving")}))

    assert conflicts(session, [hosts, watches]) == [
        Conflict("city_twice", "warning", (hosts.id,), city_id=PERM, facts={"overlap_s": 5400.0})
    ]


def test_an_account_holds_as_many_rooms_as_it_may_at_one_moment() -> None:
    session = a_gathering(account=1, minutes=180)
    early, late = a_gathering(account=1), a_gathering(hours_later=1.5, account=1)
    together = a_gathering(hours_later=2, account=1)
    elsewhere = a_gathering(account=2)

    assert conflicts(session, [early, late, elsewhere], capacity=2) == []
    assert conflicts(session, [early, late, elsewhere, together], capacity=2) == [
        Conflict(
            "account_full",
            "grave",
            (late.id, together.id),
            facts={"capacity": 2, "at_once": 3},
        )
    ]
    assert conflicts(session, [early, late, together], capacity=None) == []


def test_two_sessions_of_one_format_at_one_hour_are_noticed() -> None:
    session, other = a_gathering(format="seminar"), a_gathering(format="seminar")

    assert conflicts(session, [other]) == [
        Conflict(
            "same_audience",
            "notice",
            (other.id,),
            facts={
                "same_format": True, "same_topic": False, "shared_cities": 0, "shared_people": 0,
            },
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "severities"),
    [
        ({"audience": {1, 2, 3}}, {"audience": {2, 3, 4}}, []),
        ({"audience": {1, 2, 3}}, {"audience": {1, 2, 3}}, ["warning"]),
        ({"people": {1, 2, 3, 4}}, {"people": {1, 2, 3, 4}}, []),
        ({"people": {1, 2, 3, 4, 5}}, {"people": {1, 2, 3, 4, 5}}, ["warning"]),
        ({"topic": 7}, {"topic": 7}, ["warning"]),
        ({"topic": None}, {"topic": None}, []),
    ],
)
def test_the_same_people_are_called_to_one_session_at_an_hour(
    ours: dict[str, object], theirs: dict[str, object], severities: list[str]
) -> None:
    found = conflicts(a_gathering(**ours), [a_gathering(**theirs), a_gathering(5, **theirs)])

    assert [one.severity for one in found] == severities


def test_a_day_off_is_named() -> None:
    off = {date(2026, 11, 19): "Праздник города"}

    assert conflicts(a_gathering(), [], days_off=off) == [
        Conflict("day_off", "warning", facts={"name": "Праздник города", "on": "2026-11-19"})
    ]


def test_more_than_a_third_outside_working_hours_is_too_many() -> None:
    third = Shares(2 / 3, 0, 1 / 3, 0, outside=1 / 3, other_day=0)
    more = Shares(0.6, 0.1, 0.2, 0.1, outside=0.4, other_day=0.1)

    assert conflicts(a_gathering(), [], shares=third) == []
    assert conflicts(a_gathering(), [], shares=more) == [
        Conflict("outside_hours", "warning", facts={"outside": 0.4, "night": 0.1})
    ]


def test_the_way_from_perm_to_vladivostok_is_flown_and_to_yekaterinburg_driven() -> None:
    near, far = (distance_km(IN_PERM, spot) for spot in (IN_YEKATERINBURG, IN_VLADIVOSTOK))

    assert near == pytest.approx(291, abs=5)
    assert far == pytest.approx(5340, abs=60)
    assert travel_time(300) == timedelta(hours=5)
    assert travel_time(6000) == timedelta(hours=14)
    assert distance_km(IN_PERM, Spot(PERM)) == 0
    assert distance_km(IN_PERM, Spot(MOSCOW)) is None


@pytest.mark.parametrize(("hours_between", "kinds"), [(4.5, ["travel_person"]), (5.0, [])])
def test_a_speaker_needs_the_time_to_get_from_one_city_to_the_other(
    hours_between: float, kinds: list[str]
) -> None:
    session = in_person(IN_PERM, speakers=frozenset({ANNA}))
    other = in_person(IN_YEKATERINBURG, 1.5 + hours_between, hosts=frozenset({ANNA}))

    assert [one.kind for one in conflicts(session, [other])] == kinds
    assert [one.kind for one in conflicts(other, [session])] == kinds


def test_a_way_that_is_too_long_tells_what_its_sentence_needs() -> None:
    session = in_person(Spot(MOSCOW), 5.5, speakers=frozenset({ANNA}))
    other = in_person(IN_PERM, speakers=frozenset({ANNA}), minutes=120)

    assert conflicts(session, [other]) == [
        Conflict(
            "travel_person",
            "grave",
            (other.id,),
            ANNA,
            facts={
                "gap_s": 3.5 * HOUR_S, "needed_s": 4 * HOUR_S, "distance_km": None,
                "from_city": PERM, "to_city": MOSCOW,
            },
        )
    ]  # fmt: skip


def test_a_speaker_who_may_join_a_hybrid_session_from_afar_is_warned_of() -> None:
    session = in_person(IN_PERM, speakers=frozenset({ANNA}), mode="hybrid")
    other = in_person(IN_MOSCOW, 2, speakers=frozenset({ANNA}))

    assert [one.severity for one in conflicts(session, [other])] == ["warning"]


def test_nobody_travels_to_a_session_online_or_within_a_city() -> None:
    session = in_person(IN_PERM, speakers=frozenset({ANNA}))
    online = a_gathering(1.5, speakers=frozenset({ANNA}))
    in_town = in_person(Spot(PERM), 1.5, speakers=frozenset({ANNA}))

    assert conflicts(session, [online, in_town]) == []


def test_a_city_travels_to_meet_in_person_but_watches_a_hybrid_session_from_home() -> None:
    cities = frozenset({(MOSCOW, "receiving")})
    session = in_person(IN_PERM, cities=cities)
    in_person_too = in_person(IN_VLADIVOSTOK, 3, cities=cities)
    hybrid = in_person(IN_VLADIVOSTOK, 3, cities=cities, mode="hybrid")

    found = conflicts(session, [in_person_too, hybrid])

    assert [(one.kind, one.severity, one.with_sessions, one.city_id) for one in found] == [
        ("travel_city", "notice", (in_person_too.id,), MOSCOW)
    ]


def test_being_wanted_twice_at_once_is_said_once_and_not_as_a_way_too_long() -> None:
    shared = {
        "speakers": frozenset({ANNA}),
        "cities": frozenset({(MOSCOW, "presenting"), (PERM, "receiving")}),
    }
    session, other = in_person(IN_PERM, **shared), in_person(IN_VLADIVOSTOK, 1, **shared)

    found = conflicts(session, [other])

    assert [(one.kind, one.person_id, one.city_id) for one in found] == [
        ("speaker_twice", ANNA, None),
        ("city_twice", None, MOSCOW),
        ("travel_city", None, PERM),
    ]


def test_the_gravest_comes_first() -> None:
    session = a_gathering(format="seminar", speakers=frozenset({ANNA}), account=1)
    other = a_gathering(format="seminar", speakers=frozenset({ANNA}), account=1)

    found = conflicts(session, [other], capacity=1, days_off={date(2026, 11, 19): "x"})

    assert [one.kind for one in found] == [
        "account_full", "speaker_twice", "day_off", "same_audience",
    ]  # fmt: skip
