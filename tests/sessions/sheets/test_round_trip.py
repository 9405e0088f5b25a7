"""Whatever a plan holds: what is exported and brought back changes nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.runtime.database import db, transaction
from integrations.runtime.language import LANGUAGES, speaking
from sessions.flows import planning
from sessions.models.audit import ImportJob
from sessions.models.session import (
    FORMATS,
    MODES,
    STATES,
    VISIBILITIES,
    AgendaItem,
    SessionCity,
    Speaker,
)
from sessions.rules import wording
from sessions.rules.timetable import WallTime
from sessions.sheets import importing
from sessions.web import sheet_files
from tests.builders import a_city, a_person, a_plan, a_season, a_topic

_ANY = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
TEXT = _ANY | st.sampled_from(["—", "-", "=1+1", "'-x", "а; б", "2026", '"кавычки"', "a\nb"])
TITLE = TEXT.map(wording.one_line).filter(bool)
ZONES = ("Europe/Moscow", "Asia/Kamchatka", "Asia/Barnaul", "Europe/Berlin", "America/New_York")
START = datetime(2026, 9, 1)
SESSION = st.fixed_dictionaries(
    {
        "title": TITLE,
        "title_en": TEXT,
        "summary": TEXT,
        "place": TEXT,
        "format": st.sampled_from(FORMATS),
        "mode": st.sampled_from(MODES),
        "visibility": st.sampled_from(VISIBILITIES),
        "language": st.sampled_from(["ru", "en", "tt"]),
        "state": st.sampled_from(STATES),
        "duration_min": st.integers(1, 2000),
        "tz": st.sampled_from(ZONES),
        "at": st.integers(0, 270 * 24 * 12).map(lambda fives: START + timedelta(minutes=5 * fives)),
        "cities": st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from(["presenting", "receiving", "host"])),
            unique=True, max_size=4,
        ),
        "speakers": st.lists(st.integers(0, 2), unique=True, max_size=3),
        "topic": st.booleans(),
    }
)  # fmt: skip


@given(plan=st.lists(SESSION, min_size=1, max_size=4), kind=st.sampled_from(["xlsx", "csv"]),
       lang=st.sampled_from(LANGUAGES))  # fmt: skip
@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_exported_and_brought_back_changes_nothing(
    app: Flask, plan: list[dict[str, Any]], kind: sheet_files.Kind, lang: str
) -> None:
    with transaction():
        for table in reversed(db.metadata.sorted_tables):
            db.session.execute(table.delete())
    season = a_season(starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
    cities = [
        a_city("Ростов-на-Дону", "Europe/Moscow", "Ростову-на-Дону").id,
        a_city("Нижний Новгород", "Europe/Moscow", "").id,
        a_city("Барнаул", "Asia/Barnaul", "Барнаулу").id,
    ]
    # Two of one name, and one of whom only the address is known.
    people = [
        a_person("one@example.org").id,
        a_person("two@example.org").id,
        a_person("three@example.org", given="", family="").id,
    ]
    topic = a_topic(season).id
    for facts in plan:
        _planned(facts, season.id, cities, people, topic)

    with speaking(lang):
        raw = sheet_files.plan(season, kind)
    job_id = importing.keep(raw, f"plan.{kind}", season.id, None)
    look = importing.look(db.session.get_one(ImportJob, job_id))

    told = [(row.status, row.changes, row.refusals, row.questions) for row in look.preview.rows]
    assert told == [("unchanged", [], [], [])] * len(plan)


def _planned(
    facts: dict[str, Any], season_id: int, cities: list[int], people: list[int], topic: int
) -> None:
    with transaction():
        session = planning.draft(
            a_plan(title=facts["title"], tz=facts["tz"]), WallTime(facts["at"], facts["tz"]),
            season_id, None, "vzaimo.test", None,
        )  # fmt: skip
        for name in ("title_en", "summary", "place", "format", "mode", "visibility", "language",
                     "state", "duration_min"):  # fmt: skip
            setattr(session, name, facts[name])
        session.topic_id = topic if facts["topic"] else None
        session.cities = [SessionCity(city_id=cities[n], role=role) for n, role in facts["cities"]]
        speakers = [Speaker(person_id=people[n]) for n in facts["speakers"]]
        session.agenda = [AgendaItem(offset_min=0, duration_min=5, title="x", speakers=speakers)]
