"""A whole season in a real browser: planned from nothing, announced, taken out and brought in."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from sqlalchemy import select

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from sessions.demo.city_table import read_cities
from sessions.models.programme import City
from sessions.models.session import Session
from tests.browser.conftest import an_installation
from tests.browser.test_pages import problems_of, sign_in
from tests.builders import a_host
from tests.journeys.servers import Vzaimo

pytestmark = pytest.mark.deep

OPENING, CONFERENCE, WEEKLY = "Открытие сезона", "Видеоконференция", "Методический вторник"
TUESDAY, THURSDAY, SATURDAY = 1, 3, 5
TEN, MOSCOW = wall_time(10, 0), ZoneInfo("Europe/Moscow")
CONFLICT = "Failed to load resource: the server responded with a status of 409 (CONFLICT)"
# A folder for pictures of each step, wide and narrow; none are taken where it is not set.
SHOTS = os.environ.get("SHOTS", "")
WIDTHS = (1280, 390)


class Host:
    """Someone at the pages with a mouse and a keyboard. presses: clicks, and fields written.

    wrong: what was wrong with a page that was looked at, or said in the browser's console.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.presses = 0
        self.wrong: list[str] = []
        page.on("console", lambda told: self._note(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: self._note(str(error)))

    def press(self, selector: str) -> None:
        self.page.click(selector)
        self.presses += 1

    def go(self, selector: str, address: str) -> None:
        """Press what leads to another page, and be there."""
        self.press(selector)
        self.page.wait_for_url(re.compile(address))

    def write(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)
        self.presses += 1

    def choose(self, selector: str, value: str) -> None:
        self.page.select_option(selector, value)
        self.presses += 1

    def looks(self, name: str) -> None:
        """Look the page over; its pictures are kept where they are wanted."""
        self.wrong += [f"{name}: {problem}" for problem in problems_of(self.page)]
        if SHOTS:
            was = self.page.viewport_size
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": 800})
                # Not a full-page shot: the bar at the bottom would lie across the middle.
                tall = self.page.evaluate("document.documentElement.scrollHeight")
                self.page.set_viewport_size({"width": width, "height": max(800, tall)})
                self.page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png")
            self.page.set_viewport_size(was)

    def _note(self, said: str) -> None:
        self.wrong.append(f"{self.page.url}: {said}")


def the_season() -> date:
    """The first day of the season that comes next."""
    today = clock.now().date()
    return date(today.year + (today >= date(today.year, 9, 1)), 9, 1)


def opening_day(first: date) -> date:
    """22 September, or the Monday after where that is a weekend."""
    day = first.replace(day=22)
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day


def third_thursdays(first: date) -> list[date]:
    """Those of October to May."""
    months = [first.replace(month=month) for month in (10, 11, 12)]
    months += [date(first.year + 1, month, 1) for month in range(1, 6)]
    return [one + timedelta(days=(THURSDAY - one.weekday()) % 7 + 14) for one in months]


def forty_tuesdays(first: date) -> list[date]:
    """Those from the first on that are no days off, as the library `holidays` has them."""
    off = holidays.country_holidays("RU", years=(first.year, first.year + 1))
    begins = first + timedelta(days=(TUESDAY - first.weekday()) % 7)
    weeks = (begins + timedelta(weeks=n) for n in range(52))
    return list(islice((day for day in weeks if day not in off), 40))


def wanted(first: date) -> list[tuple[Any, ...]]:
    """Every session of the season as `kept` has it."""
    days = [(opening_day(first), OPENING, "video_conference")]
    days += [(day, CONFERENCE, "video_conference") for day in third_thursdays(first)]
    days += [(day, WEEKLY, "seminar") for day in forty_tuesdays(first)]
    return [
        (datetime.combine(on, TEN), datetime.combine(on, TEN, MOSCOW).astimezone(UTC), MOSCOW.key,
         90, title, kind, "online", "public", "scheduled")
        for on, title, kind in sorted(days)
    ]  # fmt: skip


def kept() -> list[tuple[Any, ...]]:
    """What the database of the installation has of every session, in order of time."""
    db.session.rollback()
    query = select(
        Session.wall_start, Session.starts_at, Session.tz, Session.duration_min, Session.title,
        Session.format, Session.mode, Session.visibility, Session.state,
    ).order_by(Session.starts_at)  # fmt: skip
    return [tuple(row) for row in db.session.execute(query)]


def a_tab(chromium: Any, vzaimo: Vzaimo) -> Any:
    context = chromium.new_context(
        base_url=vzaimo.url, locale="ru-RU", timezone_id=MOSCOW.key,
        viewport={"width": 1280, "height": 800},
    )  # fmt: skip
    context.set_default_timeout(30_000)
    return context.new_page()


def host_at(chromium: Any, vzaimo: Vzaimo) -> Host:
    """The host of a programme that has its cities and nothing else, signed in."""
    a_host()
    with transaction():
        db.session.add_all(
            City(
                name=city.name, name_en=city.name_en, dative=city.dative, region=city.region,
                tz=city.tz, lat=city.lat, lon=city.lon, population=city.population,
            )
            for city in read_cities()
        )  # fmt: skip
    host = Host(a_tab(chromium, vzaimo))
    sign_in(host.page)
    return host


def test_a_season_is_planned_announced_and_carried_to_another_installation(
    chromium: Any, tmp_path: Path
) -> None:
    first = the_season()
    with an_installation(tmp_path / "one") as vzaimo:
        host = host_at(chromium, vzaimo)
        began = time.monotonic()
        plan_the_opening(host, opening_day(first))
        plan_the_conferences(host, first)
        plan_the_weeks(host, first)
        announce(host)
        print(f"{host.presses} presses in {time.monotonic() - began:.0f} s")
        assert kept() == wanted(first)
        season_is_shown(Host(a_tab(chromium, vzaimo)))
        sheet = exported(host, tmp_path / "plan.xlsx")
        bringing_it_back_changes_nothing(host, sheet)
        assert kept() == wanted(first)
    assert host.wrong == []

    with an_installation(tmp_path / "another") as vzaimo:
        host = host_at(chromium, vzaimo)
        bring_in(host, sheet)
        announce(host)
        assert kept() == wanted(first)
    assert host.wrong == []


def to_the_plan(host: Host) -> None:
    host.go(".v-nav a[href='/plan']", "/plan$")


def plan_the_opening(host: Host, on: date) -> None:
    to_the_plan(host)
    host.looks("01-empty")
    host.go("main a[href='/plan/session']", "/plan/session$")
    host.write("#title", OPENING)
    host.write("#day", on.isoformat())
    host.page.locator("#dates .v-plan").wait_for()
    host.looks("02-opening")
    host.go("#plan .v-act button", r"/sessions/\d+/desk")
    host.looks("03-desk")


def plan_the_conferences(host: Host, first: date) -> None:
    """Third Thursdays at ten are what the form begins with, until May as the season's."""
    to_the_plan(host)
    host.looks("04-plan")
    host.go("main a[href^='/plan/series?first']", r"/plan/series\?")
    host.write("#title", CONFERENCE)
    host.write("#first", f"{first.year}-10-01")
    create(host, 8, "05-conferences")


def plan_the_weeks(host: Host, first: date) -> None:
    host.go("main a[href^='/plan/series?first']", r"/plan/series\?")
    host.write("#title", WEEKLY)
    host.choose("#format", "seminar")
    host.press("button[value='set:kind=weekly']")
    for day in (THURSDAY, TUESDAY):  # the one is ticked, the other is wanted
        host.press(f".v-wdays label:has(input[value='{day}'])")
    host.write("#last", f"{first.year + 1}-08-31")
    host.write("#count", "40")
    host.choose("#policy", "skip")
    create(host, 40, "06-weeks")


def create(host: Host, sessions: int, name: str) -> None:
    """Make drafts of the dates that the page shows, once it shows so many."""
    host.page.wait_for_function(
        "wanted => parseInt(document.querySelector('#sum b')?.textContent) === wanted", arg=sessions
    )
    host.looks(name)
    host.go("#plan .v-act button", r"/plan/series/\d+$")
    assert host.page.locator("main tbody tr").count() == sessions
    host.looks(f"{name}-made")


def announce(host: Host) -> None:
    to_the_plan(host)
    host.looks("07-drafts")
    host.go("form[action$='/publish']:has(.v-act) button", r"/plan\?season=")
    host.looks("08-announced")
    assert host.page.locator(".v-figs dd").all_inner_texts() == ["9", "40", "40", "2", "0"]


def season_is_shown(reader: Host) -> None:
    """Whoever opens the schedule sees all of it, month by month and as a list."""
    reader.page.goto("/schedule?view=month")
    seen = 0
    while True:
        seen += reader.page.locator(".v-month .v-ev").count()
        reader.looks(f"09-{reader.page.locator('.v-months .on').inner_text().split()[0]}")
        if not reader.page.locator("a[rel=next]").count():
            break
        address = reader.page.get_attribute("a[rel=next]", "href")
        reader.go("a[rel=next]", re.escape(address))
    reader.go(".nav-tabs a[href*='view=list']:not([href*=past])", "view=list")
    hours = reader.page.locator(".v-sched tbody tr:not(.v-tr-h) td:nth-child(2)").all_inner_texts()
    reader.looks("10-list")

    assert (seen, hours) == (49, ["10:00–\u206011:30"] * 49)  # kept on one line
    assert reader.wrong == []


def exported(host: Host, to: Path) -> Path:
    """The season's spreadsheet, from its page."""
    host.go(".v-nav a[href='/schedule']", "/schedule$")
    with host.page.expect_download() as download:
        host.press("main a[href$='.xlsx']")
    download.value.save_as(to)
    return to


def look_at(host: Host, sheet: Path) -> list[str]:
    """Bring a spreadsheet to its dry run; which rows it has, by what becomes of them."""
    to_the_plan(host)
    host.go("main a[href='/plan/import']", "/plan/import$")
    host.page.set_input_files("#file", sheet)
    host.go("main form .btn-primary", r"/plan/import/\d+$")
    return [" ".join(text.split()) for text in host.page.locator(".v-chips a").all_inner_texts()]


def bringing_it_back_changes_nothing(host: Host, sheet: Path) -> None:
    assert look_at(host, sheet) == ["Все 49", "Как было 49"]
    host.looks("12-brought-back")
    apply = host.page.locator("button[value=apply]")
    assert apply.is_disabled()

    # Pressed all the same, as by a page that is out of date.
    with host.page.expect_navigation():
        apply.evaluate("button => { button.disabled = false; button.click(); }")
    host.wrong.remove(f"{host.page.url}: {CONFLICT}")


def bring_in(host: Host, sheet: Path) -> None:
    assert look_at(host, sheet) == ["Все 49", "Новая 49"]
    host.looks("13-brought-in")
    host.press("button[value=apply]")
    host.page.locator("form[action$='/undo']").wait_for()
    host.looks("14-applied")
