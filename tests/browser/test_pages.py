"""Every page in a real browser: nothing sticks out, nothing is refused by the policy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import PASSWORD, a_city, a_host, a_session
from tests.journeys.servers import Vzaimo

pytestmark = pytest.mark.deep

OPEN = [
    "/",
    "/schedule",
    "/talks",
    "/search?q=учитель",
    "/search",
    "/sign-in/",
    "/zone",
    "/nothing",
]
TEAM = ["/plan", "/plan/series", "/plan/session", "/desk", "/me", "/me/settings", "/me/tokens"]


def problems_of(page: Any) -> list[str]:
    """What is wrong with the page that is shown: sticking out, missing labels, double ids."""
    found: list[str] = page.evaluate(
        """() => {
            const wrong = [];
            const root = document.documentElement;
            const wide = root.scrollWidth - root.clientWidth;
            if (wide > 0) wrong.push(`sticks out by ${wide} px`);
            const ids = [...document.querySelectorAll("[id]")].map((part) => part.id);
            const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
            if (twice.length) wrong.push(`ids twice: ${twice}`);
            const fields = "input:not([type=hidden]), select, textarea";
            for (const field of document.querySelectorAll(fields)) {
                const named = field.labels?.length || field.getAttribute("aria-label")
                    || field.getAttribute("aria-labelledby");
                if (!named) wrong.push(`no label: ${field.name || field.id}`);
            }
            for (const picture of document.querySelectorAll("img:not([alt])")) {
                wrong.push(`no alt: ${picture.src}`);
            }
            if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
            return wrong;
        }"""
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_pages_fit_and_obey_their_own_policy(
    chromium: Any, vzaimo: Vzaimo, width: int, language: str, scheme: str
) -> None:
    a_host()
    city = a_city("Петропавловск-Камчатский", "Asia/Kamchatka", "Петропавловску-Камчатскому")
    session = a_session(presenting=[city.id], invited=["anna@example.org"])
    context = chromium.new_context(
        base_url=vzaimo.url, locale=language, viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )  # fmt: skip
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: _note(complaints, message))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    own = [f"/sessions/{session.id}", f"/sessions/{session.id}/desk"]
    own += [f"/sessions/{session.id}/desk/edit", f"/sessions/{session.id}/materials"]
    wrong: dict[str, list[str]] = {}

    for path in OPEN:
        page.goto(path)
        wrong[path] = problems_of(page)
    sign_in(page)
    for path in TEAM + own:
        page.goto(path)
        wrong[path] = problems_of(page)

    assert {path: found for path, found in wrong.items() if found} == {}
    assert complaints == []


def _note(complaints: list[str], message: Any) -> None:
    expected = "the server responded with a status of 404"  # of the page that is not there
    if message.type == "error" and expected not in message.text:
        complaints.append(message.text)


def sign_in(page: Any) -> None:
    """Signs the host in, by the form with a password."""
    page.goto("/sign-in/")
    page.locator("main details summary").first.click()
    form = page.locator("form:has(input[type=password])")
    form.locator("input[type=email]").fill("host@example.org")
    form.locator("input[type=password]").fill(PASSWORD)
    form.locator("button").click()
    page.wait_for_url("**/")
