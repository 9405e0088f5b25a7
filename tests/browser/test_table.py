"""The table of pages leaves none out."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from flask import Flask

from tests.browser.pages import NOT_PAGES, Found, pages_of, table_of
from tests.demo_site import DemoSite


def asked_for(app: Flask) -> set[str]:
    """Endpoints that answer a GET."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def test_every_page_is_in_the_table(app: Flask) -> None:
    some: dict[str, Any] = {part.name: 1 for part in fields(Found)}
    told = {page.endpoint for page in table_of(Found(**some))}

    assert asked_for(app) - NOT_PAGES == told
    assert asked_for(app) >= NOT_PAGES


@pytest.mark.deep
def test_the_demonstration_has_every_page_to_show(demo_site: DemoSite) -> None:
    app = demo_site.app()
    some: dict[str, Any] = {part.name: 1 for part in fields(Found)}

    shown = {page.name for page in pages_of(app)}

    assert shown == {f"{page.name} ({page.who})" for page in table_of(Found(**some))}
