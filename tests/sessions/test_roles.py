"""Every rule of the application, asked by every role: who gets through, who is kept out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.settings import Settings
from sessions.app import create_app
from sessions.models.people import RoleGrant
from sessions.web import look
from tests.conftest import Browser, Clock, CompiledOnce
from tests.sessions.roles_table import CHANGING, HIDDEN_PLACES, NOBODY, OPEN, READING, ROLES, TABLE
from tests.sessions.roles_world import A_PLAN, SIGN_IN, Copies, World, a_world
from tests.sessions.web.reading import words


@pytest.fixture(scope="module")
def world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests, on SQLite: whoever may open what is the same on any database."""
    folder = tmp_path_factory.mktemp("world")
    file = folder / "world.sqlite"
    file.write_bytes(migrated_sqlite.read_bytes())
    settings = Settings.from_env(
        {}, data=str(folder / "data"), database_url=f"sqlite:///{file}",
        base_url="http://vzaimo.test", mail_from="sessions@vzaimo.test", log_level="ERROR",
    )  # fmt: skip
    clock.set_source(Clock())
    app = create_app(settings)
    app.test_client_class = Browser
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    app.jinja_env.bytecode_cache = CompiledOnce()
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        # Hundreds are refused here, and how the page of a refusal looks is tested elsewhere.
        patch.setattr(look, "error_page", lambda status, **_: ("", status))
        yield a_world(app)
        db.session.remove()
        db.engine.dispose()
    clock.set_source(None)


@pytest.fixture(scope="module")
def kept(world: World) -> Iterator[Copies]:
    kept = Copies(Path(str(db.engine.url.database)))
    yield kept
    kept.close()


@pytest.fixture(autouse=True)
def copies(kept: Copies) -> Copies:
    """The world as it was made, for every test."""
    kept.restore()
    return kept


