"""Cities of recordings are named in the reader's language."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from archive import deposit
from archive.deposit import TalkFacts
from integrations.runtime.database import db, transaction
from sessions.models.programme import City
from tests.builders import a_city


@pytest.mark.parametrize(("language", "said"), [("en", "Perm, Алматы"), ("ru", "Пермь, Алматы")])
def test_member_cities_of_a_recording_follow_the_reader(
    client: FlaskClient, language: str, said: str
) -> None:
    perm = a_city("Пермь", "Asia/Yekaterinburg", "Перми")
    facts = TalkFacts("Мастерская", {"public"}, cities=["Пермь", "Алматы"])
    with transaction():
        db.session.get_one(City, perm.id).name_en = "Perm"
        talk = deposit.open_talk("import:one", facts)
        talk.state = "published"

    page = client.get("/talks", headers={"Accept-Language": language}).get_data(as_text=True)

    assert said in page
