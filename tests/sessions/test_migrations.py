"""Data of an earlier version lives through the change of its tables."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import text

from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.app import create_app
from tests.postgres import fresh_database

BEFORE = (
    "INSERT INTO seasons (id, name, name_en, starts_on, ends_on, state)"
    " VALUES (1, '2025/26', '', '2025-09-01', '2026-08-31', 'running')",
    "INSERT INTO cities (id, name, name_en, dative, region, tz)"
    " VALUES (1, 'Пермь', '', 'Перми', '', 'Asia/Yekaterinburg')",
    "INSERT INTO people (id, family, given, patronymic, locale, post, organisation)"
    " VALUES (1, 'Ложкина', 'Марина', '', 'ru', '', '')",
    "INSERT INTO sessions (id, season_id, title, title_en, summary, language, format, mode,"
    " visibility, place, state, wall_start, tz, duration_min, starts_at, tzdata_version,"
    " original_wall_start, uid, sequence, revision, announced_revision, revised_at)"
    " VALUES (1, 1, 'Мастерская', '', '', 'ru', 'seminar', 'online', 'public', '', 'scheduled',"
    " '2026-01-15 10:00:00', 'Europe/Moscow', 90, '2026-01-15 07:00:00+00:00', '',"
    " '2026-01-15 10:00:00', 'a@example.org', 0, 1, 1, '2026-01-01 07:00:00+00:00')",
    "INSERT INTO session_cities (id, session_id, city_id, role) VALUES (1, 1, 1, 'presenting')",
    "INSERT INTO agenda_items (id, session_id, offset_min, duration_min, title, place)"
    " VALUES (1, 1, 0, 90, 'Станки', '')",
    "INSERT INTO speakers (id, item_id, person_id, role) VALUES (1, 1, 1, 'speaker')",
    "INSERT INTO registrations (id, session_id, person_id, state, head_count, made_at)"
    " VALUES (1, 1, 1, 'invited', 1, '2026-01-01 07:00:00+00:00')",
)
TABLES = ("session_cities", "agenda_items", "speakers", "registrations", "sessions", "cities")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.deep)])
def test_the_first_tables_become_those_of_today_and_lose_no_row(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        check(f"sqlite:///{tmp_path / 'old.sqlite'}", tmp_path)
    else:
        with fresh_database() as url:
            check(url, tmp_path)


def check(url: str, folder: Path) -> None:
    app = create_app(Settings.from_env({}, data=str(folder), database_url=url, log_level="ERROR"))
    with app.app_context():
        flask_migrate.upgrade(revision="0001")
        with db.engine.begin() as connection:
            for statement in BEFORE:
                connection.execute(text(statement))

        flask_migrate.upgrade()

        with db.engine.connect() as connection:
            counts = {
                table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
                for table in TABLES
            }
            region = connection.execute(text("SELECT region_en FROM cities")).scalar()
        db.session.remove()
        db.engine.dispose()

    assert counts == dict.fromkeys(TABLES, 1)
    assert region == ""
