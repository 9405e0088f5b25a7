"""The pages of the library, as a reader with and without scripts sees them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, update

from archive import pipeline
from archive.models import Chapter, Cue, MediaFile, Slide, Talk
from archive.probe import MediaFacts
from archive.views import seconds
from integrations.runtime import clock, ports
from integrations.runtime.database import db, transaction
from integrations.textsearch.port import TextIndex
from sessions.flows import scheduling
from tests.archive.talks import AN_MP4, MEMBERS, TEAM, a_pdf, a_pptx, a_talk, a_vtt, add, fresh
from tests.builders import a_city, a_host, a_session, signed_in

WorkOff = Callable[[], int]


class Elements(HTMLParser):
    """Every element of a page with its attributes and the text right in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(("", {}, []))

    def handle_data(self, data: str) -> None:
        if self.found and data.strip():
            self.found[-1][2].append(data.strip())

    def all(self, tag: str, **having: str | None) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes, _ in self.found
            if name == tag and all(attributes.get(k) == v for k, v in having.items())
        ]

    def texts(self, tag: str) -> list[str]:
        return [" ".join(said) for name, _, said in self.found if name == tag]


def page(client: FlaskClient, url: str, **query: Any) -> Elements:
    answer = client.get(url, query_string=query or None)
    assert answer.status_code == 200, answer.text
    return Elements(answer.text)


