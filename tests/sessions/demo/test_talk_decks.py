"""The committed decks of the long talks are what their texts say."""

from __future__ import annotations

import io
import os
import zipfile
from functools import cache

import pytest
from odfdo import Document
from pptx import Presentation

from archive.extract.decks import PageRead, read_deck
from archive.kinds import KINDS
from sessions.demo import deck, odp_deck, talk_files
from sessions.demo.make_talk import FONTS
from sessions.demo.make_talks import make_deck
from sessions.demo.talk_charts import number
from sessions.demo.talk_text import TalkSlide, TalkText, read_talks

MOST_BYTES = 900_000
TALKS = {talk.slug: talk for talk in read_talks()}
EACH = pytest.mark.parametrize("talk", TALKS.values(), ids=lambda talk: talk.slug)


def the_deck(talk: TalkText) -> bytes:
    found = dict(talk_files.files_of(talk))
    return found[talk_files.deck_name(talk)]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Reads a talk's committed deck with the archive's own reader, LibreOffice not being there."""

    @cache
    def reading(slug: str) -> tuple[PageRead, ...]:
        folder = tmp_path_factory.mktemp(slug)
        path = folder / talk_files.deck_name(TALKS[slug])
        path.write_bytes(the_deck(TALKS[slug]))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", str(folder / "no-programs"))
            return tuple(read_deck(path, KINDS[TALKS[slug].deck], folder).pages)

    return reading


@pytest.fixture(scope="module")
def fonts(tmp_path_factory):
    os.environ["SOURCE_DATE_EPOCH"] = str(int(deck.MADE_AT.timestamp()))
    return deck.make_fonts(FONTS, tmp_path_factory.mktemp("fonts"))


def squeezed(text: str) -> str:
    """The text without blanks and cell marks: how lines break is a matter of the format."""
    return "".join(text.replace(" | ", " ").split())


def words_on(slide: TalkSlide) -> list[str]:
    """Everything that stands on a slide, in the order one reads it."""
    rows = ["".join(row) for row in slide.rows]
    bars = [word for bar in slide.bars for word in (bar.label, number(bar.value))]
    return [slide.title, *slide.lines, *rows, *bars]


@EACH
def test_our_reader_finds_every_slide_with_its_title_and_words(talk, read):
    pages = read(talk.slug)

    found = [[squeezed(words) in squeezed(page.text) for words in words_on(slide)]
             for page, slide in zip(pages, talk.slides, strict=True)]  # fmt: skip

    assert [squeezed(page.title) for page in pages] == [squeezed(s.title) for s in talk.slides]
    assert found == [[True] * len(words_on(slide)) for slide in talk.slides]


@EACH
def test_lines_and_rows_are_read_in_the_order_they_stand(talk, read):
    for page, slide in zip(read(talk.slug)[1:], talk.slides[1:], strict=True):
        text, at = squeezed(page.text), 0
        for words in words_on(slide):
            at = text.index(squeezed(words), at)


@EACH
def test_cover_names_the_cities_that_present(talk, read):
    cover = read(talk.slug)[0].text
    stems = {"english-exchange": ("Kazan", "Saint Petersburg")}.get(
        talk.slug, tuple(city[:-1] for city in talk.presenting)
    )

    assert [stem in cover for stem in stems] == [True] * len(stems)


@pytest.mark.parametrize("slug", ["opening-2025", "rural-network-physics", "withdrawn-conflict"])
def test_deck_is_made_the_same_byte_for_byte(slug, fonts, tmp_path):
    made = make_deck(TALKS[slug], fonts, tmp_path)

    assert made.read_bytes() == the_deck(TALKS[slug])


def test_decks_are_small_enough_for_the_wheel():
    sizes = [len(the_deck(talk)) for talk in TALKS.values()]

    assert sum(sizes) < MOST_BYTES


@pytest.mark.parametrize("slug", ["network-contract", "rural-network-physics"])
def test_pptx_has_real_tables_and_notes_for_whoever_speaks(slug):
    talk = TALKS[slug]
    slides = list(Presentation(io.BytesIO(the_deck(talk))).slides)

    tables = [
        tuple(tuple(cell.text for cell in row.cells) for row in shape.table.rows)
        for slide in slides
        for shape in slide.shapes
        if shape.has_table
    ]
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides if slide.has_notes_slide]

    assert tables == [slide.rows for slide in talk.slides if slide.rows]
    assert notes != []
    assert set(notes) <= {one.text for one in talk.paragraphs}


@pytest.mark.parametrize("slug", ["bilingual-museum", "withdrawn-conflict"])
def test_odp_opens_elsewhere_with_real_tables(slug):
    talk = TALKS[slug]
    document = Document(io.BytesIO(the_deck(talk)))

    tables = [
        tuple(
            tuple(cell.text_recursive.strip() for cell in row.get_elements("table:table-cell"))
            for row in table.get_elements("table:table-row")
        )
        for table in document.body.get_elements("//table:table")
    ]

    assert document.get_type() == "presentation"
    assert tables == [slide.rows for slide in talk.slides if slide.rows]


def test_odp_says_its_type_at_its_very_beginning():
    packed = the_deck(TALKS["withdrawn-conflict"])

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        first = archive.infolist()[0]

    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert packed[38:].startswith(odp_deck.TYPE.encode())
