"""Recordings and sessions are called in English for who reads English, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from archive import entries
from archive.models import Talk
from integrations.runtime.database import db, transaction
from sessions.flows import scheduling
from tests.builders import a_session
from tests.conftest import START

RUSSIAN, ENGLISH = "Наставничество в школе", "Mentoring at school"


@pytest.fixture
def talk(app: Flask, work_off: Callable[[], int]) -> Talk:
    with transaction():
        talk = Talk(
            source="import:mentoring", title=RUSSIAN, title_en=ENGLISH, state="published",
            summary="О наставниках.", summary_en="About mentors.", made_at=START,
            access_keys=["public", "member", "team"],
        )  # fmt: skip
        db.session.add(talk)
        db.session.flush()
        entries.renew_talk(talk)
    work_off()
    return talk


@pytest.mark.parametrize("address", ["/", "/talks", "/talks/{id}", "/search?q=mentoring"])
def test_a_recording_is_called_in_the_language_of_the_page(
    client: FlaskClient, talk: Talk, address: str
) -> None:
    address = address.format(id=talk.id)

    russian = client.get(address).text.replace("\xa0", " ")
    client.get("/language/en")
    english = client.get(address).text

    assert (RUSSIAN in russian, ENGLISH in russian) == (True, False)
    assert (RUSSIAN in english.replace("\xa0", " "), ENGLISH in english) == (False, True)


def test_a_recording_is_summed_up_in_the_language_of_the_page(
    client: FlaskClient, talk: Talk
) -> None:
    client.get("/language/en")

    page = client.get(f"/talks/{talk.id}").text

    assert ("About mentors." in page, "наставниках" in page) == (True, False)


def test_a_session_to_come_is_found_under_its_english_title(
    client: FlaskClient, work_off: Callable[[], int]
) -> None:
    session = a_session(title=RUSSIAN, draft=True)
    with transaction():
        session.title_en = ENGLISH
    scheduling.schedule(session.id, session.revision, None)
    work_off()

    russian = client.get("/search?q=mentoring").text.replace("\xa0", " ")
    client.get("/language/en")
    english = client.get("/search?q=mentoring").text

    assert (f">{RUSSIAN}</a>" in russian, f">{ENGLISH}</a>" in russian) == (True, False)
    assert (f">{RUSSIAN}</a>" in english.replace("\xa0", " "), f">{ENGLISH}</a>" in english) == (
        False,
        True,
    )
