"""Reading a page as a person does: its words, its forms, its links."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def words(answer: TestResponse) -> str:
    """What stands in the main part of the page, without markup and with plain spaces."""
    page = answer.get_data(as_text=True)
    main = page.partition("<main")[2].partition("</main>")[0]
    text = html.unescape(re.sub(r"<[^>]+>", " ", main.replace("<wbr>", "")))
    return " ".join(text.replace("\u2060", "").replace("\u2011", "-").split())


def fields(answer: TestResponse, action: str) -> dict[str, str]:
    """What the form that leads to `action` would send, were it sent as it stands."""
    page = answer.get_data(as_text=True)
    form = re.search(rf'<form[^>]*action="{re.escape(action)}["#].*?</form>', page, re.S)
    assert form is not None, f"no form leads to {action}"
    return _controls(form[0])


def _controls(form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        if name and ("checked" in tag or not re.search(r'type="(checkbox|radio)"', tag)):
            found[name] = value
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = html.unescape(text).removeprefix("\r\n").removeprefix("\n")
    for select in re.findall(r"<select.*?</select>", form, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', select)
        found[_attribute(select, "name")] = html.unescape(chosen[1]) if chosen else ""
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def press(client: FlaskClient, page: str, action: str, **changes: str) -> TestResponse:
    """Open a page, change these fields of one of its forms, and send it."""
    sent = {**fields(client.get(page), action), **changes}
    return client.post(action, data=sent)
