"""Browsers in which somebody reads the demonstration: nobody known, its guest, its host."""

from __future__ import annotations

from typing import Any

from tests.browser.pages import ACCOUNTS, Who


def visitors(chromium: Any, url: str, language: str = "ru", **options: Any) -> dict[Who, Any]:
    """A blank tab for each who reads, signed in, in this language ("ru" or "en").

    options: of the browser's context, such as `viewport` and `color_scheme`.
    """
    readers: tuple[Who, ...] = ("anyone", *ACCOUNTS)
    return {who: visitor(chromium, url, who, language, **options) for who in readers}


def visitor(chromium: Any, url: str, who: Who, language: str = "ru", **options: Any) -> Any:
    """A tab of one of them."""
    # The programme's own zone: a page guesses it at first, and would be drawn anew for another.
    context = chromium.new_context(
        base_url=url, locale=language, timezone_id="Europe/Moscow", **options
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    if who in ACCOUNTS:
        page.goto("/sign-in/")
        page.locator(f'form:has(input[value="{ACCOUNTS[who][0]}"]) button').click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
    page.goto(f"/language/{language}")
    return page
