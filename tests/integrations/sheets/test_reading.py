"""Spreadsheets as programs write them, and as people break them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.sheets import reading, writing
from integrations.sheets.table import Limits, Row, Uncomputed, Unreadable, from_json, to_json
from integrations.sheets.writing import Column
from tests.sheets_made import csv, xlsx

HEAD = ("Название", "Дата")
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


def cells(raw: bytes) -> list[tuple[object, ...]]:
    [table] = reading.read(raw)
    return [row.cells for row in table.rows]


def refused(raw: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as told:
        reading.read(raw, limits or Limits())
    return told.value.reason


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1251", "utf-16", "utf-16-le"])
def test_a_text_table_is_read_in_any_encoding_and_separator(separator: str, encoding: str) -> None:
    raw = csv(HEAD, ("Ёлки и «кавычки»", "22.09.2026"), separator=separator, encoding=encoding)

    assert cells(raw) == [HEAD, ("Ёлки и «кавычки»", "22.09.2026")]


def test_commas_within_cells_do_not_pass_for_separators() -> None:
    raw = csv(HEAD, ("Раз, два, три, четыре", "22.09.2026"), ("а, б", "1,5"))

    assert cells(raw) == [HEAD, ("Раз, два, три, четыре", "22.09.2026"), ("а, б", "1,5")]


def test_the_line_in_which_excel_names_the_separator_is_no_row() -> None:
    [table] = reading.read(b"sep=|\r\na|b\r\n1|2\r\n")

    assert [(row.number, row.cells) for row in table.rows] == [(2, ("a", "b")), (3, ("1", "2"))]


def test_a_row_bears_the_number_of_its_first_line() -> None:
    [table] = reading.read(b'a;b\r\n"x\r\ny";1\r\n\r\nz;2\r\n')

    assert [(row.number, row.cells[0]) for row in table.rows] == [(1, "a"), (2, "x\r\ny"), (5, "z")]


def test_real_dates_and_hours_come_as_such() -> None:
    raw = xlsx(HEAD, ("Раз", date(2026, 9, 22)), ("Два", time(10, 30)), ("Три", 0.5))

    assert [row[1] for row in cells(raw)[1:]] == [datetime(2026, 9, 22), time(10, 30), 0.5]


def test_hidden_rows_are_told_and_empty_ones_left_out() -> None:
    raw = xlsx(HEAD, ("Раз", 1), (None, "  "), ("Два", 2), hidden=[4])

    [table] = reading.read(raw)

    assert [(row.number, row.is_hidden) for row in table.rows] == [
        (1, False),
        (2, False),
        (4, True),
    ]


def test_a_cell_merged_downwards_stands_in_each_row_and_a_banner_is_told() -> None:
    raw = xlsx(
        ("Октябрь", None), HEAD, ("Раз", date(2026, 10, 1)), ("Два", None),
        merged=["A1:B1", "B3:B4"],
    )  # fmt: skip

    [table] = reading.read(raw)

    assert table.rows[0].is_banner
    assert [row.cells[1] for row in table.rows[2:]] == [datetime(2026, 10, 1)] * 2


def test_a_formula_that_nobody_computed_is_told() -> None:
    assert cells(xlsx(HEAD, ("=A1", 1)))[1] == (Uncomputed(), 1)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "sheet.empty"),
        (b";;;\r\n;;\r\n", "sheet.empty"),
        (b"PK\x03\x04 broken", "sheet.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "sheet.old_or_locked"),
        (b"%PDF-1.7", "sheet.kind"),
        (b"a;\x98\xff", "sheet.encoding"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(raw: bytes, reason: str) -> None:
    assert refused(raw) == reason


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("letter.txt", "hello")

    assert refused(raw.getvalue()) == "sheet.kind"


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is() -> None:
    raw = io.BytesIO(xlsx(HEAD))
    with zipfile.ZipFile(raw, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/blank.xml", b" " * 200_000_000)
    assert len(raw.getvalue()) < 1_000_000

    assert refused(raw.getvalue()) == "sheet.too_big_inside"


def test_entities_in_the_xml_are_refused() -> None:
    source, target = io.BytesIO(xlsx(HEAD)), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                text = b'<!DOCTYPE x [<!ENTITY a "b">]>' + text.partition(b"?>")[2]
            new.writestr(part, text)

    assert refused(target.getvalue()) == "sheet.damaged"


def test_too_many_rows_columns_and_bytes_are_refused() -> None:
    rows = csv(*[("a", "b")] * 20)

    assert refused(rows, Limits(rows=10)) == "sheet.too_long"
    assert refused(xlsx(*[("a", "b")] * 20), Limits(rows=10)) == "sheet.too_long"
    assert refused(csv(("a",) * 20), Limits(columns=10)) == "sheet.too_wide"
    assert refused(xlsx(("a",) * 20), Limits(columns=10)) == "sheet.too_wide"
    assert refused(rows, Limits(file_bytes=10)) == "sheet.too_big"


def test_a_row_far_down_is_refused_and_not_waited_for() -> None:
    assert refused(xlsx(*[("a",)] * 3, *[(None,)] * 200, ("b",)), Limits(row_number=100)) == (
        "sheet.too_long"
    )


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
@settings(deadline=None, max_examples=60)
def test_what_is_written_as_csv_is_read_as_it_was(rows: list[tuple[str, str]]) -> None:
    raw = writing.as_csv([Column("Раз"), Column("Два")], rows)

    [table] = reading.read(raw)

    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert [row.cells for row in table.rows[1:]] == kept


@given(CELLS)
@settings(deadline=None, max_examples=100)
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    for sign in "=+-@":
        assert not writing.guarded(sign + text).startswith(("=", "+", "-", "@"))


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook() -> None:
    raw = writing.as_xlsx("План", [Column("=A")], [["=1+1"], ["+7 999"], ["#N/A"], ["-"]])

    assert cells(raw) == [("=A",), ("=1+1",), ("+7 999",), ("#N/A",), ("-",)]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_cells_go_through_json_unharmed() -> None:
    row = Row(1, ("а", 1, 1.5, True, date(2026, 9, 1), datetime(2026, 9, 1, 10), time(10),
                  Uncomputed(), None))  # fmt: skip

    assert tuple(from_json(to_json(cell)) for cell in row.cells) == row.cells
