"""What stands in a calendar that people subscribe to: which sessions, read in one question.

A session stays for ninety days after its date, one that was called off too: a calendar that lost
it without a word might keep the old hour.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select

from integrations.calendaring import feed
from integrations.calendaring.feed import Entry, Header
from integrations.runtime import clock
from integrations.runtime.database import db, is_sqlite
from integrations.runtime.viewer import ANONYMOUS
from sessions.models.participation import HOLDING, Invitation, Registration
from sessions.models.programme import City
from sessions.models.session import Session, SessionCity
from sessions.web import visible
from sessions.web.city_list import PRESENTING
from sessions.web.feed_words import Reading, Told, Wording

KEPT = timedelta(days=90)
_WRITTEN = 32
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_COLUMNS = (  # in the order of Told
    Session.id, Session.uid, Session.sequence, Session.revised_at, Session.starts_at,
    Session.duration_min, Session.state, Session.format, Session.mode, Session.place,
    Session.title, Session.title_en, Session.summary, Session.summary_en,
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What a calendar is made of, as the database has it: the same facts, the same bytes.

    sessions, cities: JSON. changed_at: not before the last change of it.
    """

    sessions: str
    cities: str
    changed_at: datetime

    @property
    def is_empty(self) -> bool:
        return self.sessions == "[]"


def public(*narrowed: ColumnElement[bool]) -> ColumnElement[bool]:
    """The sessions of a calendar that anyone may subscribe to."""
    return and_(visible.may_open(ANONYMOUS), Session.starts_at >= since(), *narrowed)


def of_city(city_id: int) -> ColumnElement[bool]:
    """The sessions in which a city presents."""
    return Session.id.in_(
        select(SessionCity.session_id).where(
            SessionCity.city_id == city_id, SessionCity.role.in_(PRESENTING)
        )
    )


def since() -> datetime:
    """From when on sessions are kept: a midnight, so that a calendar changes once a day at most."""
    return _midnight(clock.now()) - KEPT


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def facts(where: ColumnElement[bool]) -> Facts:
    """Sessions as everybody may read them: the page of a session stands for its join link."""
    return _facts(select(_packed(*_COLUMNS, literal(""), literal(""))).where(where), where)


def facts_of(person_id: int) -> Facts:
    """The sessions of one person, each with the join link that is theirs."""
    mine = and_(Registration.person_id == person_id, Registration.state.in_(HOLDING))
    rows = (
        select(_packed(*_COLUMNS, Invitation.token, Registration.state))
        .select_from(Session)
        .join(Registration, and_(Registration.session_id == Session.id, mine))
        .join(Invitation, Invitation.registration_id == Registration.id)
        .where(
            Session.starts_at >= since(),
            Session.state != "draft",
            or_(Session.state != "cancelled", Session.announced_revision > 0),
        )
    )
    return _facts(rows, Session.id.in_(select(Registration.session_id).where(mine)))


def _facts(rows: Select[Any], where: ColumnElement[bool]) -> Facts:
    cities = (
        select(_packed(SessionCity.id, SessionCity.session_id, City.name, City.name_en))
        .select_from(SessionCity)
        .join(City, City.id == SessionCity.city_id)
        .join(Session, Session.id == SessionCity.session_id)
        .where(SessionCity.role == "presenting", where)
    )
    # A session that left a calendar has nothing in it to tell when, so those of all count.
    revised = select(func.max(Session.revised_at))
    gone = select(func.max(Session.starts_at)).where(Session.starts_at < since())
    parts = (rows, cities, revised, gone)
    found = db.session.execute(select(*(part.scalar_subquery() for part in parts))).one()
    return Facts(found[0], found[1], _changed_at(found[2], found[3]))


def _changed_at(revised_at: datetime | None, gone: datetime | None) -> datetime:
    """gone: the start of the last session that is too old; it fell out of calendars at midnight."""
    left = _midnight(gone) + KEPT + timedelta(days=1) if gone else _NEVER
    return max(revised_at or _NEVER, left)


def _packed(*columns: Any) -> ColumnElement[str]:
    """Rows as one JSON text: it costs the database little, and us next to nothing to compare."""
    if is_sqlite():
        return func.json_group_array(func.json_array(*columns), type_=Text)
    rows = cast(func.json_agg(func.json_build_array(*columns)), Text)
    return func.coalesce(rows, "[]")


def entries(known: Facts, reading: Reading) -> list[Entry]:
    """The facts in words; the reading's language must be the one that is spoken."""
    cities: dict[int, list[str]] = defaultdict(list)
    for _place, session_id, name, name_en in sorted(json.loads(known.cities)):
        cities[session_id].append((reading.locale == "en" and name_en) or name)
    say = Wording(reading)
    told = (Told(*row) for row in json.loads(known.sessions))
    return [say.entry(one, cities.get(one.id, ())) for one in told]


def written(known: Facts, reading: Reading, header: Header) -> bytes:
    """The whole calendar; see entries()."""
    return _kept(known.sessions, known.cities, reading, header)


# Kept by all it is made of, so what is kept is never stale. The calendars most asked for.
@lru_cache(maxsize=_WRITTEN)
def _kept(sessions: str, cities: str, reading: Reading, header: Header) -> bytes:
    return feed.calendar(header, entries(Facts(sessions, cities, _NEVER), reading))


def forget() -> None:
    """Write every calendar anew from now on; for measuring."""
    _kept.cache_clear()
    feed.event.cache_clear()
