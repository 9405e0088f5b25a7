"""OpenDocument presentations are read as PowerPoint ones are."""

from __future__ import annotations

import io

import pytest
from odfdo import Document, DrawPage, Element, Frame, Table

from archive.extract.problems import Unreadable


def an_odp(hidden_style: str = "") -> bytes:
    document = Document("presentation")
    document.body.clear()
    for number, (title, line) in enumerate([("Наставничество", "Первый год"), ("Итоги", "")]):
        page = DrawPage(f"page{number}", name=title)
        frame = Frame.text_frame(title, size=("20cm", "2cm"))
        frame.set_attribute("presentation:class", "title")
        page.append(frame)
        if line:
            page.append(Frame.text_frame(line, size=("20cm", "2cm")))
        if hidden_style and number == 1:
            page.set_attribute("draw:style-name", hidden_style)
        document.body.append(page)
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def with_table_and_notes() -> bytes:
    document = Document("presentation")
    document.body.clear()
    page = DrawPage("page0", name="Города")
    frame = Frame(size=("20cm", "2cm"))
    table = Table("t", width=2, height=2)
    for at, words in enumerate(["Город", "Школ", "Тверь", "12"]):
        table.set_value((at % 2, at // 2), words)
    frame.append(table)
    page.append(frame)
    notes = "<presentation:notes><draw:frame><draw:text-box><text:p>Сказать<text:s/>о сроках"
    notes += "</text:p></draw:text-box></draw:frame></presentation:notes>"
    page.append(Element.from_tag(notes))
    document.body.append(page)
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def test_pages_come_with_title_and_text(read, without_office):
    deck = read(an_odp(), "odp")

    assert [(page.number, page.title, page.text, page.hidden) for page in deck.pages] == [
        (1, "Наставничество", "Наставничество\nПервый год", False),
        (2, "Итоги", "Итоги", False),
    ]
    assert (deck.pages_total, deck.problem) == (2, None)


def test_tables_and_notes_are_read(read, without_office):
    deck = read(with_table_and_notes(), "odp")

    assert deck.pages[0].text == "Город | Школ\nТверь | 12"
    assert deck.pages[0].notes == "Сказать о сроках"


def test_hidden_page_is_read_and_marked(read, repacked, without_office):
    content = an_odp(hidden_style="unseen")
    with_style = repacked(content, content_xml=_styled)

    deck = read(with_style, "odp")

    assert [page.hidden for page in deck.pages] == [False, True]


def _styled(content: bytes) -> bytes:
    text = content.decode()
    style = (
        '<style:style style:name="unseen" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    empty = "<office:automatic-styles/>"
    if empty in text:
        whole = f"<office:automatic-styles>{style}</office:automatic-styles>"
        return text.replace(empty, whole).encode()
    return text.replace("</office:automatic-styles>", f"{style}</office:automatic-styles>").encode()


def test_page_that_reaches_for_a_file_is_refused(read, repacked, tmp_path, without_office):
    (tmp_path / "secret.txt").write_text("Пароль")

    def reach_out(content: bytes) -> bytes:
        _, _, rest = content.decode().partition("?>")
        declared = f'<!DOCTYPE x [<!ENTITY secret SYSTEM "file://{tmp_path}/secret.txt">]>'
        rest = rest.replace("Первый год", "&secret;")
        return f'<?xml version="1.0" encoding="UTF-8"?>{declared}{rest}'.encode()

    with pytest.raises(Unreadable) as refused:
        read(repacked(an_odp(), content_xml=reach_out), "odp")

    assert (refused.value.reason, refused.value.details["what"]) == ("unsafe_inside", "dtd")


def test_deck_with_a_password_is_encrypted(read, repacked, without_office):
    def encrypted(manifest: bytes) -> bytes:
        mark = b"<manifest:encryption-data/></manifest:manifest>"
        return manifest.replace(b"</manifest:manifest>", mark)

    with pytest.raises(Unreadable) as refused:
        read(repacked(an_odp(), manifest_xml=encrypted), "odp")

    assert refused.value.reason == "encrypted"


def test_deck_whose_content_is_no_xml_is_damaged(read, repacked, without_office):
    with pytest.raises(Unreadable) as refused:
        read(repacked(an_odp(), content_xml=lambda content: content[:-40]), "odp")

    assert refused.value.reason == "damaged"


def test_office_program_gives_the_pictures(read, office):
    office(pages=2)

    deck = read(an_odp(), "odp")

    assert [(page.picture_path.name, page.width) for page in deck.pages] == [
        ("page-0001.webp", 1280),
        ("page-0002.webp", 1280),
    ]
