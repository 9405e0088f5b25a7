"""How one comes to a calendar: the page that says it, the buttons, and one's own address."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from sessions.flows import feed_tokens, inviting
from tests.builders import a_city, a_person, a_session, signed_in
from tests.sessions.web.reading import words

ADDRESS = "http://vzaimo.test/feeds/programme.ics"


def links(answer):
    return [html.unescape(one) for one in re.findall(r'href="([^"]+)"', answer.text)]


def test_page_leads_calendar_programs_to_the_address_of_the_feed(client):
    a_session()

    found = links(client.get("/subscribe"))

    outside = [one for one in found if urlsplit(one).netloc.endswith((".com", ".test"))]
    asked = {urlsplit(one).netloc: parse_qs(urlsplit(one).query) for one in outside}
    assert f"webcal://{ADDRESS.partition('//')[2]}" in found
    assert asked["calendar.google.com"] == {"cid": ["webcal://vzaimo.test/feeds/programme.ics"]}
    assert asked["outlook.office.com"] == {"url": [ADDRESS], "name": ["Взаимообучение городов"]}
    assert asked["outlook.live.com"] == asked["outlook.office.com"]


def test_every_choice_of_the_page_leads_to_a_feed_that_is_there(client):
    a_city()
    a_session()
    page = client.get("/subscribe").text
    choices = re.findall(r'<option value="([^"]+)"', page)

    feeds = {}
    for choice in choices:
        shown = client.get(f"/subscribe?to={choice}").text
        (address,) = re.findall(r'id="feed-address" value="http://vzaimo.test([^"]+)"', shown)
        feeds[address] = client.get(address).mimetype

    assert choices[0] == "programme"
    assert len(feeds) == len(choices) == 1 + 1 + 5 + 1
    assert set(feeds.values()) == {"text/calendar"}


@pytest.mark.parametrize("to", ["season:9", "city:x", "format:dance", "season:99999999999", "me"])
def test_what_nobody_can_subscribe_to_is_not_found(client, to):
    assert client.get(f"/subscribe?to={to}").status_code == 404


def test_english_reader_is_given_the_address_of_the_english_feed(client):
    client.get("/language/en")

    assert f"{ADDRESS}?lang=en" in client.get("/subscribe").text


def test_pages_of_a_season_a_city_and_a_session_tell_programs_of_their_calendar(client):
    city, session = a_city(), a_session()
    pages = {
        f"/schedule/{session.season_id}": f"http://vzaimo.test/feeds/season/{session.season_id}.ics",
        f"/cities/{city.id}": f"http://vzaimo.test/feeds/city/{city.id}.ics",
        f"/sessions/{session.id}": f"/sessions/{session.id}.ics",
        "/subscribe": ADDRESS,
    }
    link = r'<link rel="alternate" type="text/calendar" title="[^"]+" href="([^"]+)"'

    found = {path: re.findall(link, client.get(path).text) for path in pages}

    assert found == {path: [address] for path, address in pages.items()}


def test_one_makes_changes_and_switches_off_the_address_of_ones_own_calendar(app):
    anna = a_person(account=True)
    session = a_session(title="Наставники")
    inviting.invite(session.id, [("", "anna@example.org")], None)
    browser = signed_in(app, anna)

    before = own_addresses(browser)
    browser.post("/me/calendar")
    (first,) = own_addresses(browser)
    browser.post("/me/calendar")
    (second,) = own_addresses(browser)
    held = browser.get(second).text
    browser.post("/me/calendar/revoke")

    assert (before, own_addresses(browser)) == ([], [])
    assert [browser.get(one).status_code for one in (first, second)] == [410, 410]
    assert "SUMMARY:Наставники" in held
    assert feed_tokens.of_person(anna.id) is None


def own_addresses(browser):
    return sorted(
        set(re.findall(r'value="http://vzaimo.test(/feeds/my/[^"]+)"', browser.get("/me").text))
    )


def test_form_sent_twice_makes_one_address(app):
    anna = a_person(account=True)
    browser = signed_in(app, anna)

    browser.post("/me/calendar", data={"once": "the-same"})
    (first,) = own_addresses(browser)
    browser.post("/me/calendar", data={"once": "the-same"})

    assert own_addresses(browser) == [first]


def test_my_sessions_say_when_a_calendar_last_came(app, clock):
    browser = signed_in(app, a_person(account=True))
    browser.post("/me/calendar")

    before = words(browser.get("/me"))
    browser.get(own_addresses(browser)[0])
    after = words(browser.get("/me"))

    assert "За ним ещё не приходил ни один календарь." in before
    assert "Последний раз за ним приходили 1 октября 2026." in after


def test_who_is_signed_out_makes_no_address(client):
    assert client.post("/me/calendar").status_code == 401
