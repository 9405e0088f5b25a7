"""Files that leave: the plan of a season, registrations, people, and empty forms to fill in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flask import send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext, pgettext
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from integrations.sheets.writing import Column, Value, as_csv, as_xlsx
from sessions.models.participation import HOLDING, Invitation, JoinClick, Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.programme import City, Season
from sessions.models.session import Session
from sessions.sheets import exporting, vocabulary
from sessions.sheets.known import known
from sessions.web import reader, sheet_words, typography

Kind = Literal["xlsx", "csv"]
_MIME = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_WIDE = {"title": 44, "title_en": 36, "summary": 60, "presenting": 28, "receiving": 28,
         "speakers": 32, "place": 28, "topic": 32, "duration": 11, "date": 12, "time": 9,
         "key": 9}  # fmt: skip
_FORM = tuple(name for name in exporting.COLUMNS if name not in ("state", "title_en"))


def sent(content: bytes, name: str, kind: Kind) -> ResponseReturnValue:
    """The file as a download."""
    answer = send_file(
        io.BytesIO(content), _MIME[kind], as_attachment=True, download_name=f"{name}.{kind}"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def plan(season: Season, kind: Kind) -> bytes:
    """The plan of a season in the columns that are read again."""
    said = reader.locale()
    here = known(season, season.starts_on, ports.get(Settings).timezone, said, people="speaking")
    rows = exporting.plan_rows(here, said, sheet_words.states())
    return _written(kind, season.name_in(said), _columns(exporting.COLUMNS), rows)


def form(kind: Kind, *, filled: bool) -> bytes:
    """The form for a plan, empty or with a few rows that show how it is meant."""
    rows = _examples() if filled else []
    title = gettext("Plan of the season")
    if kind == "csv":
        return as_csv(_columns(_FORM), rows)
    return as_xlsx(title, _columns(_FORM), rows, _explained(), gettext("How to fill it in"))


def _columns(names: Sequence[str]) -> list[Column]:
    words = sheet_words.headings()
    return [Column(words[name], _WIDE.get(name, 18)) for name in names]


def _written(kind: Kind, title: str, columns: list[Column], rows: list[list[Value]]) -> bytes:
    return as_csv(columns, rows) if kind == "csv" else as_xlsx(title, columns, rows)


def _examples() -> list[list[Value]]:
    said, home = reader.locale(), ports.get(Settings).timezone
    first = clock.now().astimezone(ZoneInfo(home)).date() + timedelta(days=14)
    first += timedelta(days=(3 - first.weekday()) % 7)
    members = db.session.scalars(select(City).order_by(City.name).limit(3)).all()
    cities = [city.name_in(said) for city in members] + [""] * 3
    zone = typography.zone_city(home, said)
    examples = [
        (gettext("A teacher's first three years"), first, time(10), 90, "video_conference",
         "online", ", ".join(filter(None, cities[:2])), "",
         gettext("How a school keeps its young teachers.")),
        (gettext("Mentors' workshop"), first + timedelta(days=7), time(14, 30), 60, "seminar",
         "online", cities[1], cities[2], ""),
        (gettext("A day at the school"), first + timedelta(days=14), time(9), 480, "internship",
         "in_person", cities[0], "", ""),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for number, (title, on, at, minutes, form, mode, shows, takes, summary) in enumerate(
        examples, start=1
    ):
        cells: dict[str, Value] = {
            "key": str(number), "title": title, "date": on, "time": at, "zone": zone,
            "duration": minutes, "format": vocabulary.word("format", form, said),
            "mode": vocabulary.word("mode", mode, said), "presenting": shows, "receiving": takes,
            "summary": summary, "language": vocabulary.word("language", said, said),
            "visibility": vocabulary.word("visibility", "public", said),
        }  # fmt: skip
        rows.append([cells.get(name) for name in _FORM])
    return rows


def _explained() -> list[tuple[str, str]]:
    """What each column is for: the second sheet of the form."""
    words, said = sheet_words.headings(), reader.locale()
    any_of = {name: ", ".join(vocabulary.word(name, code, said) for code in vocabulary.codes(name))
              for name in sorted(vocabulary.NAMED)}  # fmt: skip
    explained = {
        "key": gettext("Optional. A sign of your own by which a row is known when it is sent "
                       "again, also under another title and on another date."),
        "title": gettext("Required."),
        "date": gettext("Required. As a date, or written: 22.09.2026, 22 September 2026."),
        "time": gettext("10:00, 10.00 or 10:00–11:30."),
        "zone": gettext("The city whose time it is. Left empty: the programme's own."),
        "duration": gettext("In minutes. Left empty: 90."),
        **{name: gettext("One of: %(words)s.", words=one) for name, one in any_of.items()},
        "presenting": gettext("One or several, with commas between them."),
        "receiving": gettext("One or several, with commas between them."),
        "speakers": gettext("With semicolons between them; a post after a comma."),
        "topic": gettext("A topic of the season, word for word."),
    }  # fmt: skip
    return [(words[name], explained[name]) for name in _FORM if name in explained] + [
        (gettext("Empty cell"), gettext("Leaves what is there. A dash — takes it away.")),
    ]


def registrations(session: Session, kind: Kind) -> bytes:
    """Who takes part in a session, with what they answered and whether they came."""
    rows = db.session.scalars(
        select(Registration)
        .where(Registration.session_id == session.id)
        .join(Person, Person.id == Registration.person_id)
        .options(selectinload(Registration.invitation).selectinload(Invitation.answers))
        .order_by(Person.family, Person.given, Registration.id)
    ).all()
    came = set(
        db.session.scalars(
            select(JoinClick.registration_id).where(JoinClick.session_id == session.id).distinct()
        )
    )
    titles = [*_person_columns(), Column(pgettext("column of a sheet", "People"), 9),
              Column(pgettext("column of a sheet", "State"), 16),
              Column(pgettext("column of a sheet", "Answer"), 16),
              Column(pgettext("column of a sheet", "Joined"), 12)]  # fmt: skip
    cells = [
        [
            *_person(one.person, one.invitation.attendee_email if one.invitation else ""),
            one.head_count,
            _registration_states().get(one.state, one.state),
            _answer(one),
            gettext("yes") if one.id in came else "",
        ]
        for one in rows
    ]
    return _written(kind, session.title_in(reader.locale()), titles, cells)


def _answer(one: Registration) -> str:
    given = one.invitation.answers[-1].answer if one.invitation and one.invitation.answers else ""
    return {
        "accepted": gettext("will come"),
        "tentative": gettext("perhaps"),
        "declined": gettext("will not come"),
    }.get(given, "")


def _registration_states() -> dict[str, str]:
    return {
        "invited": pgettext("registration", "invited"),
        "registered": pgettext("registration", "registered"),
        "confirmed": pgettext("registration", "confirmed"),
        "waiting": pgettext("registration", "on the waiting list"),
        "offered": pgettext("registration", "offered a place"),
        "expired": pgettext("registration", "offer expired"),
        "withdrawn": pgettext("registration", "withdrawn"),
        "declined": pgettext("registration", "declined"),
    }


def people_of_season(season: Season, kind: Kind) -> bytes:
    """Everyone who is or was registered in a season."""
    taking = (
        select(Registration.person_id, func.count().label("times"))
        .join(Session, Session.id == Registration.session_id)
        .where(Session.season_id == season.id, Registration.state.in_(HOLDING))
        .group_by(Registration.person_id)
        .subquery()
    )
    query = _known_people(taking.c.times).join(taking, taking.c.person_id == Person.id)
    return _people(query, season.name_in(reader.locale()), kind)


def people_of_city(city: City, kind: Kind) -> bytes:
    """Everyone we know of in a city."""
    taking = (
        select(Registration.person_id, func.count().label("times"))
        .where(Registration.state.in_(HOLDING))
        .group_by(Registration.person_id)
        .subquery()
    )
    query = (
        _known_people(func.coalesce(taking.c.times, 0))
        .outerjoin(taking, taking.c.person_id == Person.id)
        .where(Person.city_id == city.id)
    )
    return _people(query, city.name_in(reader.locale()), kind)


def _known_people(times: ColumnElement[int]) -> Any:
    """People as columns, each with their city and first address. times: what else is asked."""
    address = (
        select(PersonEmail.address)
        .where(PersonEmail.person_id == Person.id)
        .order_by(PersonEmail.id)
        .limit(1)
        .scalar_subquery()
    )
    is_english = reader.locale() == "en"
    city = func.coalesce(func.nullif(City.name_en, ""), City.name) if is_english else City.name
    return select(
        Person.family, Person.given, Person.patronymic, func.coalesce(address, ""), Person.post,
        Person.organisation, func.coalesce(city, ""), times,
    ).outerjoin(City, City.id == Person.city_id)  # fmt: skip


def _people(query: Any, title: str, kind: Kind) -> bytes:
    """The people of a query in one sheet. query: its columns are those of `_known_people`."""
    rows = db.session.execute(query.order_by(Person.family, Person.given, Person.id))
    titles = [*_person_columns(), Column(pgettext("column of a sheet", "Sessions"), 10)]
    return _written(kind, title, titles, [list(row) for row in rows])


def _person_columns() -> list[Column]:
    return [
        Column(pgettext("column of a sheet", "Family name")),
        Column(pgettext("column of a sheet", "Given name")),
        Column(pgettext("column of a sheet", "Patronymic")),
        Column(pgettext("column of a sheet", "E-mail"), 30),
        Column(pgettext("column of a sheet", "Post"), 30),
        Column(pgettext("column of a sheet", "Organisation"), 36),
        Column(pgettext("column of a sheet", "City")),
    ]


def _person(person: Person, address: str = "") -> list[Value]:
    city = person.city.name_in(reader.locale()) if person.city else ""
    address = address or (person.emails[0].address if person.emails else "")
    return [person.family, person.given, person.patronymic, address, person.post,
            person.organisation, city]  # fmt: skip


def today() -> date:
    """The programme's date, for the names of files."""
    return clock.now().astimezone(ZoneInfo(ports.get(Settings).timezone)).date()
