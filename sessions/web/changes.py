"""What changed in the announced plan of a season, version by version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import defer

from integrations.runtime import clock
from integrations.runtime.database import db
from sessions.models.programme import City, SeasonVersion
from sessions.models.session import Session
from sessions.web import guard, planner_forms, reader, typography, visible, whose_time

pages = Blueprint("changes", __name__, url_prefix="/schedule")

PER_PAGE = 20


@dataclass(frozen=True)
class Changed:
    """What one version changed about one session, in sentences."""

    session_id: int
    title: str
    sentences: Sequence[str]


@dataclass(frozen=True)
class Version:
    """A version as a page shows it. is_first: the plan was new as a whole."""

    number: int
    announced_at: datetime
    is_first: bool
    changed: Sequence[Changed]


@dataclass(frozen=True)
class Told:
    """What was announced about one session at one time, in sentences."""

    announced_at: datetime
    sentences: Sequence[str]


@pages.get("/<int:season_id>/changes")
def season(season_id: int) -> ResponseReturnValue:
    """The versions of a season's plan, newest first, as far as the reader may open its sessions."""
    chosen = visible.season_or_404(season_id, g.viewer)
    pagination = db.paginate(
        _versions(season_id), per_page=PER_PAGE, max_per_page=PER_PAGE, error_out=False
    )
    return render_template(
        "pages/changes.html",
        season=chosen,
        versions=_shown(pagination.items),
        pagination=pagination,
        planned=_planned(season_id),
        words=whose_time.words_of(guard.person(), reader.locale()),
        section="schedule.season",
    )


def changes_of(session: Session) -> list[Told]:
    """What was announced about a session since its season's plan was new, newest first.

    For a reader who may open the session.
    """
    versions = db.session.scalars(_versions(session.season_id)).all()
    own = {
        version: [one for one in version.changes if one["session"] == session.id]
        for version in versions
    }
    cities = _city_names(one for some in own.values() for one in some)
    return [
        Told(version.announced_at, _sentences(some, cities))
        for version, some in own.items()
        if some
    ]


def _versions(season_id: int) -> Any:
    return (
        select(SeasonVersion)
        .where(SeasonVersion.season_id == season_id)
        .options(defer(SeasonVersion.snapshot))
        .order_by(SeasonVersion.number.desc())
    )


def _planned(season_id: int) -> int:
    """How many sessions the season's first version had."""
    first = db.session.scalar(
        select(SeasonVersion.snapshot).where(
            SeasonVersion.season_id == season_id, SeasonVersion.number == 1
        )
    )
    return len(first or {})


def _shown(versions: Iterable[SeasonVersion]) -> list[Version]:
    every = [one for version in versions for one in version.changes]
    titles, cities = _titles({one["session"] for one in every}), _city_names(every)
    shown = []
    for version in versions:
        open_to_reader = [one for one in version.changes if one["session"] in titles]
        changed = [
            Changed(id_, titles[id_], _sentences(some, cities))
            for id_, some in groupby(open_to_reader, key=lambda one: one["session"])
        ]
        if changed or version.number == 1:
            is_first = version.number == 1
            shown.append(Version(version.number, version.announced_at, is_first, changed))
    return shown


def _titles(session_ids: set[int]) -> dict[int, str]:
    """What the sessions that this reader may open are called now."""
    rows = db.session.execute(
        select(Session.id, Session.title, Session.title_en).where(
            Session.id.in_(session_ids), visible.may_open(g.viewer)
        )
    ).all()
    is_english = reader.locale() == "en"
    return {id_: (is_english and title_en) or title for id_, title, title_en in rows}


