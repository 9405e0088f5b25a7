"""A host keeps the calendar: days off and working Saturdays of a year, dates closed to sessions."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import delete

from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.models import days_off
from sessions.models.audit import record
from sessions.models.programme import Blackout, City, DayOff

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_BLACKOUT = timedelta(days=400)
LONGEST_NAME = 120


def write(day: date, name: str, by: int | None, *, name_en: str = "", is_off: bool = True) -> None:
    """Make a day off, or one that is worked, whatever it was; its year is filled before.

    Raises Refused("days_off.name") without a name for a day off, Refused("days_off.long_name") for
    one of more letters than a calendar shows, Refused("days_off.year") for one far away.
    """
    name = name.strip()
    _check_year(day.year)
    if is_off and not name:
        raise Refused("days_off.name")
    if len(name) > LONGEST_NAME or len(name_en) > LONGEST_NAME:
        raise Refused("days_off.long_name", most=LONGEST_NAME)
    with transaction():
        days_off.fill([day.year])
        row = db.session.get(DayOff, day)
        was = _said(row)
        if row is None:
            row = DayOff(day=day)
            db.session.add(row)
        elif (row.is_off, row.name, row.name_en) == (is_off, name, name_en or row.name_en):
            return
        if name != row.name:
            row.name_en = name_en  # the English of another name says something else
        row.is_off, row.name, row.source = is_off, name, "host"
        record(by, "day_off.written", f"day:{day.isoformat()}", was=was, now=_said(row))


def remove(day: date, by: int | None) -> None:
    """Let a day be what its weekday says; nothing happens where it is already.

    A day that is off by law stays written down as worked, so that it does not come back.
    """
    _check_year(day.year)
    with transaction():
        days_off.fill([day.year])
        row = db.session.get(DayOff, day)
        if row is None:
            return
        was = _said(row)
        if any(one.day == day and one.is_off for one in days_off.official(day.year)):
            if not row.is_off:
                return
            row.is_off, row.source = False, "host"
        else:
            db.session.delete(row)
        record(by, "day_off.removed", f"day:{day.isoformat()}", was=was)


def restore(year: int, by: int | None) -> None:
    """Go back to the official calendar of a year. Raises Refused("days_off.year")."""
    _check_year(year)
    with transaction():
        db.session.execute(
            delete(DayOff).where(DayOff.day >= date(year, 1, 1), DayOff.day <= date(year, 12, 31))
        )
        db.session.expire_all()
        days_off.fill([year])
        record(by, "days_off.restored", f"year:{year}")


def close(first: date, last: date, reason: str, by: int | None, city_id: int | None = None) -> None:
    """Close dates, both included, to the programme's sessions, or to one city's.

    Raises Refused("blackout.reason"), Refused("blackout.order"), Refused("blackout.long"),
    Refused("days_off.year"), Refused("blackout.city").
    """
    reason = reason.strip()
    _check_year(first.year)
    _check_year(last.year)
    if not reason:
        raise Refused("blackout.reason")
    if last < first:
        raise Refused("blackout.order")
    if last - first > LONGEST_BLACKOUT:
        raise Refused("blackout.long")
    with transaction():
        if city_id is not None and db.session.get(City, city_id) is None:
            raise Refused("blackout.city")
        row = Blackout(city_id=city_id, first_on=first, last_on=last, reason=reason)
        db.session.add(row)
        db.session.flush()
        record(by, "blackout.made", f"blackout:{row.id}", first=first.isoformat(),
               last=last.isoformat(), reason=reason, city=city_id)  # fmt: skip


def reopen(blackout_id: int, by: int | None) -> None:
    """Open the dates of a blackout again; nothing happens where it is gone."""
    with transaction():
        row = db.session.get(Blackout, blackout_id)
        if row is None:
            return
        record(by, "blackout.removed", f"blackout:{row.id}", reason=row.reason)
        db.session.delete(row)


def _said(row: DayOff | None) -> str:
    if row is None:
        return ""
    return row.name if row.is_off else f"({row.name})"


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("days_off.year")
