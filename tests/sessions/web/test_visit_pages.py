"""A visit on the desk and on the page of one's answer: what is done is done to all its days."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sessions.flows import inviting
from tests.builders import a_host, signed_in
from tests.sessions.flows.test_visits import ANNA, a_visit, invitation, reply, states
from tests.sessions.web.reading import press, words


@pytest.fixture
def guest(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def host(app: Flask) -> FlaskClient:
    browser = signed_in(app, a_host())
    browser.get("/language/en")
    return browser


ASIDE = "A visit with 3 days to come: the invitation is to all its days."
WHOLE = "This is a visit of 3 days. Your answer is for the whole visit"


def link(session_id: int) -> str:
    return f"/a/{invitation(session_id).token}"


class TestDesk:
    @pytest.mark.parametrize("is_visit", [True, False])
    def test_says_beforehand_whether_the_invitation_is_to_all_days(self, host, is_visit):
        ids = a_visit(is_visit=is_visit)

        text = words(host.get(f"/sessions/{ids[1]}/desk"))

        assert (ASIDE in text) is is_visit

    def test_says_afterwards_to_how_many_days_people_are_invited(self, host):
        ids = a_visit()

        desk = f"/sessions/{ids[1]}/desk"
        press(host, desk, f"{desk}/invite", addresses=ANNA)

        text = " ".join(host.get(desk).get_data(as_text=True).split())
        assert "1 person is invited. The invitation is to 3 days of the visit." in text
        assert states(ids) == ["invited", "invited", "invited"]

    def test_asks_before_somebody_is_taken_off_all_days(self, host):
        ids = a_visit(ANNA)
        registration_id = invitation(ids[1]).registration_id

        text = words(host.get(f"/sessions/{ids[1]}/desk/people/{registration_id}/withdraw"))

        assert "This is a day of a visit: they are taken off all its days to come." in text


class TestPageOfTheAnswer:
    def test_lists_the_days_and_how_it_stands_on_each(self, guest, clock):
        ids = a_visit(ANNA)
        reply(ids[0], "accepted")
        clock.pass_by(minutes=1)
        reply(ids[2], "declined", only_this_day=True)

        text = words(guest.get(link(ids[0])))

        assert WHOLE in text
        days = "Tuesday, 13 October 2026, 10:00–11:30 — you come Wednesday, 14 October 2026, "
        rest = "10:00–11:30 — you come Thursday, 15 October 2026, 10:00–11:30 — you do not come"
        assert days + rest in text

    def test_answer_counts_for_all_days(self, guest):
        ids = a_visit(ANNA)

        press(guest, link(ids[0]), link(ids[0]), answer="accepted")

        assert states(ids) == ["confirmed", "confirmed", "confirmed"]

    def test_answer_for_this_day_only_leaves_the_others(self, guest):
        ids = a_visit(ANNA)

        press(guest, link(ids[1]), link(ids[1]), answer="declined", days="one")

        assert states(ids) == ["invited", "withdrawn", "invited"]

    def test_single_session_speaks_of_no_days(self, guest):
        ids = a_visit(is_visit=False)
        inviting.invite(ids[0], [("", ANNA)], None)

        assert "For which days you answer" not in words(guest.get(link(ids[0])))
