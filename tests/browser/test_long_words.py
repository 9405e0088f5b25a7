"""A title of one endless word breaks where it must, and pushes nothing off the page."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.flows import inviting, planning
from sessions.models.session import Session
from tests.browser.test_pages import problems_of
from tests.builders import PASSWORD, a_host, a_plan, a_session
from tests.journeys.servers import Vzaimo

pytestmark = pytest.mark.deep

ENDLESS = "Рентгеноэлектрокардиографический" * 6


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_with_an_endless_title_fit(chromium: Any, vzaimo: Vzaimo, width: int) -> None:
    a_host()
    session: Session = a_session(title=ENDLESS[:180])
    plan = a_plan(title=ENDLESS[:180])
    series = planning.plan_series(plan, planning.preview(plan), None, "vzaimo.test")
    inviting.invite(session.id, [("", f"{'a' * 60}@example.org")], None)
    context = chromium.new_context(
        base_url=vzaimo.url, locale="ru-RU", viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.set_default_timeout(8_000)
    page.locator("main details summary").first.click()
    form = page.locator("form:has(input[type=password])")
    form.locator("input[type=email]").fill("host@example.org")
    form.locator("input[type=password]").fill(PASSWORD)
    form.locator("button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)

    wrong = {}
    own = f"/sessions/{session.id}/desk"
    pages = ["/desk", "/plan", f"/plan/series/{series}", "/plan/session", own, f"{own}/edit",
             f"{own}/move", f"{own}/cancel", f"{own}/people/1/withdraw", "/schedule"]  # fmt: skip
    for path in pages:
        page.goto(path)
        if found := problems_of(page):
            wrong[path] = found
    page.goto(f"{own}/edit")
    page.evaluate("document.querySelector('[name=seen_revision]').value = '1'")
    page.fill("[name=title]", "Другое" * 30)
    page.press("[name=title]", "Enter")
    page.wait_for_selector("th[scope=row]")
    if found := problems_of(page):
        wrong["conflict"] = found

    assert wrong == {}
