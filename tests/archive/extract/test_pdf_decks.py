"""A PDF deck becomes pages, and a hostile one costs nothing but its own pages."""

from __future__ import annotations

import io
import os
from dataclasses import replace

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from archive.extract.decks import PageRead
from archive.extract.limits import Limits
from archive.extract.problems import Unreadable

SLIDES = [("Mentors in schools", "Cherepovets, 2026"), ("What it costs", "Two hours a week")]


def encrypted(content: bytes, user: str, owner: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def test_pages_come_with_heading_text_and_picture(read, a_pdf, pictures):
    deck = read(a_pdf(*SLIDES), "pdf")

    assert deck.pages[0] == PageRead(
        number=1,
        title="Mentors in schools",
        text="Exchange of cities\nMentors in schools\nCherepovets, 2026",
        notes="",
        picture_path=pictures / "page-0001.webp",
        width=1280,
        height=720,
    )
    assert [page.title for page in deck.pages] == ["Mentors in schools", "What it costs"]
    assert (deck.pages_total, deck.problem) == (2, None)
    with Image.open(deck.pages[1].picture_path) as picture:
        assert (picture.format, picture.size) == ("WEBP", (1280, 720))


def test_pages_are_told_one_by_one(read, a_pdf):
    told = []

    deck = read(a_pdf(*SLIDES), "pdf", on_page=told.append)

    assert told == deck.pages


RUSSIAN = "Наставничество"
CODES = "".join(f"{n + 1:02x}" for n in range(len(RUSSIAN)))
CODE_TABLE = (
    "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> "
    f"endcodespacerange {len(RUSSIAN)} beginbfchar "
    + " ".join(f"<{n + 1:02x}> <{ord(letter):04x}>" for n, letter in enumerate(RUSSIAN))
    + " endbfchar endcmap end"
).encode()
WRITTEN = ("", f"BT /F1 40 Tf 60 300 Td <{CODES}> Tj ET".encode())


def test_russian_is_read_through_the_code_table_of_its_font(read, raw_pdf):
    deck = read(raw_pdf([WRITTEN], font="/ToUnicode 4 0 R", extra=CODE_TABLE), "pdf")

    assert [page.text for page in deck.pages] == [RUSSIAN]


def test_font_without_a_code_table_gives_no_text_but_a_picture(read, raw_pdf):
    deck = read(raw_pdf([WRITTEN]), "pdf")

    page = deck.pages[0]
    assert (page.text, page.title, page.remark) == ("", "", "no_code_table")
    assert page.picture_path.is_file()
    assert deck.problem == "no_text"


def test_pages_without_text_are_told_from_pages_that_failed(read, raw_pdf):
    deck = read(raw_pdf([("", b"0 0 100 100 re f")]), "pdf")

    assert (len(deck.pages), deck.pages[0].remark, deck.problem) == (1, None, "no_text")


def test_deck_with_a_password_is_encrypted(read, a_pdf):
    with pytest.raises(Unreadable) as refused:
        read(encrypted(a_pdf(*SLIDES), "secret", "secret"), "pdf")

    assert refused.value.reason == "encrypted"


def test_deck_that_only_forbids_printing_is_read(read, a_pdf):
    deck = read(encrypted(a_pdf(*SLIDES), "", "secret"), "pdf")

    assert [page.title for page in deck.pages] == ["Mentors in schools", "What it costs"]


def test_deck_whose_end_is_missing_is_read_as_far_as_it_came(read, a_pdf):
    content = a_pdf(*SLIDES)

    deck = read(content[: content.rindex(b"xref", 0, content.rindex(b"startxref"))], "pdf")

    assert [page.title for page in deck.pages] == ["Mentors in schools", "What it costs"]
    assert deck.problem == "damaged"


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xde\xad\xbe\xef" * 500])
def test_deck_of_which_nothing_is_left_is_damaged(read, content):
    with pytest.raises(Unreadable) as refused:
        read(content, "pdf")

    assert refused.value.reason == "damaged"


def test_page_that_asks_for_too_much_memory_costs_only_its_picture(read, raw_pdf, bomb):
    plain = ("", b"BT /F1 40 Tf 60 300 Td (Before and after) Tj ET")
    content = raw_pdf([plain, bomb, plain])

    deck = read(content, "pdf")

    assert len(content) < 10_000
    assert [(page.number, page.text) for page in deck.pages] == [
        (1, "Before and after"),
        (2, ""),
        (3, "Before and after"),
    ]
    assert [page.picture_path is not None for page in deck.pages] == [True, False, True]
    assert (deck.pages_total, deck.problem) == (3, "out_of_memory")


def test_deck_of_bombs_ends_after_a_few_attempts(read, raw_pdf, bomb):
    deck = read(raw_pdf([bomb] * 9), "pdf")

    assert [page.number for page in deck.pages] == [1, 2, 3]
    assert (deck.pages_total, deck.problem) == (9, "out_of_memory")


def test_pages_read_before_the_processor_time_ran_out_are_kept(read, a_pdf):
    deck = read(a_pdf(*SLIDES * 400), "pdf", limits=replace(Limits(), cpu_s=1))

    assert deck.problem == "timed_out"
    assert 0 < len(deck.pages) < deck.pages_total == 800
    assert deck.pages[0].title == "Mentors in schools"


def test_deck_that_takes_longer_than_allowed_is_given_up(read, a_pdf):
    with pytest.raises(Unreadable) as refused:
        read(a_pdf(*SLIDES), "pdf", limits=replace(Limits(), wall_s=0.01))

    assert refused.value.reason == "timed_out"


def test_of_too_many_pages_the_first_are_read(read, a_pdf):
    deck = read(a_pdf(*SLIDES * 3), "pdf", limits=replace(Limits(), pages=2))

    assert [page.number for page in deck.pages] == [1, 2]
    assert (deck.pages_total, deck.problem) == (6, "too_many_pages")


def test_process_is_gone_when_the_caller_gives_up(read, a_pdf):
    def give_up(page):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(a_pdf(*SLIDES * 400), "pdf", on_page=give_up)

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_deck_is_read_while_an_earlier_error_is_being_handled(read, a_pdf):
    try:
        raise RuntimeError("earlier")
    except RuntimeError:
        deck = read(a_pdf(*SLIDES), "pdf")

    assert (len(deck.pages), deck.problem) == (2, None)


def test_memory_of_a_large_caller_is_not_taken_for_the_readers(read, a_pdf):
    ballast = bytearray(b"x" * 400_000_000)

    deck = read(a_pdf(*SLIDES), "pdf")
    with pytest.raises(Unreadable) as refused:
        read(b"%PDF-1.7\n", "pdf")

    assert len(ballast) > 300_000_000 > deck.peak_bytes > 10_000_000
    assert refused.value.reason == "damaged"
