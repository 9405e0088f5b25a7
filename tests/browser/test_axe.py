"""Every page under the rules of axe-core: WCAG 2.2 AA and what it calls best practice."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

from sessions.web import look
from tests.browser.pages import Shown, pages_of
from tests.browser.visitors import visitor, visitors
from tests.demo_site import DemoSite

pytestmark = pytest.mark.deep

RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# What the dark may change; all else was looked at in daylight.
OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FOUND = """async (rules) => {
    const result = await axe.run(document, {
        runOnly: rules, resultTypes: ["violations"],
    });
    return result.violations.flatMap((rule) => rule.nodes.slice(0, 3).map(
        (node) => `${rule.id}: ${node.target} ${node.any.concat(node.all, node.none)
            .map((check) => check.message).slice(0, 1)}`,
    ));
}"""


def violations_of(page: Any, rules: dict[str, Any] = RULES) -> list[str]:
    """What axe finds on the page that is shown: rule, place and reason, up to three a rule."""
    found: list[str] = page.evaluate(FOUND, rules)
    return found


def violations_in(page: Any, shown: Shown) -> dict[str, list[str]]:
    """The same in daylight and in the dark, by scheme."""
    answer = page.goto(shown.path)
    assert (shown.name, answer.status) == (shown.name, shown.status)
    return in_both_schemes(page, shown.name)


def in_both_schemes(page: Any, name: str) -> dict[str, list[str]]:
    wrong = {}
    page.evaluate(AXE)
    for scheme, rules in (("light", RULES), ("dark", OF_COLOUR)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if found := violations_of(page, rules):
            wrong[f"{name}, {scheme}"] = found
    return wrong


@pytest.mark.parametrize(("width", "language"), [(1280, "ru"), (390, "en")])
def test_no_page_breaks_a_rule(
    chromium: Any, demo_site: DemoSite, width: int, language: str
) -> None:
    size = {"width": width, "height": 800}
    tabs = visitors(chromium, demo_site.url, language, viewport=size, bypass_csp=True)
    wrong: dict[str, list[str]] = {}

    for shown in pages_of(demo_site.app()):
        wrong |= violations_in(tabs[shown.who], shown)

    assert wrong == {}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("status", [500, 503])
def test_no_page_of_our_own_failure_breaks_a_rule(
    chromium: Any, demo_site: DemoSite, status: int, language: str
) -> None:
    asked = {"path": "/broken", "headers": {"Accept-Language": language}}
    with demo_site.app().test_request_context(**asked):
        html, _ = look.error_page(status, request_id="0123456789abcdef")
    page = visitor(chromium, demo_site.url, "anyone", language, bypass_csp=True)
    page.route("**/broken", lambda route: route.fulfill(body=html, content_type="text/html"))

    page.goto("/broken")

    assert page.locator("html").get_attribute("lang") == language
    assert in_both_schemes(page, str(status)) == {}


def test_axe_sees_what_is_wrong(chromium: Any, demo_site: DemoSite) -> None:
    page = visitor(chromium, demo_site.url, "anyone", "ru", bypass_csp=True)
    page.goto("/zone")
    page.evaluate(
        """() => {
            document.querySelector("main").insertAdjacentHTML("beforeend",
                '<img src="/static/img/logo.svg"><p style="color:#aaa;background:#fff">pale</p>');
        }"""
    )

    page.evaluate(AXE)
    broken = {found.partition(":")[0] for found in violations_of(page)}

    assert broken == {"image-alt", "color-contrast"}
