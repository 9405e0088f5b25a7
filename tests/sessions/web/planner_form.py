"""What a browser would send of a form of the planner, and what its pages say."""

from __future__ import annotations

import html
import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import planning
from sessions.models.session import Session
from tests.builders import a_plan

THIRD_THURSDAYS = {
    "n": "3", "weekday": "3", "at": "10:00", "tz": "Europe/Moscow", "first": "2026-09",
    "last": "2027-05", "length": "90", "policy": "ask",
}  # fmt: skip
FIRST_WEDNESDAYS = {**THIRD_THURSDAYS, "n": "1", "weekday": "2"}
NINE = [
    date(2026, 9, 17), date(2026, 10, 15), date(2026, 11, 19), date(2026, 12, 17),
    date(2027, 1, 21), date(2027, 2, 18), date(2027, 3, 18), date(2027, 4, 15), date(2027, 5, 20),
]  # fmt: skip

_ELSEWHERE = '<td class="v-elsewhere">.*?</td>'


class _Form(HTMLParser):
    """Reads the fields of every form of a page that has a title of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._select = self._first = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in given:
                self.fields.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "select":
            self._select, self._first = name, ""
        elif tag == "option" and self._select:
            if "selected" in given:
                self.fields[self._select] = [given["value"]]
            elif not self._first:
                self._first = given["value"]
                self.fields.setdefault(self._select, [given["value"]])
        elif tag == "textarea":
            self._area = name
            self.fields.setdefault(name, [""])

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] = [self.fields[self._area][0] + data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def the_form(page: str) -> dict[str, Any]:
    """What a browser would send of the planner's form as the page has it."""
    reader = _Form()
    reader.feed(page)
    return {
        name: values if len(values) > 1 or name in ("on", "make", "drop", "also") else values[0]
        for name, values in {"on": [], **reader.fields}.items()
    }


def plan(host: FlaskClient, rule: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The form filled in, for the dates that the page shows."""
    page = host.get("/plan/series", query_string=rule).text
    return {**the_form(page), "title": "Первые три года учителя", "do": "make", **changes}


def rows(page: str) -> list[str]:
    """The lines of the table of dates in words, without the hours elsewhere."""
    found = re.findall(r"<tr[^>]*>\s*<td.*?</tr>", page, re.S)
    without = [
        re.sub(
            r'<select.*?</select>|<td class="v-elsewhere">.*?</td>|<[^>]+>', " ", row, flags=re.S
        )
        for row in found
    ]
    return [" ".join(html.unescape(row).split()) for row in without]


def words(page: str) -> str:
    """The text of a page as one line, no-break spaces as plain ones."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
    return " ".join(html.unescape(text).replace("\xa0", " ").replace("\u2060", "").split())


def dates() -> list[date]:
    return [
        wall.date() for wall in db.session.scalars(select(Session.wall_start).order_by(Session.id))
    ]


def states() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Session.state).order_by(Session.id)))


def a_series(host: FlaskClient, **changes: Any) -> tuple[str, dict[str, str]]:
    """The address of a new series of nine, and what its page would send to publish it."""
    wanted = a_plan(**changes)
    made = planning.plan_series(wanted, planning.preview(wanted), None, "vzaimo.test")
    url = f"/plan/series/{made}"
    shown = re.findall(r'name="(revision-\d+)" value="(\d+)"', host.get(url).text)
    return url, dict(shown)


def strip_of(page: str) -> list[str]:
    """The zones of the strip in words, west to east."""
    [found] = re.findall(r'<ol class="v-plan.*?</ol>', page, re.S)
    return [words(zone) for zone in re.findall(r"<li.*?</li>", found, re.S)]
