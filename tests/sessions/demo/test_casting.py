"""On any day of any year the demo has something behind, something near and something now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from sessions.demo import casting, open_room, repertoire, sources, talk_files, talk_text, year
from sessions.demo.city_table import read_cities
from sessions.demo.timetabling import HOME, Seasons, Slot
from sessions.flows.planning import days_off

DATES = [
    *(datetime(2026, month, 1, 0, 5, tzinfo=UTC) for month in range(1, 13)),
    datetime(2026, 1, 9, 12, tzinfo=UTC),
    datetime(2027, 2, 28, 21, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 6, tzinfo=UTC),
    datetime(2026, 5, 21, 8, 30, tzinfo=UTC),  # while the closing conference is on
    datetime(2026, 8, 31, 20, 59, tzinfo=UTC),  # the season's last minute in Moscow
    datetime(2026, 8, 31, 21, 1, tzinfo=UTC),  # and the first of the next
    datetime(2027, 9, 22, 6, 59, tzinfo=UTC),
    datetime(2029, 9, 23, 12, tzinfo=UTC),  # the opening gives way to a Monday
    datetime(2030, 12, 31, 23, tzinfo=UTC),
    datetime(2031, 11, 4, 9, tzinfo=UTC),
    datetime(2035, 7, 17, 3, tzinfo=UTC),
    datetime(2040, 6, 12, 15, tzinfo=UTC),
]


@cache
def sessions_at(now: datetime) -> tuple[Slot, ...]:
    talks = {talk.slug: talk for talk in talk_text.read_talks()}
    timelines = {slug: talk_files.timeline_of(talk) for slug, talk in talks.items()}
    source = repertoire.read_repertoire()
    contents = casting.contents_of(talks.values(), timelines, source)
    off = days_off(date(now.year - 2, 9, 1), date(now.year + 2, 8, 31))
    seasons = Seasons(read_cities(), source, off)
    return tuple(casting.cast(seasons, now, talks, contents, sources.read_season()))


def began(now: datetime) -> int:
    return year.season_year(now.astimezone(ZoneInfo(HOME)).date())


def test_twenty_four_dates_are_tried() -> None:
    assert len(set(DATES)) == 24


@pytest.mark.parametrize("now", DATES)
def test_enough_is_behind_and_something_is_near(now: datetime) -> None:
    slots = sessions_at(now)

    kept = [one for one in slots if one.talk and one.state == "held"]
    near = [
        one
        for one in slots
        if one.state == "scheduled" and now < one.starts_at <= now + timedelta(days=7)
    ]

    assert len(kept) == 16
    assert all(one.ends_at < now for one in kept)
    assert near


@pytest.mark.parametrize("now", DATES)
def test_the_open_room_includes_the_present(now: datetime) -> None:
    start = open_room.start_near(now)

    assert start <= now < start + timedelta(minutes=open_room.LENGTH_MIN)


@pytest.mark.parametrize("now", DATES)
def test_last_years_season_is_whole_and_held(now: datetime) -> None:
    last = [one for one in sessions_at(now) if one.year == began(now) - 1]

    assert {one.state for one in last} == {"held"}
    assert [one.format for one in last].count("video_conference") == 9
    assert len(last) > 150


@pytest.mark.parametrize("now", DATES)
def test_the_current_season_has_nine_conferences_on_their_days(now: datetime) -> None:
    current = [one for one in sessions_at(now) if one.year == began(now)]

    conferences = [one for one in current if one.format == "video_conference"]

    days = year.conferences_on(began(now))
    assert [one.wall.local.date() for one in conferences] == list(days.values())
    assert conferences[0].presenting == ("novosibirsk", "saint-petersburg", "tambov")
    assert conferences[0].content.topic == "technology-education"


@pytest.mark.parametrize("now", DATES[:3])
def test_every_week_of_study_has_all_formats_and_modes(now: datetime) -> None:
    slots = [one for one in sessions_at(now) if one.year == began(now) - 1 and not one.talk]
    by_week: dict[date, set[str]] = {}
    modes: dict[date, set[str]] = {}
    for one in slots:
        monday = one.wall.local.date() - timedelta(days=one.wall.local.weekday())
        by_week.setdefault(monday, set()).add(one.format)
        modes.setdefault(monday, set()).add(one.mode)

    whole = [week for week, kinds in by_week.items() if len(kinds - {"video_conference"}) == 4]

    assert len(whole) > 20
    assert {"online", "in_person", "hybrid"} in [modes[week] for week in whole]
    assert all(len(modes[week]) >= 2 for week in whole)


@pytest.mark.parametrize("now", DATES)
def test_no_two_sessions_share_a_key_and_none_lacks_a_city(now: datetime) -> None:
    slots = sessions_at(now)

    assert len({one.key for one in slots}) == len(slots)
    assert all(one.presenting for one in slots)


def test_consultations_go_on_all_summer() -> None:
    summer = [
        one.wall.local.date()
        for one in sessions_at(DATES[0])
        if one.format == "consultation" and one.wall.local.month in (6, 7, 8)
    ]

    gaps = {after - before for before, after in pairwise(summer)}
    assert len(summer) >= 13
    assert max(gap for gap in gaps if gap < timedelta(days=200)) <= timedelta(days=8)
