"""Pictures of every page: wide and narrow, by day and in the dark, in both languages.

Run by hand: `python -m tests.bench.shots FOLDER`; FOLDER/index.html shows them all.
"""

from __future__ import annotations

import argparse
import tempfile
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.pages import Shown, pages_of
from tests.browser.visitors import visitors
from tests.demo_site import DemoSite

WIDTHS, SCHEMES, LANGUAGES = (1280, 390), ("light", "dark"), ("ru", "en")
TALLEST = 4000
STYLE = """body{font:14px/1.4 sans-serif;margin:16px}
section{border-top:1px solid #999;padding:8px 0}
div{display:flex;gap:8px;overflow-x:auto;align-items:start}
img{height:360px;border:1px solid #ccc}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, help="a demonstration made before, by bench_pages")
    parser.add_argument("--only", default="", help="pages whose name begins so")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        site = DemoSite((asked.data or Path(scratch)).resolve())
        site.open()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            pages = [page for page in pages_of(site.app()) if page.name.startswith(asked.only)]
            for width, language in product(WIDTHS, LANGUAGES):
                take(browser, site.url, pages, asked.folder, width, language)
        finally:
            browser.close()
            site.stop()
    (asked.folder / "index.html").write_text(contact_sheet(pages), encoding="utf-8")


def take(
    browser: Any, url: str, pages: list[Shown], folder: Path, width: int, language: str
) -> None:
    """Take all pages at this width and in this language, by day and in the dark."""
    tabs = visitors(browser, url, language, viewport={"width": width, "height": 800})
    for page in pages:
        tab = tabs[page.who]
        tab.goto(page.path)
        tall = tab.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(max(tall, 800), TALLEST)}
        for scheme in SCHEMES:
            tab.emulate_media(color_scheme=scheme)
            name = file_name(page, width, scheme, language)
            tab.screenshot(path=folder / name, full_page=True, clip=clip)
    for tab in tabs.values():
        tab.context.close()


def file_name(page: Shown, width: int, scheme: str, language: str) -> str:
    plain = page.name.replace(" (", "-").replace(")", "").replace(" ", "_")
    return f"{plain}-{width}-{scheme}-{language}.png"


def contact_sheet(pages: list[Shown]) -> str:
    """A page that shows all pictures, a row for each page of the product."""
    rows = []
    for page in pages:
        names = [
            file_name(page, width, scheme, language)
            for width, scheme, language in product(WIDTHS, SCHEMES, LANGUAGES)
        ]
        shots = "".join(
            f'<a href="{name}"><img src="{name}" alt="{name}" loading="lazy"></a>' for name in names
        )
        rows.append(f"<section><h2>{escape(page.name)}</h2><div>{shots}</div></section>")
    title = "<title>Every page</title>"
    return f'<!doctype html><meta charset="utf-8">{title}<style>{STYLE}</style>{"".join(rows)}'


if __name__ == "__main__":
    main()
