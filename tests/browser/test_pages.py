"""Every page in a real browser: nothing sticks out, nothing is refused by the policy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.pages import pages_of
from tests.browser.visitors import visitors
from tests.builders import PASSWORD
from tests.demo_site import DemoSite

pytestmark = pytest.mark.deep


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


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [
        (1280, "ru", "light"),
        (1280, "en", "dark"),
        (390, "ru", "dark"),
        (390, "en", "light"),
        (320, "ru", "light"),
    ],
)
def test_pages_fit_and_obey_their_own_policy(
    chromium: Any, demo_site: DemoSite, width: int, language: str, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    tabs = visitors(chromium, demo_site.url, language, viewport=size, color_scheme=scheme)
    complaints: list[str] = []
    for tab in tabs.values():
        tab.on("console", lambda message: _note(complaints, message))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
    wrong: dict[str, list[str]] = {}

    for shown in pages_of(demo_site.app()):
        tabs[shown.who].goto(shown.path)
        wrong[shown.name] = problems_of(tabs[shown.who])

    assert {name: found for name, found in wrong.items() if found} == {}
    assert complaints == []


def _note(complaints: list[str], message: Any) -> None:
    expected = "the server responded with a status of 4"  # of pages that are not there, or closed
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
