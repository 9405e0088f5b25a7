"""All the words of a PowerPoint deck are found, wherever on the slide they stand."""

from __future__ import annotations

import pytest
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from archive.extract.problems import Unreadable

SLIDES = [("Наставничество", "Первый год"), ("Расходы", "Два часа в неделю"), ("Итоги", "")]
BOX = (Inches(1), Inches(1), Inches(3), Inches(1))


def test_slides_come_with_title_text_and_size(read, a_pptx, without_office):
    deck = read(a_pptx(*SLIDES), "pptx")

    assert [(page.number, page.title, page.text) for page in deck.pages] == [
        (1, "Наставничество", "Наставничество\nПервый год"),
        (2, "Расходы", "Расходы\nДва часа в неделю"),
        (3, "Итоги", "Итоги"),
    ]
    assert {(page.width, page.height) for page in deck.pages} == {(1280, 960)}
    assert (deck.pages_total, deck.problem) == (3, None)


def with_everything(deck) -> None:
    shapes = deck.slides[0].shapes
    inner = shapes.add_group_shape().shapes.add_group_shape().shapes
    inner.add_textbox(*BOX).text_frame.text = "Внутри группы"
    table = shapes.add_table(2, 2, *BOX).table
    for at, words in enumerate(["Город", "Школ", "Тверь", "12"]):
        table.cell(at // 2, at % 2).text = words
    data = CategoryChartData()
    data.categories = ["Казань", "Омск"]
    data.add_series("Участники", (24, 11))
    shapes.add_chart(XL_CHART_TYPE.PIE, *BOX, data)
    deck.slides[0].notes_slide.notes_text_frame.text = "Сказать о сроках"


def test_groups_tables_charts_and_notes_are_read(read, a_pptx, without_office):
    deck = read(a_pptx(("Наставничество", "Первый год"), change=with_everything), "pptx")

    page = deck.pages[0]
    assert page.text.split("\n") == [
        "Наставничество",
        "Первый год",
        "Внутри группы",
        "Город | Школ",
        "Тверь | 12",
        "Участники",
        "Казань",
        "Омск",
    ]
    assert page.notes == "Сказать о сроках"


def hide_the_second(deck) -> None:
    deck.slides[1].element.set("show", "0")


def test_hidden_slide_is_read_and_marked(read, a_pptx, without_office):
    deck = read(a_pptx(*SLIDES, change=hide_the_second), "pptx")

    assert [page.hidden for page in deck.pages] == [False, True, False]
    assert deck.pages[1].title == "Расходы"


def test_without_an_office_program_there_are_no_pictures(read, a_pptx, without_office):
    deck = read(a_pptx(*SLIDES), "pptx")

    assert [(page.picture_path, page.remark) for page in deck.pages] == [(None, "not_drawn")] * 3


def test_office_program_gives_the_pictures(read, a_pptx, office, pictures):
    office(pages=3)

    deck = read(a_pptx(*SLIDES), "pptx")

    assert [page.picture_path for page in deck.pages] == [
        pictures / f"page-000{n}.webp" for n in (1, 2, 3)
    ]
    with Image.open(deck.pages[2].picture_path) as picture:
        assert picture.size == (deck.pages[2].width, deck.pages[2].height) == (1280, 720)
    assert sorted(file.name for file in pictures.iterdir()) == [
        f"page-000{n}.webp" for n in (1, 2, 3)
    ]


def test_hidden_slide_that_the_office_program_left_out_gets_no_foreign_picture(
    read, a_pptx, office
):
    office(pages=2)

    deck = read(a_pptx(*SLIDES, change=hide_the_second), "pptx")

    assert [page.picture_path is not None for page in deck.pages] == [True, False, True]


def test_pictures_that_cannot_be_told_apart_are_not_used(read, a_pptx, office):
    office(pages=2)

    deck = read(a_pptx(*SLIDES), "pptx")

    assert [page.picture_path for page in deck.pages] == [None] * 3


def test_office_program_that_writes_nothing_costs_only_the_pictures(read, a_pptx, office):
    office(pages=0)

    deck = read(a_pptx(*SLIDES), "pptx")

    assert [page.title for page in deck.pages] == ["Наставничество", "Расходы", "Итоги"]
    assert [page.picture_path for page in deck.pages] == [None] * 3


def test_deck_without_slides_is_empty(read, a_pptx, without_office):
    with pytest.raises(Unreadable) as refused:
        read(a_pptx(), "pptx")

    assert refused.value.reason == "empty"


DTD = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file://{path}">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_slide_that_reaches_for_a_file_is_refused(
    read, a_pptx, repacked, tmp_path, encoding, without_office
):
    (tmp_path / "secret.txt").write_text("Пароль")

    def reach_out(slide: bytes) -> bytes:
        declared = DTD.format(path=tmp_path / "secret.txt")
        _, _, rest = slide.decode().partition("?>")
        rest = rest.replace("Первый год", "&secret;")
        return f'<?xml version="1.0" encoding="{encoding}"?>{declared}{rest}'.encode(encoding)

    with pytest.raises(Unreadable) as refused:
        read(repacked(a_pptx(*SLIDES), slide1_xml=reach_out), "pptx")

    assert (refused.value.reason, refused.value.details["what"]) == ("unsafe_inside", "dtd")


def test_slide_that_is_no_xml_makes_the_deck_damaged(read, a_pptx, repacked, without_office):
    with pytest.raises(Unreadable) as refused:
        read(repacked(a_pptx(*SLIDES), slide1_xml=lambda slide: slide[:-40]), "pptx")

    assert refused.value.reason == "damaged"


def swollen(elements: int):
    def swell(slide: bytes) -> bytes:
        head, tail = slide.split(b"</p:spTree>")
        return head + b"<p:sp/>" * elements + b"</p:spTree>" + tail

    return swell


def test_deck_that_unpacks_to_too_much_is_refused(read, a_pptx, repacked, without_office):
    with pytest.raises(Unreadable) as refused:
        read(repacked(a_pptx(*SLIDES), slide1_xml=swollen(20_000_000)), "pptx")

    assert (refused.value.reason, refused.value.details["what"]) == ("too_big_inside", "ratio")


def test_deck_whose_tree_fills_the_memory_is_given_up(read, a_pptx, repacked, without_office):
    with pytest.raises(Unreadable) as refused:
        read(repacked(a_pptx(*SLIDES), slide1_xml=swollen(6_000_000)), "pptx")

    assert refused.value.reason == "out_of_memory"
