"""When the demo's sessions are, and what each is about, as of a moment. No database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sessions.demo import year as dates
from sessions.demo.city_table import DemoCity
from sessions.demo.repertoire import Conference, Content, Repertoire
from sessions.rules.timetable import WallTime, at

HOME = "Europe/Moscow"
# (weekday from 0, start) of what takes place every week.
WEEKLY: dict[str, tuple[int, time]] = {
    "consultation": (0, time(12, 0)),
    "internship": (1, time(9, 0)),
    "seminar": (2, time(10, 0)),
    "project_session": (4, time(11, 0)),
}
CONFERENCE_START = time(10, 0)
# Week by week, so that each has all three: internship, seminar, project session, consultation.
MODES = (
    ("in_person", "online", "hybrid", "online"),
    ("hybrid", "in_person", "online", "online"),
    ("online", "hybrid", "in_person", "hybrid"),
    ("in_person", "hybrid", "online", "online"),
    ("online", "in_person", "hybrid", "online"),
    ("hybrid", "online", "in_person", "in_person"),
)
ORDER = ("internship", "seminar", "project_session", "consultation")
# The first weeks of the next season are planned when the present one has this long to go.
AHEAD = timedelta(days=21)
NEXT_WEEKS = 4
LATE_BY = timedelta(days=1)


@dataclass(frozen=True)
class Slot:
    """A session of the demo. Cities by key; `talk` is a slug, empty where nothing was recorded.

    year: in which its season began. by_rule: when the series of its format has it, on a Moscow
    clock; None for what stands alone. holiday: the day off it gave way to, or falls on. owner: a
    person's key, empty for the presenting city's coordinator. told: the key of the gathering told
    by hand that it is, or empty.
    """

    key: str
    year: int
    format: str
    mode: str
    content: Content
    wall: WallTime
    presenting: tuple[str, ...]
    receiving: tuple[str, ...]
    by_rule: datetime | None = None
    holiday: str = ""
    owner: str = ""
    place: str = ""
    state: str = "scheduled"
    visibility: str = "public"
    language: str = "ru"
    talk: str = ""
    told: str = ""
    capacity_online: int | None = None
    capacity_in_person: int | None = None

    @property
    def starts_at(self) -> datetime:
        return self.wall.instant()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.content.length_min)


class Seasons:
    """Makes the slots of the seasons around a moment, before talks and told sessions take theirs.

    cities: all members, Moscow among them; off: names of days off by date.
    """

    def __init__(
        self, cities: Sequence[DemoCity], repertoire: Repertoire, off: Mapping[date, str]
    ) -> None:
        self.cities = {city.key: city for city in cities}
        self.by_name = {city.name: city.key for city in cities}
        self.repertoire = repertoire
        self.off = off
        # Neighbours in the table lie apart on the map; 47 and 123 have no common divisor.
        keys = list(self.cities)
        self.turns = [keys[n * 47 % len(keys)] for n in range(len(keys))]

    def slots(self, now: datetime, talks: Mapping[str, Content]) -> list[Slot]:
        """All slots, soonest first. talks: what each talk told at a conference is about."""
        today = now.astimezone(ZoneInfo(HOME)).date()
        this = dates.season_year(today)
        found = self._season(this - 1, "last", talks) + self._season(this, "current", talks)
        next_from, _ = dates.bounds(this + 1)
        if next_from - today <= AHEAD:
            until = next_from + timedelta(weeks=NEXT_WEEKS)
            coming = self._season(this + 1, "current", talks)
            found += [slot for slot in coming if slot.wall.local.date() <= until]
        return sorted(found, key=lambda slot: (slot.starts_at, slot.key))

    def keys_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """The member cities among these names, by key."""
        return tuple(self.by_name[name] for name in names if name in self.by_name)

    def _season(self, year: int, which: str, talks: Mapping[str, Content]) -> list[Slot]:
        days = dates.conferences_on(year)
        conferences = [
            self._conference(year, days[one.month], one, talks)
            for one in self.repertoire.conferences
            if one.season == which
        ]
        weekly = [
            slot
            for week, monday in enumerate(dates.mondays(year))
            for slot in self._week(year, week, monday)
        ]
        return conferences + weekly

    def _conference(
        self, year: int, day: date, source: Conference, talks: Mapping[str, Content]
    ) -> Slot:
        edge = source.month in (9, 5)
        return Slot(
            key=f"{year}:conference:{source.month}",
            year=year,
            format="video_conference",
            mode="hybrid" if edge else "online",
            content=source.content or talks[source.talk],
            wall=at(day, CONFERENCE_START, HOME),
            presenting=self.keys_of(source.presenting),
            receiving=self.keys_of(source.receiving),
            by_rule=None if source.month == 9 else datetime.combine(day, CONFERENCE_START),
            owner="orlova",
            place="Москва, Городской центр развития образования" if edge else "",
            talk=source.talk,
            capacity_online=500,
            capacity_in_person=120 if edge else None,
        )

    def _week(self, year: int, week: int, monday: date) -> list[Slot]:
        kinds = ORDER if dates.is_study_week(monday, year) else ("consultation",)
        found = [self._weekly(kind, year, week, monday) for kind in kinds]
        return [slot for slot in found if slot is not None]

    def _weekly(self, kind: str, year: int, week: int, monday: date) -> Slot | None:
        weekday, start = WEEKLY[kind]
        wanted = monday + timedelta(days=weekday)
        day = dates.working_day(wanted, self.off)
        if kind == "consultation" and (day is None or day > wanted + LATE_BY):
            day = wanted  # through the long holidays, too, someone answers
        if day is None:
            return None
        place = ORDER.index(kind)
        mode = MODES[week % len(MODES)][place]
        contents = self.repertoire.weekly[kind]
        turn = (year * 61 + week * len(ORDER) + place) % len(self.turns)
        host = self.cities[self.turns[turn]]
        is_home = mode == "online"
        by_moscow = is_home or kind == "consultation"
        return Slot(
            key=f"{year}:{kind}:{monday.isoformat()}",
            year=year,
            format=kind,
            mode=mode,
            content=contents[(week + year * len(contents) // 2) % len(contents)],
            wall=at(day, start, HOME if by_moscow else host.tz),
            presenting=(host.key,),
            receiving=tuple(self.turns[(turn + 5 * n) % len(self.turns)] for n in range(1, 5)),
            by_rule=datetime.combine(wanted, start),
            holiday=self.off.get(wanted, ""),
            owner="orlova" if kind == "consultation" else "",
            place="" if is_home else f"{host.name}, школа № {3 + (week * 7 + place * 5) % 90}",
            visibility=_visibility(kind, week),
            capacity_online=_ONLINE[kind] if mode != "in_person" else None,
            capacity_in_person=None if is_home else 24 + 6 * (week % 3),
        )


_ONLINE = {"internship": 100, "seminar": 200, "project_session": 60, "consultation": 40}


def _visibility(kind: str, week: int) -> str:
    if kind == "project_session" and week % 5 == 2:
        return "participants"
    return "members" if kind == "consultation" and week % 4 == 1 else "public"


def replaced(slots: Sequence[Slot], changed: Mapping[str, Slot]) -> list[Slot]:
    """The slots, some in a new version by their key, soonest first."""
    found = [changed.get(slot.key, slot) for slot in slots]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.key))


def with_states(slots: Sequence[Slot], now: datetime) -> list[Slot]:
    """What is over is held; of what comes one is called off, one postponed, one still a draft."""
    held = [replace(one, state="held") if one.ends_at <= now else one for one in slots]
    plain = [one for one in held if one.starts_at > now + timedelta(days=8) and not one.told]
    changed: dict[str, Slot] = {}
    for state, kind in (
        ("cancelled", "seminar"), ("postponed", "project_session"), ("draft", "internship"),
    ):  # fmt: skip
        free = [one for one in plain if one.key not in changed]
        of_kind = [one for one in free if one.format == kind] or free
        if of_kind:
            changed[of_kind[0].key] = replace(of_kind[0], state=state)
    return replaced(held, changed)
