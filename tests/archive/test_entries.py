"""What may be found is made anew from what was read, and opens to whom the talk opens."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from archive import entries
from archive.deposit import READ
from archive.entries import Findable
from archive.models import Chapter, Entry, IndexDebt
from archive.search import search
from integrations.runtime import worker
from integrations.runtime.database import db, transaction
from integrations.runtime.viewer import ANONYMOUS
from tests.archive.talks import MEMBERS, a_pptx, a_talk, a_vtt, add, fresh

WorkOff = Callable[[], int]


def rows() -> list[Entry]:
    return list(db.session.scalars(select(Entry).order_by(Entry.id)))


def a_session_to_come(title: str) -> Findable:
    return Findable("session", title, "", "/sessions/1", frozenset({"public"}))


def test_a_talk_gives_itself_its_speech_its_slides_and_its_chapters(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_talk(cities=["Пермь"])
    add(talk, "talk.vtt", a_vtt())
    add(talk, "deck.pptx", a_pptx(("Наставники", "Два часа в неделю"), ("", "")))
    with transaction():
        db.session.add(Chapter(talk_id=talk.id, start_s=10, title="Пермь показывает"))

    work_off()

    assert [(one.kind, one.url) for one in rows()] == [
        ("talk", f"/talks/{talk.id}"),
        ("speech", f"/talks/{talk.id}?t=0"),
        ("slide", f"/talks/{talk.id}?slide={rows()[2].slide_id}"),
        ("chapter", f"/talks/{talk.id}?t=10"),
    ]
    assert rows()[1].names == "Анна Белова Пётр Ёлкин Пермь"


def test_entries_open_to_whom_the_talk_opens(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk()
    add(talk, "talk.vtt", a_vtt())
    work_off()
    with transaction():
        one = fresh(talk)
        one.access_keys = sorted(MEMBERS)
        entries.rekey_talk(one)
    db.session.expire_all()

    assert {tuple(row.access_keys) for row in rows()} == {tuple(sorted(MEMBERS))}
    assert db.session.get(IndexDebt, f"talk:{talk.id}") is not None


def test_what_another_layer_hands_over_takes_the_place_of_what_it_handed_before(app: Flask) -> None:
    with transaction():
        entries.put("session:1", [a_session_to_come("Первая")])
    with transaction():
        entries.put("session:1", [a_session_to_come("Вторая")])

    assert [row.title for row in rows()] == ["Вторая"]


def test_an_entry_that_was_replaced_leaves_its_number_unused(app: Flask) -> None:
    with transaction():
        entries.put("session:1", [a_session_to_come("Первая")])
    first = rows()[0].id
    with transaction():
        entries.put("session:1", [])
    with transaction():
        entries.put("session:2", [a_session_to_come("Вторая")])

    assert rows()[0].id > first


def test_a_talk_read_again_is_found_before_the_index_is_told(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk()
    add(talk, "talk.vtt", a_vtt())
    work_off()
    before = [row.id for row in rows()]

    add(talk, "deck.pptx", a_pptx(("Наставники", "Два часа в неделю")))
    worker.work_off(app, frozenset({READ}))

    assert [row.id for row in rows()][: len(before)] == before
    assert [hit.kind for hit in search("наставник", ANONYMOUS).moments] == ["speech"]
