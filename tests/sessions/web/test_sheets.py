"""The pages that take a plan as a spreadsheet, and the files that leave."""

from __future__ import annotations

import html
import io
import re
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from integrations.runtime.database import db, transaction
from integrations.runtime.language import LANGUAGES, speaking
from integrations.sheets import reading
from sessions.flows import inviting, scheduling
from sessions.models.audit import AuditLog, ImportJob
from sessions.models.participation import Registration
from sessions.models.people import Person, PersonEmail
from sessions.models.programme import City, Season
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.sheets import columns, importing
from sessions.web import sheet_words
from tests import sheets_made
from tests.builders import a_city, a_host, a_person, a_season, a_session, signed_in
from tests.conftest import START, Clock
from tests.queries import counted
from tests.sheets_made import a_row, a_sheet


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    return signed_in(app, a_host())


@pytest.fixture
def perm(app: Flask) -> City:
    return a_city()


@pytest.fixture
def season(app: Flask) -> Season:
    a_city("Казань", "Europe/Moscow", "Казани")
    a_city("Омск", "Asia/Omsk", "Омску")
    return a_season(ends_on=date(2027, 6, 30))


def brought(host: FlaskClient, raw: bytes, name: str = "план.xlsx") -> str:
    """The address of the dry run of a file that was sent."""
    answer = host.post("/plan/import", data={"file": (io.BytesIO(raw), name)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def the_form(page: str, **more: Any) -> dict[str, Any]:
    """What a browser would send of the dry run as the page has it."""
    hidden = re.findall(r'<input type="hidden" name="(seen|shown)" value="([^"]*)"', page)
    fields: dict[str, Any] = {"shown": [value for name, value in hidden if name == "shown"]}
    fields["seen"] = next(value for name, value in hidden if name == "seen")
    return {**fields, **more}


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+|&nbsp;|\u00a0|\u2060", " ", re.sub(r"<[^>]+>", " ", page)))


def statuses(page: str) -> list[tuple[str, int]]:
    found = re.findall(r'class="v-chip[^>]*>\s*([^<]+?) <span[^>]*>(\d+)', page)
    return [(html.unescape(word), int(number)) for word, number in found]


def sessions() -> list[Session]:
    return list(db.session.scalars(select(Session).order_by(Session.starts_at, Session.id)))


def told() -> list[tuple[str, str]]:
    rows = db.session.execute(select(AuditLog.action, AuditLog.subject).order_by(AuditLog.id))
    return [(action, subject) for action, subject in rows if action.endswith("exported")]


def test_a_season_from_one_file_applied_again_and_undone(
    host: FlaskClient, perm: City, season: Season
) -> None:
    address = brought(host, sheets_made.a_season())
    page = host.get(address).text
    assert statuses(page) == [("Все", 49), ("Новая", 47), ("Неясно", 2)]
    days_off = dict.fromkeys(re.findall(r'name="(answer:day_off:[\d-]+)"', page), "keep")
    host.post(address, data=the_form(page, **days_off))
    page = host.get(address).text
    assert statuses(page) == [("Все", 49), ("Новая", 49)]
    assert sessions() == []

    host.post(address, data=the_form(page, do="apply"))

    applied = words(host.get(address).text)
    assert "49 строк применено" in applied
    assert applied.count("10:00 по Москве") == sum(one.wall.local.hour == 10 for one in sessions())
    assert [one.state for one in sessions()] == ["draft"] * 49
    again = host.get(brought(host, sheets_made.a_season())).text
    assert statuses(again) == [("Все", 49), ("Как было", 49)]
    host.post(f"{address}/undo")
    assert "Удалено 49 черновиков" in words(host.get(address).text)
    assert sessions() == []


def test_what_the_plan_exports_changes_nothing_when_it_is_brought_back(
    host: FlaskClient, perm: City, season: Season
) -> None:
    page = host.get(address := brought(host, sheets_made.a_season())).text
    host.post(address, data=the_form(page, do="apply"))
    first = sessions()[0]
    scheduling.schedule(first.id, first.revision, None)

    for kind in ("xlsx", "csv"):
        for lang in LANGUAGES:
            host.get(f"/language/{lang}")
            file = host.get(f"/plan/export/{season.id}.{kind}")
            job = db.session.get_one(
                ImportJob, importing.keep(file.data, f"plan.{kind}", season.id, None)
            )
            assert {row.status for row in importing.look(job).preview.rows} == {"unchanged"}
    assert told() == [("plan.exported", f"season:{season.id}")] * 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_heading_we_write_is_read_again(app: Flask, lang: str) -> None:
    with speaking(lang):
        headings = sheet_words.headings()

    table = reading.read(sheets_made.xlsx(list(headings.values())))[0]
    found = columns.find([table])

    assert found is not None
    assert dict(found[1].columns) == {
        name: at for at, name in enumerate(headings) if name != "state"
    }


def test_an_answer_that_was_not_looked_at_is_shown_before_it_is_applied(
    host: FlaskClient, season: Season
) -> None:
    page = host.get(address := brought(host, a_sheet(a_row(**{"Формат": "круглый стол"})))).text
    form = the_form(page, do="apply", **{"answer:format:круглый стол": "seminar"})

    first = host.post(address, data=form)
    page = host.get(address).text
    host.post(address, data=the_form(page, do="apply"))

    assert first.status_code == 409
    assert [one.format for one in sessions()] == ["seminar"]


def test_a_row_that_is_left_out_stays_out_also_from_another_view(
    host: FlaskClient, season: Season
) -> None:
    address = brought(host, a_sheet(a_row("Раз"), a_row("Два"), a_row("Три", date(2026, 9, 2))))
    page = host.get(address).text
    host.post(address, data=the_form(page, do="look", left="2"))

    unclear = host.get(f"{address}?only=unclear").text
    host.post(address, data=the_form(unclear, do="apply"))

    assert [one.title for one in sessions()] == ["Два"]


def test_a_broken_file_is_refused_beside_the_form(host: FlaskClient, season: Season) -> None:
    answer = host.post("/plan/import", data={"file": (io.BytesIO(b"PK\x03\x04 no"), "a.xlsx")})

    assert answer.status_code == 400
    assert "Таблица повреждена" in words(answer.text)
    assert db.session.scalars(select(ImportJob)).all() == []


def test_without_a_file_the_form_says_so(host: FlaskClient) -> None:
    answer = host.post("/plan/import", data={})

    assert (answer.status_code, "Сначала выберите файл" in words(answer.text)) == (400, True)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_empty_form_and_the_example_can_be_read(
    host: FlaskClient, season: Season, clock: Clock, kind: str
) -> None:
    empty = host.get(f"/plan/import/empty.{kind}")
    example = host.get(f"/plan/import/example.{kind}")

    assert columns.find(reading.read(empty.data)) is not None
    job_id = importing.keep(example.data, "пример", season.id, None)
    look = importing.look(db.session.get_one(ImportJob, job_id))
    assert [row.status for row in look.preview.rows] == ["new", "new", "new"]
    assert "attachment" in example.headers["Content-Disposition"]


def test_only_the_team_brings_and_takes_plans(app: Flask, season: Season, perm: City) -> None:
    coordinator = signed_in(
        app, a_person("c@example.org", roles=[("coordinator", f"city:{perm.id}")], account=True)
    )

    codes = [
        coordinator.get(path).status_code
        for path in (
            "/plan/import", "/plan/import/empty.xlsx", f"/plan/export/{season.id}.xlsx",
            f"/plan/export/{season.id}/people.csv",
        )
    ]  # fmt: skip

    assert codes == [403] * 4


def test_a_coordinator_takes_the_people_of_the_own_city_only(app: Flask, perm: City) -> None:
    other = a_city("Омск", "Asia/Omsk")
    a_person("anna@example.org", city=perm)
    a_person("vera@example.org", city=other)
    coordinator = signed_in(
        app, a_person("c@example.org", roles=[("coordinator", f"city:{perm.id}")], account=True)
    )

    own = coordinator.get(f"/cities/{perm.id}/people.csv")
    foreign = coordinator.get(f"/cities/{other.id}/people.csv")

    text = own.data.decode("utf-8-sig")
    assert re.findall(r"\w+@example\.org", text) == ["anna@example.org"]
    assert foreign.status_code == 403
    assert told() == [("people.exported", f"city:{perm.id}")]


def test_registrations_leave_for_the_sessions_own_host_and_are_told_in_the_log(
    app: Flask, perm: City
) -> None:
    session = a_session(invited=["anna@example.org"])
    other = a_session()
    keeper = signed_in(
        app,
        a_person("h@example.org", roles=[("session_host", f"session:{session.id}")], account=True),
    )

    own = keeper.get(f"/sessions/{session.id}/desk/registrations.csv")
    foreign = keeper.get(f"/sessions/{other.id}/desk/registrations.csv")

    lines = own.data.decode("utf-8-sig").splitlines()
    assert lines[0].split(";")[3:9] == [
        "Эл. почта", "Должность", "Организация", "Город", "Человек", "Состояние",
    ]  # fmt: skip
    assert lines[1].split(";")[3:9] == ["anna@example.org", "", "", "", "1", "в списке"]
    assert foreign.status_code == 403
    assert told() == [("registrations.exported", f"session:{session.id}")]


def test_no_cell_that_leaves_is_a_formula(host: FlaskClient, perm: City) -> None:
    session = a_session()
    inviting.invite(session.id, [("=HYPERLINK(0)", "anna@example.org")], None)

    csv = host.get(f"/sessions/{session.id}/desk/registrations.csv").data.decode("utf-8-sig")
    xlsx = reading.read(host.get(f"/sessions/{session.id}/desk/registrations.xlsx").data)

    assert "'=HYPERLINK(0)" in csv.splitlines()[1].split(";")
    assert "=HYPERLINK(0)" in xlsx[0].rows[1].cells


def test_the_people_of_a_season_are_those_registered_in_it(
    host: FlaskClient, season: Season
) -> None:
    a_session(invited=["anna@example.org"])
    a_person("nobody@example.org")

    text = host.get(f"/plan/export/{season.id}/people.csv").data.decode("utf-8-sig")

    assert re.findall(r"\w+@example\.org", text) == ["anna@example.org"]


def many_people(number: int, since: int = 0) -> list[int]:
    """The ids of so many new people, each with an address."""
    names = [f"Человек{place}" for place in range(since, since + number)]
    with transaction():
        ids = [*db.session.scalars(insert(Person).returning(Person.id), [{"family": name}
               for name in names])]  # fmt: skip
        db.session.execute(
            insert(PersonEmail),
            [{"person_id": id_, "address": f"p{id_}@example.org"} for id_ in ids],
        )
    return ids


def test_the_people_of_a_season_are_read_with_as_many_queries_however_many_they_are(
    host: FlaskClient, season: Season
) -> None:
    session, url = a_session(), f"/plan/export/{season.id}/people.csv"

    asked, lines = [], []
    for number, since in ((2, 0), (600, 2)):
        rows = [{"session_id": session.id, "person_id": id_, "made_at": START}
                for id_ in many_people(number, since)]  # fmt: skip
        with transaction():
            db.session.execute(insert(Registration), rows)
        with counted() as sent:
            text = host.get(url).data.decode("utf-8-sig")
        asked.append(len(sent))
        lines.append(len(text.splitlines()))

    assert lines == [1 + 2, 1 + 602]
    assert asked[0] == asked[1]


def test_the_plan_is_read_with_as_many_queries_however_long_the_agendas_are(
    host: FlaskClient, season: Season
) -> None:
    session, url = a_session(), f"/plan/export/{season.id}.csv"

    asked, speakers = [], []
    for number, since in ((2, 0), (600, 2)):
        with transaction():
            items = db.session.scalars(
                insert(AgendaItem).returning(AgendaItem.id),
                [{"session_id": session.id, "offset_min": since + place, "duration_min": 5,
                  "title": "Показ"} for place in range(number)],
            ).all()  # fmt: skip
            db.session.execute(
                insert(Speaker),
                [{"item_id": item, "person_id": person}
                 for item, person in zip(items, many_people(number, since), strict=True)],
            )  # fmt: skip
        with counted() as sent:
            text = host.get(url).data.decode("utf-8-sig")
        asked.append(len(sent))
        speakers.append(len(re.findall(r"Человек\d+", text)))

    assert speakers == [2, 602]
    assert asked[0] == asked[1]


def test_five_hundred_rows_are_shown_in_parts_and_few_queries(
    host: FlaskClient, season: Season
) -> None:
    rows = [a_row(f"Встреча {n}", date(2026, 10, 5), time(9, n % 60)) for n in range(500)]
    address = brought(host, a_sheet(*rows))

    page = host.get(f"{address}?page=3").text

    assert "Встреча 499" in page
    assert page.count('name="left"') == 100


def test_a_stranger_of_an_import_is_not_found(host: FlaskClient) -> None:
    assert [
        host.get("/plan/import/99").status_code,
        host.post("/plan/import/99").status_code,
        host.post("/plan/import/99/undo").status_code,
    ] == [404, 404, 404]


def test_the_dry_run_tells_the_length(host: FlaskClient, season: Season) -> None:
    page = host.get(brought(host, a_sheet(a_row(**{"Длительность, мин": 75})))).text

    assert "15 октября 2026, 10:00 по Москве, 1 ч 15 мин" in words(page)