def a_read_talk(work_off: WorkOff, **files: bytes) -> Talk:
    talk = a_talk("Открытие сезона", cities=["Пермь", "Тамбов"])
    for name, content in (files or {"talk.vtt": a_vtt()}).items():
        add(talk, name, content)
    work_off()
    return fresh(talk)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recordings that are nothing but a beginning pass for films of five minutes."""
    facts = MediaFacts(
        duration_s=300.0, has_video=True, has_audio=True, width=1280, height=720, codecs=["h264"],
        examined=True, warnings=["duration_differs:600:300"], header_duration_s=600.0,
    )  # fmt: skip
    monkeypatch.setattr(pipeline, "probe", lambda *_args: facts)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


# The list


def test_an_empty_library_says_what_will_be_here(client: FlaskClient) -> None:
    assert (
        "There are no recordings yet"
        in client.get("/talks", headers={"Accept-Language": "en"}).text
    )


def test_the_list_shows_only_what_the_reader_may_open_newest_first(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    for number, (title, keys, held_on) in enumerate(
        [("Старая", ("public",), date(2025, 1, 1)), ("Закрытая", MEMBERS, date(2027, 1, 1)),
         ("Недатированная", ("public",), None), ("Новая", ("public",), date(2026, 1, 1))]
    ):  # fmt: skip
        add(a_talk(title, keys, f"import:{number}", held_on=held_on), "talk.vtt", a_vtt())
    a_talk("Ожидается", source="import:none")
    work_off()

    assert [text for text in page(client, "/talks").texts("a") if text in
            ("Старая", "Закрытая", "Недатированная", "Новая", "Ожидается")] == [
        "Новая", "Старая", "Недатированная",
    ]  # fmt: skip


def test_a_long_list_is_paged_and_ends(app: Flask, client: FlaskClient) -> None:
    with transaction():
        for number in range(25):
            db.session.add(
                Talk(source=f"import:{number}", title=f"Запись {number}", access_keys=["public"],
                     state="published", made_at=clock.now())
            )  # fmt: skip

    sizes = [
        client.get("/talks", query_string={"page": n}).text.count('<li><a class="v-slide')
        for n in (1, 2)
    ]

    assert sizes == [20, 5]
    assert client.get("/talks?page=3").status_code == 404


# The search


def test_the_search_page_marks_the_words_and_leads_to_their_second(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off)

    found = page(client, "/search", q="учитель")

    assert found.texts("mark") == ["учителями"]
    assert {one["href"] for one in found.all("a") if "t=10" in (one["href"] or "")} == {
        f"/talks/{talk.id}?t=10&q=%D1%83%D1%87%D0%B8%D1%82%D0%B5%D0%BB%D1%8C#now"
    }


def test_the_search_page_keeps_its_state_in_the_address(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    a_read_talk(work_off)

    found = page(client, "/search", q="ёлка", kind="speech")

    assert found.all("input", name="q")[0]["value"] == "ёлка"
    assert found.all("input", name="kind")[0]["value"] == "speech"


def test_nothing_found_says_how_much_was_searched(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    a_read_talk(work_off)
    add(a_talk("Закрытая", TEAM, "import:2"), "talk.vtt", a_vtt())

    text = client.get(
        "/search", query_string={"q": "электрокардиография"}, headers={"Accept-Language": "en"}
    ).text

    assert "«электрокардиография» was neither said nor shown" in html.unescape(text)
    assert "1\xa0recording was searched" in html.unescape(text)


def test_a_search_without_an_index_says_what_still_works(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/search", query_string={"q": "ёлка"}, headers={"Accept-Language": "en"})

    assert answer.status_code == 200
    assert "All recordings can be watched and read meanwhile." in answer.text.replace("\xa0", " ")


def test_the_search_without_words_asks_for_some(client: FlaskClient) -> None:
    assert page(client, "/search").all("input", name="q")[0]["value"] == ""


def test_a_session_to_come_stands_below_the_hits(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    perm = a_city()
    session = a_session(presenting=[perm.id], summary="Наставничество, которое удерживает")
    cancelled = a_session(summary="Наставничество отменили")
    scheduling.cancel(cancelled.id, cancelled.revision, None)
    work_off()

    found = page(client, "/search", q="наставничество")

    assert [one["href"] for one in found.all("a") if "/sessions/" in (one["href"] or "")] == [
        f"/sessions/{session.id}"
    ]


# A talk


def test_the_talk_opens_at_the_second_with_its_line_and_words_marked(
    app: Flask, client: FlaskClient, work_off: WorkOff, played: None
) -> None:
    talk = a_read_talk(work_off, **{"film.mp4": AN_MP4, "talk.vtt": a_vtt()})
    film, transcript = talk.files

    shown = page(client, f"/talks/{talk.id}", t="10", q="учитель")

    assert shown.all("video")[0]["src"] == f"/talks/{talk.id}/files/{film.id}#t=10.0"
    assert shown.all("track")[0]["src"] == f"/talks/{talk.id}/captions/{transcript.id}.vtt"
    now = shown.all("li", id="now")
    assert [(one["data-s"], one["aria-current"]) for one in now] == [("10.0", "true")]
    assert shown.texts("mark") == ["учителями"]
    assert [one["href"] for one in shown.all("a", **{"class": "t"})] == ["?t=0", "?t=10", "?t=20"]


def test_speakers_stand_above_their_lines_once(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off)

    names = [
        text
        for tag, attributes, said in page(client, f"/talks/{talk.id}").found
        if tag == "span" and (attributes.get("class") or "").startswith("who")
        for text in said
    ]

    assert names == ["Анна Белова", "Пётр Ёлкин"]


def test_a_talk_without_a_recording_has_no_player_and_opens_at_its_line(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off)

    shown = page(client, f"/talks/{talk.id}", t="20")

    assert (shown.all("video"), shown.all("audio")) == ([], [])
    assert [one["data-s"] for one in shown.all("li", id="now")] == ["20.0"]


def test_a_slide_is_shown_large_where_it_is_asked_for_and_at_its_time(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off, **{"talk.vtt": a_vtt(), "deck.pdf": a_pdf("One", "Two", "Three")})
    first, second, third = talk.slides
    with transaction():
        db.session.execute(update(Slide).where(Slide.id == third.id).values(from_s=15, to_s=30))

    asked = page(client, f"/talks/{talk.id}", slide=second.id)
    at_time = page(client, f"/talks/{talk.id}", t=20)

    def current(shown: Elements) -> list[str | None]:
        return [
            one["href"] for one in shown.all("a", **{"aria-current": "true", "class": "v-slide"})
        ]

    assert (current(asked), current(at_time)) == ([f"?slide={second.id}"], [f"?slide={third.id}"])
    assert asked.all("img")[0]["src"] == f"/talks/{talk.id}/slides/{second.id}.webp"
    assert first.picture_key


def test_a_page_without_a_picture_shows_its_words(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off, **{"deck.pptx": a_pptx(("Наставники", "Два часа в неделю"))})
    with transaction():
        db.session.execute(update(Slide).values(picture_key=None))

    shown = page(client, f"/talks/{talk.id}")

    assert "Наставники" in shown.texts("b")
    assert [one for one in shown.all("img") if "/slides/" in (one["src"] or "")] == []


def test_warnings_of_a_file_are_said_in_words(
    app: Flask, client: FlaskClient, work_off: WorkOff, played: None
) -> None:
    talk = a_read_talk(work_off, **{"film.mp4": AN_MP4})

    text = client.get(f"/talks/{talk.id}", headers={"Accept-Language": "en"}).text.replace(
        "\xa0", " "
    )

    assert "The file says that it lasts 10 min, but there is only 5 min in it." in text


def test_chapters_lead_to_their_seconds(app: Flask, client: FlaskClient, work_off: WorkOff) -> None:
    talk = a_read_talk(work_off)
    with transaction():
        db.session.add(Chapter(talk_id=talk.id, start_s=0, title="Начало"))
        db.session.add(Chapter(talk_id=talk.id, start_s=10, title="Пермь"))

    shown = page(client, f"/talks/{talk.id}", t=12)

    chapters = [one for one in shown.all("a") if one.get("data-s")]
    assert [(one["href"], one.get("aria-current")) for one in chapters] == [
        ("?t=0", None), ("?t=10", "true"),
    ]  # fmt: skip


def test_a_moment_can_be_cited(app: Flask, client: FlaskClient, work_off: WorkOff) -> None:
    talk = a_read_talk(work_off)

    text = client.get(f"/talks/{talk.id}?t=10", headers={"Accept-Language": "en"}).text

    cited = re.search(r"<p[^>]*data-cite=[^>]*>(.*?)</p>", text, re.DOTALL)
    assert cited is not None
    assert re.sub(r"<[^>]+>", "", cited[1]).strip() == (
        "Открытие сезона [electronic resource] : recording / Пётр Ёлкин. — "
        "Пермь, Тамбов, 22.09.2026. — 0:10. — "
        f"URL: http://vzaimo.test/talks/{talk.id}?t=10 (accessed 01.10.2026)."
    )


def test_files_are_downloaded_under_their_own_names(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off, **{"Расшифровка встречи.vtt": a_vtt()})
    link = page(client, f"/talks/{talk.id}").all("a", download=None)
    url = next(one["href"] for one in link if "download=1" in (one["href"] or ""))

    answer = client.get(url or "", buffered=True)

    assert answer.headers["Content-Disposition"].endswith(
        "filename*=UTF-8''%D0%A0%D0%B0%D1%81%D1%88%D0%B8%D1%84%D1%80%D0%BE%D0%B2%D0%BA%D0%B0%20"
        "%D0%B2%D1%81%D1%82%D1%80%D0%B5%D1%87%D0%B8.vtt"
    )


def test_words_are_found_in_the_transcript_by_a_script_too(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off)
    cues = db.session.query(Cue).order_by(Cue.start_s).all()

    answer = client.get(f"/talks/{talk.id}/find", query_string={"q": "елка наставник"})

    start, end = answer.json["lines"][0][1][0]
    assert [line[0] for line in answer.json["lines"]] == [cues[1].id, cues[2].id]
    assert cues[1].text[start:end] == "наставников"


@pytest.mark.parametrize(
    "query",
    ["t=abc", "t=-5", "t=nan", "t=inf", "t=1e400", "t=" + "9" * 400, "slide=999999999999999999999",
     "slide=x", "text=-1", "file=99", "q=%ff%fe", "q=" + "%00" * 20, "t=1:2:3:4", "t="],
)  # fmt: skip
def test_an_address_that_cannot_be_meant_opens_the_talk_all_the_same(
    app: Flask, client: FlaskClient, work_off: WorkOff, query: str
) -> None:
    talk = a_read_talk(work_off)

    assert client.get(f"/talks/{talk.id}?{query}").status_code == 200


def test_a_second_may_be_written_as_on_a_clock() -> None:
    assert [seconds(text) for text in ("872", "14:32", "1:02:40", "872.5", "x", None, "-1")] == [
        872.0, 872.0, 3760.0, 872.5, None, None, None,
    ]  # fmt: skip


EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'


def test_whatever_people_wrote_stays_text_on_every_page(app: Flask, work_off: WorkOff) -> None:
    session = a_session()
    talk = a_talk(f"Название {EVIL}", source=f"session:{session.id}", cities=[EVIL], summary=EVIL)
    add(talk, f"файл {EVIL.replace('/', '')}.vtt", a_vtt([(0, "Анна", "Учитель")]))
    add(talk, "deck.pptx", a_pptx((f"Учитель {EVIL}", EVIL)))
    work_off()
    with transaction():
        db.session.execute(update(Cue).values(text=f"Учитель {EVIL}", speaker=EVIL))
        db.session.add(Chapter(talk_id=talk.id, start_s=0, title=f"Учитель {EVIL}"))
        for slide in fresh(talk).slides:
            slide.picture_key = None
        pipeline.entries.renew_talk(fresh(talk))
    work_off()
    host = signed_in(app, a_host())
    addresses = [
        f"/talks/{talk.id}?q=учитель&t=0", f"/talks/{talk.id}?q={EVIL}", "/talks",
        "/search?q=учитель", f"/search?q={EVIL}", f"/search?q=учитель&talk={talk.id}",
        f"/sessions/{session.id}/materials", f"/talks/{talk.id}?slide={talk.slides[0].id}",
    ]  # fmt: skip

    for address in addresses:
        answer = host.get(address)
        text = answer.json["html"] if answer.is_json else answer.text
        elements = Elements(text)
        assert answer.status_code == 200
        assert [one for one in elements.all("img") if one.get("src") == "x"] == []
        assert [text for text in elements.texts("script") if "alert" in text] == []
        assert [attrs for _, attrs, _ in elements.found if "onerror" in attrs] == []
        assert "49" not in re.sub(r"\d{3,}", "", text)


def test_three_hours_of_speech_are_one_page_and_few_questions(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off)
    file = talk.files[0]
    with transaction():
        db.session.execute(
            insert(Cue),
            [
                {"talk_id": talk.id, "file_id": file.id, "position": 10 + n, "lang": "ru",
                 "start_s": 30.0 + n * 3.6, "end_s": 33.0 + n * 3.6, "speaker": f"Голос {n % 3}",
                 "text": "Мы закрепили наставников за молодыми учителями на первый год."}
                for n in range(3000)
            ],
        )  # fmt: skip
    client.get(f"/talks/{talk.id}")

    with counted_queries() as queries:
        answer = client.get(f"/talks/{talk.id}", query_string={"t": "5400", "q": "учитель"})

    assert len(queries) <= 8
    assert answer.text.count("<mark>") == 3001
    assert len(answer.data) < 1_300_000


def test_the_search_page_asks_few_questions(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    for number in range(8):
        talk = a_talk("Открытие", source=f"import:{number}")
        add(
            talk,
            "talk.vtt",
            a_vtt([(n * 100.0, "Анна", f"Наставник {number} {n}.") for n in range(4)]),
        )
    work_off()
    client.get("/search?q=наставник")

    with counted_queries() as queries:
        answer = client.get("/search?q=наставник")

    assert answer.text.count("<article") == 10
    assert len(queries) <= 12


def test_an_index_that_is_away_leaves_the_talks_as_they_are(
    app: Flask, client: FlaskClient, work_off: WorkOff
) -> None:
    talk = a_read_talk(work_off)
    ports.get(TextIndex).close()
    with transaction():
        db.session.execute(update(MediaFile).values(state="read"))

    assert client.get(f"/talks/{talk.id}?q=учитель").text.count("<mark>") == 1
