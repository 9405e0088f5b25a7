"""Words in, moments out, and never a moment that is not for this reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import update

from archive import entries, hits, indexing
from archive.entries import Findable
from archive.hits import Hits
from archive.models import Slide, Talk
from archive.search import search
from integrations.runtime import ports
from integrations.runtime.database import db, transaction
from integrations.runtime.viewer import ANONYMOUS, Viewer
from integrations.textsearch.port import TextIndex
from tests.archive.talks import AN_MP4, MEMBERS, TEAM, a_pptx, a_talk, a_vtt, add, an_srt, fresh

WorkOff = Callable[[], int]
MEMBER = Viewer(keys=frozenset({"public", "member"}), person_id=1)
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


def moments(words: str, viewer: Viewer = ANONYMOUS, **narrowed: object) -> list[tuple[str, str]]:
    found = search(words, viewer, **narrowed)  # type: ignore[arg-type]
    return [(moment.kind, moment.url) for moment in found.moments]


def page(words: str, viewer: Viewer = ANONYMOUS, **narrowed: object) -> Hits:
    return hits.hits(words, viewer, **narrowed)  # type: ignore[arg-type]


def a_read_talk(work_off: WorkOff, content: bytes = b"", **facts: object) -> Talk:
    talk = a_talk(**facts)  # type: ignore[arg-type]
    add(talk, "talk.vtt", content or a_vtt())
    work_off()
    return fresh(talk)


@pytest.mark.parametrize(
    ("words", "second"),
    [("учителями", 10), ("учитель", 10), ("закрепить наставника", 10), ("елка", 20), ("ЁЛКУ", 20)],
)
def test_a_word_is_found_in_any_inflection_at_its_second(
    app: Flask, work_off: WorkOff, words: str, second: int
) -> None:
    talk = a_read_talk(work_off, title="Открытие сезона", speakers=[])

    assert moments(words) == [("speech", f"/talks/{talk.id}?t={second}#now")]


def test_a_moment_has_its_words_marked_and_its_speaker(app: Flask, work_off: WorkOff) -> None:
    a_read_talk(work_off, title="Открытие сезона")

    moment = search("учитель", ANONYMOUS).moments[0]

    assert [text for text, is_match in moment.pieces if is_match] == ["учителями"]
    assert (moment.speaker, moment.start_s) == ("Пётр Ёлкин", 10)


def test_a_talk_with_a_recording_is_opened_at_the_second_in_it(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_talk("Открытие сезона")
    add(talk, "talk.mp4", AN_MP4)
    add(talk, "talk.vtt", a_vtt())
    work_off()

    assert moments("учитель") == [("speech", f"/talks/{talk.id}?t=10")]


def test_a_moment_of_the_second_transcript_opens_that_transcript(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_talk("Открытие сезона", language="ru")
    add(talk, "ru.vtt", a_vtt())
    english = add(
        talk, "en.vtt", a_vtt([(0, "Anna", "Good day."), (10, "Peter", "We paired mentors.")])
    )
    work_off()

    assert moments("mentors") == [("speech", f"/talks/{talk.id}?t=10&text={english.id}#now")]


def test_the_same_transcript_twice_is_one_moment(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk("Открытие сезона")
    add(talk, "talk.vtt", a_vtt())
    add(talk, "talk.srt", an_srt())
    work_off()

    assert moments("учитель") == [("speech", f"/talks/{talk.id}?t=10#now")]


def test_a_word_of_a_slide_opens_that_slide(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk("Открытие сезона")
    add(talk, "deck.pptx", a_pptx(("Начало", ""), ("Робототехника", "Кружок при школе")))
    work_off()

    second = fresh(talk).slides[1]
    assert moments("робототехники") == [("slide", f"/talks/{talk.id}?slide={second.id}")]


def test_what_is_said_while_a_slide_shows_it_is_one_moment(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk("Открытие сезона")
    add(talk, "talk.vtt", a_vtt())
    add(talk, "deck.pptx", a_pptx(("Молодые учителя", "Два часа в неделю")))
    work_off()
    with transaction():
        db.session.execute(update(Slide).values(from_s=5.0, to_s=40.0))
        entries.renew_talk(fresh(talk))
    work_off()

    found = page("молодым учителям")

    assert [(one.moment.kind, one.is_shown) for one in found.hits] == [("speech", True)]
    assert (found.moments, found.places) == (1, {"speech": 1, "slide": 1})


def test_a_word_that_only_the_title_holds_finds_the_talk_and_not_each_minute_of_it(
    app: Flask, work_off: WorkOff
) -> None:
    spoken = [(n * 20.0, "Анна", f"Реплика номер {n}.") for n in range(30)]
    talk = a_read_talk(work_off, a_vtt(spoken), title="Вологда показывает", cities=["Вологда"])

    found = page("Вологда")

    assert [(one.moment.kind, one.url) for one in found.hits] == [
        ("talk", f"/talks/{talk.id}?q=%D0%92%D0%BE%D0%BB%D0%BE%D0%B3%D0%B4%D0%B0")
    ]


def test_a_talk_gives_three_moments_and_ticks_of_all(app: Flask, work_off: WorkOff) -> None:
    spoken = [(n * 100.0, "Анна", "Наставник помогает.") for n in range(6)]
    talk = a_read_talk(work_off, a_vtt(spoken), title="Открытие сезона")
    other = a_talk("Другое", source="import:two")
    add(other, "talk.vtt", a_vtt([(0, "Анна", "Наставник нужен всем, кто начинает.")]))
    work_off()

    found = page("наставник")

    of_first = [one for one in found.hits if one.moment.entry.talk_id == talk.id]
    assert (len(of_first), len(found.hits), found.moments, found.talks) == (3, 4, 7, 2)
    assert [tick.percent for tick in of_first[0].ticks] == [0, 20, 39, 59, 79, 98]
    assert [sum(tick.is_this for tick in one.ticks) for one in of_first] == [1, 0, 0]
    assert of_first[0].others == 3


def test_ticks_that_stand_close_are_drawn_but_no_target(app: Flask, work_off: WorkOff) -> None:
    spoken = [(at, "Анна", "Наставник помогает.") for at in (0.0, 70.0, 140.0, 500.0, 1000.0)]
    a_read_talk(work_off, a_vtt(spoken), title="Открытие сезона")

    first = page("наставник").hits[0]

    apart = [(tick.percent, tick.is_apart) for tick in first.ticks]
    assert apart == [(0, True), (7, False), (14, True), (50, True), (99, True)]


def test_slides_that_show_a_word_do_not_push_out_the_second_it_was_said(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_talk("Открытие сезона")
    add(talk, "deck.pptx", a_pptx(*[(f"Наставник {n}", "Наставник, наставник") for n in range(5)]))
    long = "Потом мы долго говорили о расписании, о столовой и о том, кто поедет в Тамбов. " * 6
    add(talk, "talk.vtt", a_vtt([(0, "Анна", f"{long} И про наставника тоже. {long}")]))
    work_off()

    kinds = [one.moment.kind for one in page("наставник").hits]

    assert (len(kinds), kinds.count("speech")) == (3, 1)


def test_all_moments_of_one_talk_are_shown_where_it_is_asked_for(
    app: Flask, work_off: WorkOff
) -> None:
    spoken = [(n * 100.0, "Анна", "Наставник помогает.") for n in range(12)]
    talk = a_read_talk(work_off, a_vtt(spoken), title="Открытие сезона")

    first, second = (page("наставник", talk_id=talk.id, page=number) for number in (1, 2))

    assert (len(first.hits), len(second.hits), first.pages) == (10, 2, 2)


def test_hits_can_be_narrowed_to_speech_or_slides(app: Flask, work_off: WorkOff) -> None:
    talk = a_talk("Открытие сезона")
    add(talk, "talk.vtt", a_vtt())
    add(talk, "deck.pptx", a_pptx(("Учитель и наставник", "")))
    work_off()

    narrowed = {place: page("учитель", place=place) for place in ("", "speech", "slide")}

    kinds = [sorted(one.moment.kind for one in found.hits) for found in narrowed.values()]
    assert kinds == [["slide", "speech"], ["speech"], ["slide"]]
    assert narrowed["slide"].places == {"speech": 1, "slide": 1}


def test_misspelt_words_find_something_that_is_called_approximate(
    app: Flask, work_off: WorkOff
) -> None:
    a_read_talk(work_off, title="Открытие сезона")

    found = page("наставнников")

    assert (found.approximate, [one.moment.complete for one in found.hits]) == (True, [False])


def test_nothing_is_nothing(app: Flask, work_off: WorkOff) -> None:
    a_read_talk(work_off)

    found = page("электрокардиография")

    assert (found.hits, found.moments, found.available) == ([], 0, True)


@pytest.mark.parametrize(("keys", "expected"), [(MEMBERS, (0, 1)), (TEAM, (0, 0))])
def test_what_a_reader_may_not_open_is_in_no_hit_and_no_count(
    app: Flask, work_off: WorkOff, keys: tuple[str, ...], expected: tuple[int, int]
) -> None:
    a_read_talk(work_off, title="Открытие сезона", keys=keys)

    found = [page("учителями наставников ёлка", viewer) for viewer in (ANONYMOUS, MEMBER)]

    assert tuple(len(one.hits) for one in found) == expected
    assert tuple(one.moments for one in found) == expected
    assert tuple(search("ёлка", viewer).total for viewer in (ANONYMOUS, MEMBER)) == expected


def test_what_is_withheld_is_gone_before_the_index_hears_of_it(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off, title="Открытие сезона")
    other = a_talk("Другое", source="import:two")
    add(other, "talk.vtt", a_vtt([(0, "Анна", "Один учитель.")]))
    work_off()
    before = (page("учитель").moments, search("учитель", ANONYMOUS, limit=1).total)
    with transaction():
        withheld = fresh(talk)
        withheld.state, withheld.access_keys = "withheld", sorted(TEAM)
        entries.rekey_talk(withheld)

    assert indexing.owed() == 1
    assert before == (2, 2)
    assert (page("учитель").moments, search("учитель", ANONYMOUS, limit=1).total) == (1, 1)


def test_a_hit_whose_talk_is_closed_in_the_database_alone_is_not_shown(
    app: Flask, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off, title="Открытие сезона")
    with transaction():
        fresh(talk).access_keys = sorted(TEAM)

    assert (moments("учитель"), search("учитель", ANONYMOUS).total) == ([], 0)


def test_a_lost_index_is_told_apart_from_having_found_nothing(app: Flask) -> None:
    found = page("учитель")

    assert (found.available, found.hits) == (False, [])


def test_sessions_to_come_are_found_and_those_gone_by_are_not(
    app: Flask, work_off: WorkOff
) -> None:
    def a_session(number: int, starts_at: datetime, keys: frozenset[str]) -> Findable:
        facets = {"starts_at": starts_at.isoformat(), "format": "seminar"}
        return Findable(
            "session", f"Наставники {number}", "", f"/sessions/{number}", keys, facets=facets
        )

    public, team = frozenset({"public"}), frozenset({"team"})
    with transaction():
        entries.put("session:1", [a_session(1, NOW + timedelta(days=1), public)])
        entries.put("session:2", [a_session(2, NOW - timedelta(days=1), public)])
        entries.put("session:3", [a_session(3, NOW + timedelta(days=1), team)])
    work_off()

    soon = hits.upcoming("наставников", ANONYMOUS, NOW)

    assert [(one.url, one.format) for one in soon] == [("/sessions/1", "seminar")]
    assert page("наставников").hits == []


def test_what_has_no_date_yet_is_still_to_come(app: Flask, work_off: WorkOff) -> None:
    facets = {"starts_at": "", "undated": "yes"}
    keys = frozenset({"public"})
    with transaction():
        for number, given in enumerate((facets, {"starts_at": ""}), 1):
            url = f"/sessions/{number}"
            entries.put(
                f"session:{number}",
                [Findable("session", "Наставники", "", url, keys, facets=given)],
            )
    work_off()

    soon = hits.upcoming("наставников", ANONYMOUS, NOW)

    assert [(one.url, one.starts_at) for one in soon] == [("/sessions/1", None)]


def test_the_index_is_asked_for_no_more_than_it_must_when_all_is_paid(
    app: Flask, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_read_talk(work_off)
    index = ports.get(TextIndex)
    really, limits = type(index).search, []

    def counted(self: TextIndex, query: object) -> object:
        limits.append(query.limit)  # type: ignore[attr-defined]
        return really(self, query)  # type: ignore[arg-type]

    monkeypatch.setattr(type(index), "search", counted)

    search("учитель", ANONYMOUS, limit=5)

    assert limits == [5]


JUNK = some.one_of(
    some.text(max_size=200),
    some.sampled_from(
        ["acl:public OR", "*", '"', "«", "[TO", "a:b^", "-", "- -", "\0", "\ud800", "(" * 500,
         "учитель" * 700, "' OR 1=1 --", "%", "_", "\u202e", "../..", "{{7*7}}"]
    ),
)  # fmt: skip


@given(words=JUNK)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_words_break_the_search(app: Flask, words: str) -> None:
    answer = app.test_client().get(
        "/search", query_string={"q": words.encode("utf-8", "surrogatepass")}
    )

    assert answer.status_code == 200


def test_an_access_key_cannot_be_asked_for(app: Flask, work_off: WorkOff) -> None:
    a_read_talk(work_off, keys=TEAM)

    tried = ("team", "access:team", "ёлка access\0team", "source:talk:1")
    assert [moments(words) for words in tried] == [[], [], [], []]
