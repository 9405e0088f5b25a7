"""What a browser needs to show the pages: requests, bytes, moments of painting, shifts.

Run by hand: `python -m tests.bench.bench_paint`. On the telephone (390 px) the processor is four
times slower than this machine's. Cold: nothing in the cache; warm: the page once more.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench.bench_pages import MAIN
from tests.bench.tables import show
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.pages import Shown, pages_of
from tests.browser.visitors import visitor
from tests.demo_site import DemoSite

SIZES = {"1280": (1280, 1), "390, 4x slower": (390, 4)}
# Asked for before the page exists: what is painted is told to observers only.
WATCH = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.lcp = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
    for (const entry of list.getEntries().filter((one) => !one.hadRecentInput))
        window.seen.cls += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
FIGURES = """() => {
    const paint = Object.fromEntries(
        performance.getEntriesByType("paint").map((entry) => [entry.name, entry.startTime]));
    return [paint["first-paint"] || 0, paint["first-contentful-paint"] || 0,
        window.seen.lcp, window.seen.cls];
}"""
QUIET_MS = 300


class Wire:
    """What went over the wire: requests that reached the server, and bytes received."""

    def __init__(self, cdp: Any) -> None:
        self.requests = self.received = 0
        cdp.send("Network.enable")
        cdp.on("Network.loadingFinished", self._loaded)

    def _loaded(self, told: dict[str, Any]) -> None:
        if told["encodedDataLength"]:  # 0 where it came from the cache
            self.requests += 1
            self.received += int(told["encodedDataLength"])

    def take(self) -> tuple[int, int]:
        """What there was since it was last asked for."""
        taken, self.requests, self.received = (self.requests, self.received), 0, 0
        return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a demonstration made before, by bench_pages")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        site = DemoSite((asked.data or Path(scratch)).resolve())
        site.open()
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try:
            pages = [page for page in pages_of(site.app()) if page.name in MAIN]
            bench(browser, site, pages)
        finally:
            browser.close()
            site.stop()


def bench(browser: Any, site: DemoSite, pages: list[Shown]) -> None:
    header = ["page", "size", "cache", "requests", "bytes", "first paint", "FCP", "LCP", "CLS"]
    rows = []
    for page in pages:
        for size, (width, slower) in SIZES.items():
            cold, warm = painted(browser, site.url, page, width, slower)
            rows += [(page.name, size, "cold", *cold), (page.name, size, "warm", *warm)]
    show("Painting, milliseconds", header, rows)


def painted(browser: Any, url: str, page: Shown, width: int, slower: int) -> list[list[Any]]:
    """The figures of a page, cold and warm."""
    mobile: dict[str, Any] = {"is_mobile": True, "has_touch": True} if slower > 1 else {}
    tab = visitor(browser, url, page.who, "ru", viewport={"width": width, "height": 800}, **mobile)
    tab.add_init_script(WATCH)
    cdp = tab.context.new_cdp_session(tab)
    wire = Wire(cdp)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    cdp.send("Network.clearBrowserCache")
    rows = []
    for _ in ("cold", "warm"):
        tab.goto("about:blank")
        wire.take()
        tab.goto(page.path, wait_until="load")
        tab.wait_for_timeout(QUIET_MS * slower)
        *moments, shift = tab.evaluate(FIGURES)
        rows.append([*wire.take(), *(round(at) for at in moments), f"{shift:.3f}"])
    tab.context.close()
    return rows


if __name__ == "__main__":
    main()
