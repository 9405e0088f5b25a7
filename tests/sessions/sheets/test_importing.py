"""A season's plan brought as a spreadsheet: the dry run, applying, once more, undoing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from integrations.runtime import jobs
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from sessions.flows import inviting, scheduling
from sessions.models.audit import AuditLog, ImportJob
from sessions.models.people import Person
from sessions.models.programme import Season
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from sessions.sheets import importing, written
from sessions.sheets.comparing import Outcome
from sessions.sheets.importing import Looked
from tests import sheets_made
from tests.builders import a_city, a_person, a_season, a_session, a_topic
from tests.conftest import Clock
from tests.outbox import Outbox
from tests.sheets_made import a_row, a_sheet

PERM = ("Пермь", "Asia/Yekaterinburg", "Перми")


def looked(raw: bytes, season: Season | None = None) -> tuple[int, Looked]:
    job_id = importing.keep(raw, "план.xlsx", season.id if season else None, None)
    return job_id, importing.look(db.session.get_one(ImportJob, job_id))


def applied(raw: bytes, season: Season | None = None, **answers: str) -> int:
    job_id, _ = looked(raw, season)
    return again(job_id, {key.replace("__", ":"): value for key, value in answers.items()})


def again(job_id: int, answers: dict[str, str]) -> int:
    importing.answer(job_id, answers, ())
    look = importing.look(db.session.get_one(ImportJob, job_id, populate_existing=True))
    importing.apply(job_id, look.seen, None)
    return job_id


def statuses(look: Looked) -> list[str]:
    return [row.status for row in look.preview.rows]


def refusals(look: Looked) -> list[list[str]]:
    return [[problem.code for problem in row.refusals] for row in look.preview.rows]


def the(status: str, look: Looked) -> Outcome:
    [row] = [row for row in look.preview.rows if row.status == status]
    return row


def sessions() -> list[Session]:
    return list(db.session.scalars(select(Session).order_by(Session.starts_at, Session.id)))


def changes(row: Outcome) -> list[tuple[str, Any, Any]]:
    return [(one.name, one.was, one.now) for one in row.changes]


@pytest.fixture
def season(app: Flask) -> Season:
    a_city(*PERM)
    a_city("Казань", "Europe/Moscow", "Казани")
    a_city("Омск", "Asia/Omsk", "Омску")
    a_city("Москва", "Europe/Moscow", "Москве")
    return a_season(ends_on=date(2027, 6, 30))


def test_the_dry_run_changes_nothing(season: Season) -> None:
    _, look = looked(sheets_made.a_season(), season)

    assert (look.preview.count("new"), look.preview.count("unclear")) == (47, 2)
    assert sessions() == []
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_nine_conferences_and_forty_weekly_sessions_become_drafts(season: Season) -> None:
    job_id, look = looked(sheets_made.a_season(), season)
    days_off = dict.fromkeys(look.preview.questions, "keep")

    again(job_id, days_off)

    made = sessions()
    assert len(made) == 49
    assert {one.state for one in made} == {"draft"}
    conference = next(one for one in made if one.title == "Видеоконференция 1")
    assert conference.wall == WallTime(datetime(2026, 10, 17, 10, 0), "Europe/Moscow")
    assert [(part.city.name, part.role) for part in conference.cities] == [
        ("Пермь", "presenting"), ("Казань", "presenting"), ("Омск", "receiving"),
    ]  # fmt: skip
    assert [one.person.name for item in conference.agenda for one in item.speakers] == [
        "Анна Белова"
    ]
    last = next(one for one in made if one.title == "Встреча недели 40")
    assert (last.wall.local.time(), last.tz, last.duration_min) == (
        time(16), "Asia/Yekaterinburg", 90,
    )  # fmt: skip


def test_the_same_sheet_once_more_changes_nothing(season: Season) -> None:
    job_id, look = looked(sheets_made.a_season(), season)
    again(job_id, dict.fromkeys(look.preview.questions, "keep"))

    second, look = looked(sheets_made.a_season(), season)

    assert set(statuses(look)) == {"unchanged"}
    with pytest.raises(Refused) as refused:
        importing.apply(second, look.seen, None)
    assert refused.value.reason == "import.nothing"
    assert len(sessions()) == 49


def test_undoing_removes_the_drafts_and_the_people_made_for_them(season: Season) -> None:
    job_id, look = looked(sheets_made.a_season(), season)
    again(job_id, dict.fromkeys(look.preview.questions, "keep"))

    importing.undo(job_id, None)

    assert sessions() == []
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
    job = db.session.get_one(ImportJob, job_id)
    assert (job.state, job.undo["left"]) == ("undone", [])
    told = db.session.scalars(select(AuditLog.action).order_by(AuditLog.id)).all()
    assert told == ["import.applied", "import.undone"]


def test_undoing_leaves_a_draft_that_was_published_and_names_it(season: Season) -> None:
    job_id = applied(a_sheet(a_row("Первая"), a_row("Вторая")), season)
    first = next(one for one in sessions() if one.title == "Первая")
    scheduling.schedule(first.id, first.revision, None)

    importing.undo(job_id, None)

    assert [one.title for one in sessions()] == ["Первая"]
    left = db.session.get_one(ImportJob, job_id).undo["left"]
    assert left == [[first.id, "Первая", "changed"]]


def test_undoing_leaves_a_draft_to_which_people_are_invited(season: Season) -> None:
    job_id = applied(a_sheet(a_row()), season)
    [session] = sessions()
    inviting.invite(session.id, [("", "anna@example.org")], None)

    importing.undo(job_id, None)

    left = db.session.get_one(ImportJob, job_id).undo["left"]
    assert left == [[session.id, session.title, "used"]]


def test_a_day_later_nothing_is_undone(season: Season, clock: Clock) -> None:
    job_id = applied(a_sheet(a_row()), season)
    clock.pass_by(days=1, seconds=1)

    with pytest.raises(Refused) as refused:
        importing.undo(job_id, None)

    assert refused.value.reason == "import.too_late"
    assert len(sessions()) == 1


def test_a_changed_date_moves_the_session_of_a_key(season: Season) -> None:
    applied(a_sheet(a_row(**{"№": "7"})), season)

    job_id, look = looked(a_sheet(a_row(on=date(2026, 10, 22), **{"№": "7"})), season)
    again(job_id, {})

    assert changes(the("changed", look)) == [("date", date(2026, 10, 15), date(2026, 10, 22))]
    [session] = sessions()
    assert session.wall_start == datetime(2026, 10, 22, 10, 0)


def test_moving_and_editing_by_a_sheet_is_put_back(season: Season) -> None:
    applied(a_sheet(a_row(**{"№": "7", "Место": "Школа № 1", "Перенимают": "Омск"})), season)
    changed = a_row("Иначе", at="12.30", **{"№": "7", "Место": "-", "Перенимают": "Казань"})
    job_id = applied(a_sheet(changed), season)
    [session] = sessions()
    assert (session.title, session.place, session.wall_start.hour) == ("Иначе", "", 12)

    importing.undo(job_id, None)

    [session] = sessions()
    assert (session.title, session.place) == ("Первые три года учителя", "Школа № 1")
    assert session.wall_start == datetime(2026, 10, 15, 10, 0)
    assert [(one.city.name, one.role) for one in session.cities] == [("Омск", "receiving")]


def test_what_was_edited_since_is_not_put_back(season: Season) -> None:
    applied(a_sheet(a_row(**{"№": "7"})), season)
    job_id = applied(a_sheet(a_row("Иначе", **{"№": "7"})), season)
    [session] = sessions()
    scheduling.move(
        session.id, WallTime(datetime(2026, 11, 5, 10), "Europe/Moscow"), session.revision, None
    )

    importing.undo(job_id, None)

    assert [one.title for one in sessions()] == ["Иначе"]
    left = db.session.get_one(ImportJob, job_id).undo["left"]
    assert left == [[session.id, "Иначе", "changed"]]


def test_an_inserted_row_that_shifts_all_numbers_moves_nothing(season: Season) -> None:
    rows = [a_row(f"Встреча {n}", date(2026, 10, 12 + n), **{"№": n}) for n in range(1, 5)]
    applied(a_sheet(*rows), season)
    shifted = [
        a_row("Новая", date(2026, 10, 12), **{"№": 1}),
        *({**row, "№": row["№"] + 1} for row in rows),
    ]

    _, look = looked(a_sheet(*shifted), season)

    assert statuses(look) == ["new", "unchanged", "unchanged", "unchanged", "unchanged"]


def test_a_key_with_another_title_and_date_is_asked_about(season: Season) -> None:
    applied(a_sheet(a_row(**{"№": "7"})), season)

    job_id, look = looked(a_sheet(a_row("Иное", date(2026, 10, 20), **{"№": "7"})), season)

    assert the("unclear", look).questions == ["identity:7"]
    again(job_id, {"identity:7": "new"})
    assert [one.title for one in sessions()] == ["Первые три года учителя", "Иное"]


def test_a_known_title_on_another_date_without_a_key_is_asked_about(season: Season) -> None:
    applied(a_sheet(a_row("Педсовет")), season)

    job_id, look = looked(a_sheet(a_row("Педсовет", date(2026, 11, 12))), season)

    assert the("unclear", look).questions == ["moved:педсовет"]
    again(job_id, {"moved:педсовет": "same"})
    [session] = sessions()
    assert session.wall_start == datetime(2026, 11, 12, 10, 0)


def test_an_unknown_city_offers_the_nearest_and_takes_the_answer(season: Season) -> None:
    job_id, look = looked(a_sheet(a_row(**{"Города": "Перьм и Казань"})), season)

    question = look.preview.questions["city:перьм"]
    perm = next(city for city in look.known.cities if city.name == "Пермь")
    assert (question.given, list(question.offered)) == ("Перьм", [str(perm.id)])
    assert statuses(look) == ["unclear"]
    again(job_id, {"city:перьм": str(perm.id)})
    [session] = sessions()
    assert [part.city.name for part in session.cities] == ["Пермь", "Казань"]


def test_one_answer_serves_all_rows_with_the_same_word(season: Season) -> None:
    rows = [a_row(f"Встреча {n}", **{"Формат": "круглый стол"}) for n in range(3)]
    job_id, look = looked(a_sheet(*rows), season)
    assert look.preview.questions["format:круглый стол"].rows == [2, 3, 4]

    again(job_id, {"format:круглый стол": "seminar"})

    assert [one.format for one in sessions()] == ["seminar"] * 3


def test_an_answer_nobody_offered_counts_as_none(season: Season) -> None:
    job_id, _ = looked(a_sheet(a_row(**{"Формат": "круглый стол"})), season)

    importing.answer(job_id, {"format:круглый стол": "party"}, ())

    look = importing.look(db.session.get_one(ImportJob, job_id))
    assert statuses(look) == ["unclear"]


def test_a_date_in_the_past_and_a_day_off_are_asked_about(season: Season, clock: Clock) -> None:
    rows = [a_row("Прошлая", date(2026, 9, 3)), a_row("Праздник", date(2026, 11, 4))]

    _, look = looked(a_sheet(*rows), season)

    assert [list(row.questions) for row in look.preview.rows] == [["past:"], ["day_off:2026-11-04"]]


def test_rows_without_title_date_or_a_date_that_can_be_read_are_refused(season: Season) -> None:
    rows = [
        a_row("", "15.10.2026"),
        a_row("Без даты", None),
        a_row("Когда-нибудь", "каждый четверг"),
        a_row("Через год", "15.10.2027"),
        a_row("Не час", at="утром"),
    ]

    _, look = looked(a_sheet(*rows), season)

    assert refusals(look) == [["no_title"], ["no_date"], ["bad_date"], ["outside"], ["bad_time"]]


def test_the_same_key_and_the_same_row_twice_are_refused(season: Season) -> None:
    rows = [a_row(**{"№": "1"}), a_row("Другая", **{"№": "1"}), a_row("Без"), a_row("Без")]

    _, look = looked(a_sheet(*rows), season)

    assert refusals(look) == [[], ["same_key"], [], ["same_row"]]


def test_an_hour_that_is_missing_is_asked_once_for_all(season: Season) -> None:
    job_id, look = looked(a_sheet(a_row("Раз", at=None), a_row("Два", at=None)), season)
    assert look.preview.questions["time:"].rows == [2, 3]

    again(job_id, {"time:": "15.00"})

    assert [one.wall_start.hour for one in sessions()] == [15, 15]


def test_a_hidden_row_comes_only_when_told(season: Season) -> None:
    raw = sheets_made.xlsx(
        ("Название", "Дата", "Время"), ("Раз", date(2026, 10, 15), time(10)),
        ("Скрытая", date(2026, 10, 16), time(10)), hidden=[3],
    )  # fmt: skip

    _, look = looked(raw, season)

    assert [list(row.questions) for row in look.preview.rows] == [[], ["hidden:"]]


def test_the_zone_of_the_heading_is_that_of_all_hours(season: Season) -> None:
    raw = sheets_made.xlsx(
        ("Название", "Дата", "Время (МСК+2)"), ("Раз", date(2026, 10, 15), "10:00–11:15")
    )

    applied(raw, season)

    [session] = sessions()
    assert (session.tz, session.duration_min) == ("Asia/Yekaterinburg", 75)


def test_two_people_of_one_name_are_asked_about(season: Season) -> None:
    first = a_person("one@example.org")
    a_person("two@example.org")

    job_id, look = looked(a_sheet(a_row(**{"Спикеры": "Белова А."})), season)

    assert the("unclear", look).questions == ["speaker:белова а"]
    again(job_id, {"speaker:белова а": str(first.id)})
    [session] = sessions()
    assert [one.person_id for item in session.agenda for one in item.speakers] == [first.id]


def test_an_unknown_speaker_is_made_once_with_post_and_city(season: Season) -> None:
    rows = [
        a_row(f"Встреча {n}", **{"Спикеры": "Орлова Наталья Петровна, директор школы (Пермь)"})
        for n in range(2)
    ]

    applied(a_sheet(*rows), season)

    [person] = db.session.scalars(select(Person)).all()
    assert (person.family, person.given, person.patronymic) == ("Орлова", "Наталья", "Петровна")
    assert person.post == "директор школы"
    assert person.city is not None
    assert person.city.name == "Пермь"


def test_a_topic_is_known_by_its_title(season: Season) -> None:
    topic = a_topic(season, "Наставничество")
    rows = [a_row("Раз", **{"Тема": "наставничество"}), a_row("Два", **{"Тема": "Погода"})]

    job_id, look = looked(a_sheet(*rows), season)

    assert [list(row.questions) for row in look.preview.rows] == [[], ["topic:погода"]]
    again(job_id, {"topic:погода": "none"})
    assert [one.topic_id for one in sessions()] == [topic.id, None]


def test_an_empty_cell_leaves_what_is_there(season: Season) -> None:
    applied(a_sheet(a_row(**{"№": "7", "Место": "Школа № 1"})), season)

    _, look = looked(a_sheet(a_row(**{"№": "7", "Место": None})), season)

    assert statuses(look) == ["unchanged"]


def test_a_move_of_a_published_session_sends_the_letters(
    season: Season, outbox: Outbox, work_off: Callable[[], int]
) -> None:
    a_session(invited=["anna@example.org"])
    work_off()
    title = "Первые три года учителя"

    job_id, look = looked(a_sheet(a_row(title, at=time(12))), season)
    again(job_id, {})
    work_off()

    assert the("changed", look).tells == 1
    first, second = outbox.calendars_to("anna@example.org")
    assert second["UID"] == first["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)


def test_a_session_that_is_over_is_not_changed(season: Season) -> None:
    session = a_session()
    scheduling.end(session.id, session.revision, None)

    _, look = looked(a_sheet(a_row(at=time(12))), season)

    assert refusals(look) == [["state"]]


def test_a_plan_that_changed_since_it_was_looked_at_is_not_touched(season: Season) -> None:
    applied(a_sheet(a_row(**{"№": "7"})), season)
    job_id, look = looked(a_sheet(a_row("Иначе", **{"№": "7"})), season)
    [session] = sessions()
    scheduling.schedule(session.id, session.revision, None)

    with pytest.raises(Refused) as refused:
        importing.apply(job_id, look.seen, None)

    assert refused.value.reason == "import.changed"
    assert [one.title for one in sessions()] == ["Первые три года учителя"]


def test_a_row_left_out_stays_out(season: Season) -> None:
    job_id, _ = looked(a_sheet(a_row("Раз"), a_row("Два")), season)

    importing.answer(job_id, {}, [3])
    look = importing.look(db.session.get_one(ImportJob, job_id))
    importing.apply(job_id, look.seen, None)

    assert statuses(look) == ["new", "left_out"]
    assert [one.title for one in sessions()] == ["Раз"]


def test_without_a_season_the_dates_tell_which_one(app: Flask) -> None:
    job_id, look = looked(a_sheet(a_row()))

    again(job_id, {})

    assert look.known.season_id is None
    [session] = sessions()
    assert (session.season.starts_on, session.season.ends_on) == (
        date(2026, 9, 1), date(2027, 8, 31),
    )  # fmt: skip


def test_an_import_applied_twice_is_refused_the_second_time(season: Season) -> None:
    job_id, look = looked(a_sheet(a_row()), season)
    importing.apply(job_id, look.seen, None)

    with pytest.raises(Refused) as refused:
        importing.apply(job_id, look.seen, None)

    assert refused.value.reason == "import.done"


def test_a_worker_applies_what_it_is_given_and_may_be_given_it_twice(
    season: Season, work_off: Callable[[], int]
) -> None:
    job_id, look = looked(a_sheet(a_row()), season)
    importing.apply_later(job_id, look.seen, None)
    assert importing.is_under_way(job_id)

    work_off()
    with transaction():
        jobs.enqueue(
            importing.APPLY, importing.key_of(job_id),
            {"import": job_id, "seen": look.seen, "by": None},
        )  # fmt: skip
    work_off()

    assert not importing.is_under_way(job_id)
    assert len(sessions()) == 1


def test_what_a_worker_is_refused_stands_in_the_import(
    season: Season, work_off: Callable[[], int]
) -> None:
    job_id, _ = looked(a_sheet(a_row()), season)

    importing.apply_later(job_id, "another look", None)
    work_off()

    job = db.session.get_one(ImportJob, job_id, populate_existing=True)
    assert (job.state, job.rows["refused"]) == ("shown", "import.changed")


def test_a_sheet_without_a_heading_is_refused(season: Season) -> None:
    with pytest.raises(Refused) as refused:
        importing.keep(sheets_made.xlsx(("раз", "два"), ("три", "четыре")), "a.xlsx", None, None)

    assert refused.value.reason == "sheet.no_header"


@pytest.mark.parametrize(
    ("cell", "minutes"), [("3 мин", None), (9999, None), ("5 мин", 5), ("24 ч", 1440), (1441, None)]
)
def test_a_length_is_one_that_a_session_can_have(cell: str | int, minutes: int | None) -> None:
    assert written.minutes_in(cell) == minutes


def test_a_row_without_a_key_and_with_a_new_title_is_asked_about(season: Season) -> None:
    applied(a_sheet(a_row("Первая"), a_row("Вторая", at=time(15))), season)
    [first, _] = sessions()

    job_id, look = looked(a_sheet(a_row("Первая, иначе"), a_row("Вторая", at=time(15))), season)
    again(job_id, {f"renamed:{first.id}": "same"})

    assert statuses(look) == ["unclear", "unchanged"]
    assert list(look.preview.questions) == [f"renamed:{first.id}"]
    assert [one.title for one in sessions()] == ["Первая, иначе", "Вторая"]


def test_a_row_said_to_be_one_more_at_the_same_hour_becomes_a_session(season: Season) -> None:
    applied(a_sheet(a_row("Первая")), season)
    [first] = sessions()

    applied(a_sheet(a_row("Другая")), season, **{f"renamed__{first.id}": "new"})

    assert [one.title for one in sessions()] == ["Первая", "Другая"]


def test_an_hour_that_the_clocks_skip_is_refused(season: Season) -> None:
    row = a_row(on=date(2027, 3, 28), at=time(2, 30), **{"Время города": "Europe/Berlin"})

    _, look = looked(a_sheet(row), season)

    assert refusals(look) == [["no_such_hour"]]


def test_of_dates_with_slashes_the_host_says_what_comes_first(season: Season) -> None:
    sheet = a_sheet(a_row("Раз", "05/04/2027"), a_row("Два", "03/18/2027"))

    job_id, look = looked(sheet, season)
    again(job_id, {"slashes:": "month"})

    assert (statuses(look), list(look.preview.questions)) == (["unclear"] * 2, ["slashes:"])
    assert [(one.title, one.wall_start.date()) for one in sessions()] == [
        ("Два", date(2027, 3, 18)), ("Раз", date(2027, 5, 4)),
    ]  # fmt: skip


def test_a_key_of_a_session_of_another_season_is_told(season: Season) -> None:
    other = a_season("2025/26", starts_on=date(2025, 9, 1), ends_on=date(2026, 5, 31))
    applied(a_sheet(a_row(on=date(2025, 10, 9))), other, past__="keep")
    [elsewhere] = sessions()

    _, look = looked(a_sheet(a_row("Иная", **{"№": f"V-{elsewhere.id}"})), season)

    assert [one.code for one in the("new", look).notes] == ["other_season"]


def test_a_formula_without_a_value_is_told_once_and_by_no_name_of_ours(season: Season) -> None:
    _, look = looked(a_sheet(a_row("=A9&B9", "=C9+1")), season)

    assert refusals(look) == [["formula", "formula"]]
    assert look.preview.rows[0].title == ""
