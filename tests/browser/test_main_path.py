"""The whole path in a real browser: planned, invited, joined, handed over, found by a word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sessions.demo.sample_talk import DECK_PDF, FILM, TRANSCRIPT
from tests.browser.test_pages import problems_of, sign_in
from tests.builders import a_host
from tests.journeys.servers import Vzaimo, wait_for

pytestmark = pytest.mark.deep

ROOM = "https://meet.example.org/room-42"
MOSCOW, VLADIVOSTOK = ZoneInfo("Europe/Moscow"), ZoneInfo("Asia/Vladivostok")


def a_page(chromium: Any, vzaimo: Vzaimo, zone: str = "Europe/Moscow", width: int = 1280) -> Any:
    context = chromium.new_context(
        base_url=vzaimo.url, locale="en-GB", timezone_id=zone,
        viewport={"width": width, "height": 800},
    )  # fmt: skip
    context.set_default_timeout(20_000)
    return context.new_page()


def plan_a_season(page: Any) -> int:
    """Plans third Thursdays as far as the form goes; how many sessions came of it."""
    page.goto("/plan/series")
    page.fill("#title", "Первые три года учителя")
    page.select_option("#n", "3")
    page.select_option("#weekday", "3")
    page.select_option("#tz", "Europe/Moscow")
    page.fill("#at", "10:00")
    page.locator("#dates table tbody tr, #dates .v-list li").first.wait_for()
    page.click("button[value=make]")
    page.wait_for_url(re.compile(r"/plan/series/\d+"))
    drafts: int = page.locator("tbody tr").count()
    page.locator("form button.btn-primary").last.click()
    page.wait_for_load_state()
    assert page.locator("tbody tr .v-s.info, tbody tr .v-s").count() == drafts
    return drafts


def plan_a_session_soon(page: Any, at: datetime) -> int:
    local = at.astimezone(MOSCOW)
    page.goto("/plan/session")
    page.fill("#title", "Молодой учитель и умная ёлка")
    page.fill("input[type=date]", local.date().isoformat())
    page.fill("#at", local.strftime("%H:%M"))
    page.select_option("#tz", "Europe/Moscow")
    page.locator("form button.btn-primary").last.click()
    page.wait_for_url(re.compile(r"/sessions/\d+/desk"))
    return int(re.findall(r"/sessions/(\d+)/desk", page.url)[0])


def the_letter(folder: Path, address: str) -> Any:
    for file in folder.glob("*.eml"):
        letter = message_from_bytes(file.read_bytes(), policy=policy.default)
        if address in str(letter["To"]):
            return letter
    return None


def test_from_the_plan_to_the_very_second(chromium: Any, vzaimo: Vzaimo) -> None:
    a_host()
    host = a_page(chromium, vzaimo)
    sign_in(host)

    assert plan_a_season(host) >= 3
    at = (datetime.now(UTC) + timedelta(minutes=10)).replace(second=0, microsecond=0)
    session_id = plan_a_session_soon(host, at)
    invite_and_publish(host)
    join(chromium, vzaimo, at)
    hand_over(host, session_id)
    found = search(chromium, vzaimo)
    watch(found)


def invite_and_publish(host: Any) -> None:
    host.fill("#addresses", "Анна Белова <anna@example.org>; not an address")
    host.locator("#invite form button").click()
    assert host.input_value("#addresses").strip() == "not an address"
    host.locator("form[action$='/publish'] button").click()
    host.wait_for_load_state()
    host.locator("#room details").evaluate("part => { part.open = true }")
    host.fill("#link", ROOM)
    host.locator("#room form:has(#link) button").click()
    host.wait_for_load_state()
    assert host.input_value("#room-url") == ROOM


def join(chromium: Any, vzaimo: Vzaimo, at: datetime) -> None:
    folder = vzaimo.settings.data_dir / "letters"
    wait_for(lambda: the_letter(folder, "anna@example.org"), 20, "the invitation")
    text = the_letter(folder, "anna@example.org").get_body(("plain",)).get_content()
    link = re.findall(rf"{vzaimo.url}(/j/[\w-]+)", text)[0]
    guest = a_page(chromium, vzaimo, zone="Asia/Vladivostok", width=390)
    guest.goto(link)
    local = at.astimezone(VLADIVOSTOK)
    clock = guest.locator(".v-clock")
    # A new reader's first page is drawn again by the clock of their browser.
    wait_for(lambda: clock.inner_text() == f"{local.hour}:{local.minute:02}", 10, "local time")
    assert problems_of(guest) == []
    guest.route(f"{ROOM}**", lambda route: route.fulfill(body="<h1>The room</h1>"))
    guest.locator("form button.btn-primary").click()
    guest.wait_for_url(ROOM)


def hand_over(host: Any, session_id: int) -> None:
    files = resources.files("sessions.demo") / "files"
    host.goto(f"/sessions/{session_id}/materials")
    host.set_input_files("#files", [str(files / name) for name in (FILM, DECK_PDF, TRANSCRIPT)])
    host.locator("[data-send]").click()
    names, page = (FILM, DECK_PDF, TRANSCRIPT), f"/sessions/{session_id}/materials"
    kept = lambda: all(name in host.request.get(page).text() for name in names)  # noqa: E731
    wait_for(kept, 30, "the files to be kept")
    # The session is yet to begin: its recording is the team's until they say otherwise.
    host.goto(page)
    host.locator("form[action$='/materials/publish'] button").click()
    wait_for(lambda: is_found(host, "гирлянда"), 60, "search to find what was said")
    host.reload()
    assert problems_of(host) == []


def is_found(host: Any, word: str) -> bool:
    answer = host.request.get(f"/api/v1/search?q={word}").json()
    return any(item["kind"] == "speech" for item in answer["items"])


def search(chromium: Any, vzaimo: Vzaimo) -> Any:
    reader = a_page(chromium, vzaimo)
    reader.goto("/search?q=елка")

    assert "ёлка" in [mark.lower() for mark in reader.locator("mark").all_inner_texts()]
    reader.goto("/search?q=учитель&kind=speech")
    reader.locator(".v-hit .v-cue a[href*='t=']").first.click()
    reader.wait_for_url(re.compile(r"/talks/\d+\?.*t="))
    return reader


def watch(reader: Any) -> None:
    second = int(re.findall(r"[?&]t=(\d+)", reader.url)[0])
    reader.wait_for_function("document.querySelector('video').readyState >= 1")
    reader.wait_for_function(
        "wanted => Math.abs(document.querySelector('video').currentTime - wanted) < 1.5", arg=second
    )
    assert "учителями" in [mark.lower() for mark in reader.locator("mark").all_inner_texts()]
    assert reader.locator(".v-script [aria-current]").is_visible()
    assert problems_of(reader) == []
