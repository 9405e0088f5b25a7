"""Which days are off: what the host keeps of a year, else what the government says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from flask import has_app_context
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.calendaring import public_holidays
from integrations.runtime.database import db
from sessions.models.programme import Blackout, DayOff

_DAY = timedelta(days=1)


def between(first: date, last: date, locale: str = "ru") -> dict[date, str]:
    """The days on which the programme does not meet, both ends included, by name.

    They are the days off of each year, as the host keeps them or else by law, and the programme's
    blackouts. Without an application there is no host: the law alone.
    """
    off = public_holidays.between(first, last, locale)
    if not has_app_context():
        return off
    kept = kept_between(first, last)
    filled = {row.day.year for row in kept}
    names = {day: name for day, name in off.items() if day.year not in filled}
    for row in kept:
        if row.is_off and first <= row.day <= last:
            names[row.day] = row.name_en if locale == "en" and row.name_en else row.name
    for blackout in blackouts_between(first, last):
        for day in days_of(blackout, first, last):
            names[day] = f"{names[day]}; {blackout.reason}" if day in names else blackout.reason
    return {day: names[day] for day in sorted(names)}


def kept_between(first: date, last: date) -> Sequence[DayOff]:
    """What the host keeps of the years of two dates, whole years, in order."""
    return db.session.scalars(
        select(DayOff)
        .where(DayOff.day >= date(first.year, 1, 1), DayOff.day <= date(last.year, 12, 31))
        .order_by(DayOff.day)
    ).all()


def blackouts_between(first: date, last: date, cities: Iterable[int] = ()) -> Sequence[Blackout]:
    """The blackouts that touch these dates: the programme's, or those of the cities given."""
    wanted = list(cities)
    whose = Blackout.city_id.in_(wanted) if wanted else Blackout.city_id.is_(None)
    return db.session.scalars(
        select(Blackout)
        .where(whose, Blackout.first_on <= last, Blackout.last_on >= first)
        .order_by(Blackout.first_on, Blackout.id)
    ).all()


def days_of(blackout: Blackout, first: date, last: date) -> list[date]:
    """The days of a blackout within two dates."""
    begins, ends = max(blackout.first_on, first), min(blackout.last_on, last)
    return [begins + number * _DAY for number in range((ends - begins).days + 1)]


def fill(years: Iterable[int]) -> None:
    """Write the official calendar of years that nobody filled yet; in the caller's transaction."""
    for year in sorted(set(years)):
        first = date(year, 1, 1)
        if kept_between(first, first):
            continue
        try:
            with db.session.begin_nested():
                db.session.add_all(official(year))
        except IntegrityError:
            continue  # somebody else filled it at this moment


def official(year: int) -> list[DayOff]:
    """The rows of a year as the government has it, not written anywhere."""
    return [
        DayOff(
            day=one.day, is_off=one.is_off, name=one.name, name_en=one.name_en, source="calendar"
        )
        for one in public_holidays.of_year(year)
    ]