def _city_names(changes: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    ids = {
        city
        for one in changes
        if one["kind"] == "cities"
        for side in ("was", "now")
        for city in one[side]["cities"]
    }
    if not ids:
        return {}
    found = db.session.scalars(select(City).where(City.id.in_(ids))).all()
    return {city.id: city.name_in(reader.locale()) for city in found}


def _sentences(changes: Iterable[Mapping[str, Any]], cities: Mapping[int, str]) -> list[str]:
    return [_sentence(one, cities) for one in changes]


def _sentence(change: Mapping[str, Any], cities: Mapping[int, str]) -> str:
    kind, was, now = change["kind"], change.get("was", {}), change.get("now", {})
    if kind in _OF_TIME:
        zone = _zone_words()
        return _OF_TIME[kind](_hour(was), _hour(now), zone)
    if kind == "cities":
        return _of_cities(*(_named(side["cities"], cities) for side in (was, now)))
    if kind == "place":
        return _of_place(was["place"], now["place"])
    return _OF_WORDS[kind](was, now)


def _hour(side: Mapping[str, Any]) -> str:
    """чт, 15 октября, 12:00: an instant on the reader's clock; the sentence names the zone."""
    if not side:
        return ""
    said = reader.locale()
    at = datetime.fromisoformat(side["starts_at"]).astimezone(ZoneInfo(reader.reader_zone()))
    today = clock.now().astimezone(at.tzinfo)
    day = f"{typography.weekday(at, said, short=True)}, {typography.date_near(at, today, said)}"
    return f"{day}, {typography.clock(at)}"


def _zone_words() -> str:
    said = reader.locale()
    theirs = whose_time.words_of(guard.person(), said)
    return theirs or typography.zone_words(reader.reader_zone(), said)


def _named(ids: Sequence[int], cities: Mapping[int, str]) -> str:
    return ", ".join(sorted(cities[id_] for id_ in ids if id_ in cities))


def _of_cities(was: str, now: str) -> str:
    if not was:
        return gettext("Presented by: %(now)s.", now=now)
    if not now:
        return gettext("It is not known yet who presents; it was %(was)s.", was=was)
    return gettext("Presented by: %(now)s; before: %(was)s.", now=now, was=was)


def _of_place(was: str, now: str) -> str:
    if not was:
        return gettext("Place: %(now)s.", now=now)
    if not now:
        return gettext("No place any more; it was %(was)s.", was=was)
    return gettext("Place: %(now)s; before: %(was)s.", now=now, was=was)


def _of_title(was: Mapping[str, Any], _now: Mapping[str, Any]) -> str:
    title = (reader.locale() == "en" and was["title_en"]) or was["title"]
    return gettext("It has a new title; before: “%(was)s”.", was=title)


def _length(side: Mapping[str, Any]) -> str:
    return typography.duration(side["duration_min"] * 60, reader.locale())


_OF_TIME: Mapping[str, Callable[[str, str, str], str]] = {
    "added": lambda _, now, zone: gettext("New: %(now)s %(zone)s.", now=now, zone=zone),
    "moved": lambda was, now, zone: gettext(
        "Moved from %(was)s to %(now)s %(zone)s.", was=was, now=now, zone=zone
    ),
    "cancelled": lambda was, _, zone: gettext(
        "Cancelled; it was to be on %(was)s %(zone)s.", was=was, zone=zone
    ),
    "postponed": lambda was, _, zone: gettext(
        "Postponed from %(was)s %(zone)s; the new date is not known yet.", was=was, zone=zone
    ),
    "reinstated": lambda _, now, zone: gettext(
        "Takes place after all: %(now)s %(zone)s.", now=now, zone=zone
    ),
    "rescheduled": lambda _, now, zone: gettext(
        "Was postponed and has its new date: %(now)s %(zone)s.", now=now, zone=zone
    ),
}
_OF_WORDS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    "title": _of_title,
    "length": lambda was, now: gettext(
        "Lasts %(now)s; before: %(was)s.", now=_length(now), was=_length(was)
    ),
    "format": lambda was, now: gettext(
        "Format: %(now)s; before: %(was)s.",
        now=planner_forms.formats()[now["format"]].lower(),
        was=planner_forms.formats()[was["format"]].lower(),
    ),
    "mode": lambda was, now: gettext(
        "People take part %(now)s; before: %(was)s.",
        now=planner_forms.modes()[now["mode"]].lower(),
        was=planner_forms.modes()[was["mode"]].lower(),
    ),
}