def rules(app: Flask) -> list[tuple[str, str, Rule]]:
    """(line of the table, method, rule) for everything that can be asked."""
    found = {
        f"{method} {rule.rule}": (f"{method} {rule.rule}", method, rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    return [found[line] for line in sorted(found)]


def got(answer: TestResponse) -> str:
    """What became of a request: "in", or the way in which it was kept out."""
    if answer.headers.get("Location", "").startswith(f"{SIGN_IN}?"):
        return "sign in"
    if answer.status_code in (401, 403, 404):
        return str(answer.status_code)
    return "in" if answer.status_code < 500 else f"broken: {answer.status_code}"


def right(role: str, place: str, line: str) -> set[str]:
    """How one who may not is kept out there."""
    if place in HIDDEN_PLACES:
        return {"404"}
    if line.startswith("GET /api/v1/me/"):
        return {"401"}
    if line.startswith("GET /api/"):
        return {"401", "404"} if role == NOBODY else {"404"}
    if " /api/" in line:
        return {"401"} if role == NOBODY else {"403", "404"}
    return {"sign in", "401"} if role == NOBODY else {"403"}


def wrong(line: str, place: str, role: str, answer: TestResponse) -> list[str]:
    """What is not as the table has it, as a sentence."""
    came = got(answer)
    may = role in TABLE[line][place]
    if came == "in" if may else came in right(role, place, line):
        return []
    return [f"{line} at {place}: {role} {'may' if may else 'may not'}, and got {came}"]


def test_every_rule_stands_in_the_table_and_the_table_names_no_other(world: World) -> None:
    asked = {line for line, _, _ in rules(world.app)}

    assert (asked - set(TABLE), set(TABLE) - asked) == (set(), set())


def test_every_page_opens_to_whom_the_table_says_and_to_nobody_else(
    world: World, copies: Copies
) -> None:
    found = []

    for line, method, rule in rules(world.app):
        if method != "GET":
            continue
        for place, allowed in TABLE.get(line, {}).items():
            address = world.address(rule, place)
            for role in ROLES:
                before = copies.version()
                found += wrong(line, place, role, world.get(role, address))
                if role not in allowed and copies.version() != before:
                    found.append(f"{line} at {place}: {role} may not, and something was written")

    assert not found, "\n".join(found)


def test_every_change_is_made_for_whom_the_table_says_and_for_nobody_else(
    world: World, copies: Copies
) -> None:
    found = []

    for line, method, rule in rules(world.app):
        if method == "GET":
            continue
        for place, allowed in TABLE.get(line, {}).items():
            address = world.address(rule, place)
            for role in ROLES:
                before = copies.version()
                found += wrong(line, place, role, world.ask(role, method, address))
                if role in allowed:
                    copies.restore()
                elif copies.version() != before:
                    found.append(f"{line} at {place}: {role} may not, and something was written")

    assert not found, "\n".join(found)


def test_the_api_takes_a_cookie_for_nothing(world: World) -> None:
    closed = f"/api/v1/sessions/{world.places['own']['session_id']}"
    host = world.browser("host")

    answers = [
        host.get(closed).status_code,
        host.post("/api/v1/sessions/", json=A_PLAN).status_code,
    ]

    assert answers == [404, 401]


def test_a_token_is_good_for_its_scopes_alone(world: World, copies: Copies) -> None:
    found = []

    for line, method, rule in rules(world.app):
        if not rule.rule.startswith("/api/v1/") or TABLE.get(line, OPEN) == OPEN:
            continue
        needed, address = READING if method == "GET" else CHANGING, world.address(rule, "own")
        for scope, bearer in world.narrow.items():
            came = got(world.call(bearer, method, address))
            if (came == "in") != (needed <= {scope}):
                found.append(f"{line}: a host's token for {scope} got {came}")
        copies.restore()

    assert not found, "\n".join(found)


def test_a_coordinator_sees_the_people_of_the_own_city_and_nobody_of_another(
    world: World,
) -> None:
    cities = {place: f"/cities/{world.places[place]['city_id']}" for place in ("own", "other")}

    pages = {place: words(world.get("coordinator", url)) for place, url in cities.items()}
    own = world.get("coordinator", f"{cities['own']}/people.csv").get_data(as_text=True)
    foreign = world.get("coordinator", f"{cities['other']}/people.csv")

    assert ("Для организаторов" in pages["own"], "Для организаторов" in pages["other"]) == (
        True,
        False,
    )
    assert ("own@example.com" in own, "other@example.com" in own) == (True, False)
    assert (foreign.status_code, foreign.text) == (403, "")


def test_the_host_of_one_session_has_a_desk_with_that_session_alone(world: World) -> None:
    desk = world.get("session host", "/desk").text

    assert set(re.findall(r"/sessions/(\d+)/desk", desk)) == {
        str(world.places["own"]["session_id"])
    }


def test_the_host_of_one_session_changes_nothing_of_another_by_its_own_address(
    world: World, copies: Copies
) -> None:
    own, other = world.places["own"], world.places["other"]
    desk = f"/sessions/{own['session_id']}/desk"
    registration = f"{desk}/people/{other['registration_id']}"
    files = f"/sessions/{own['session_id']}/materials"
    host, before = world.browser("session host"), copies.version()

    answers = [
        host.post(f"{registration}/withdraw").status_code,
        host.post(f"{registration}/again").status_code,
        host.post(f"{files}/remove", data={"file": other["file_id"]}).status_code,
        host.post(f"{files}/again", data={"file": other["file_id"]}).status_code,
    ]

    assert answers == [404, 404, 400, 400]
    assert copies.version() == before


def test_an_editor_hides_and_shows_a_recording_and_sees_nobody_who_is_registered(
    world: World,
) -> None:
    numbers = world.places["public"]
    page, talk = f"/sessions/{numbers['session_id']}", f"/talks/{numbers['talk_id']}"
    editor = world.browser("editor")

    hidden = (editor.post(f"{page}/materials/withhold"), world.get("member", talk).status_code)
    shown = (editor.post(f"{page}/materials/publish"), world.get("member", talk).status_code)
    pages = [editor.get(page), editor.get(f"{page}/materials"), editor.get(talk)]

    assert (hidden[0].status_code, hidden[1]) == (303, 404)
    assert (shown[0].status_code, shown[1]) == (303, 200)
    assert [one.status_code for one in pages] == [200, 200, 200]
    assert [text for text in ("Из-public", "public@example.com") if text in str(pages)] == []
    assert f'href="{page}/materials"' in pages[0].text
    assert f"{page}/desk" not in "".join(one.text for one in pages)


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("host", "/plan"),
        ("admin", "/plan"),
        ("session host", "/sessions/{session_id}/desk"),
        ("coordinator", "/cities/{city_id}/people.csv"),
        ("editor", "/sessions/{session_id}/materials"),
    ],
)
def test_a_grant_that_is_withdrawn_counts_no_more_at_the_next_request(
    world: World, role: str, page: str
) -> None:
    address, client = page.format(**world.places["own"]), world.browser(role)
    closed = f"/api/v1/sessions/{world.places['own']['session_id']}"

    before = (client.get(address).status_code, world.ask("host", "GET", closed).status_code)
    with transaction():
        db.session.execute(delete(RoleGrant))
    after = (client.get(address).status_code, world.ask("host", "GET", closed).status_code)

    assert (before, after) == ((200, 200), (403, 404))


def test_a_member_makes_no_token_of_another_worthless(world: World, copies: Copies) -> None:
    token_id, before = world.places["own"]["token_id"], copies.version()

    world.browser("coordinator").post(f"/me/tokens/{token_id}/revoke")
    by_another = copies.version() == before
    world.browser("member").post(f"/me/tokens/{token_id}/revoke")

    assert (by_another, copies.version() == before) == (True, False)
