"""Spreadsheets as hosts write them, made for a test."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from openpyxl import Workbook

HEADING = (
    "№", "Название", "Дата", "Время", "Время города", "Длительность, мин", "Формат", "Участие",
    "Показывают города", "Перенимают города", "Спикеры", "Место", "Описание", "Доступ",
)  # fmt: skip
THURSDAY = date(2026, 10, 15)


def xlsx(*rows: Sequence[Any], hidden: Sequence[int] = (), merged: Sequence[str] = ()) -> bytes:
    """A workbook of one sheet with these rows; hidden: their numbers; merged: such as "A1:D1"."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    for corners in merged:
        sheet.merge_cells(corners)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def csv(*rows: Sequence[str], separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(separator.join(row) for row in rows).encode(encoding)


def a_row(title: str = "Первые три года учителя", on: Any = THURSDAY, at: Any = time(10, 0),
          **more: Any) -> dict[str, Any]:  # fmt: skip
    return {"Название": title, "Дата": on, "Время": at, **more}


def a_sheet(*rows: dict[str, Any]) -> bytes:
    """A workbook with a column for each name that a row has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return xlsx(names, *([row.get(name) for name in names] for row in rows))


def a_season() -> bytes:
    """Nine conferences, a month apart, and forty weekly sessions, keyed, with real dates."""
    conferences = [
        ("К" + str(n), f"Видеоконференция {n}", date(2026 + (8 + n) // 12, (8 + n) % 12 + 1, 17),
         time(10, 0), "Москва", 90, "Видеоконференция", "онлайн", "Пермь, Казань", "Омск",
         "Белова Анна", "", f"О чём говорим: {n}", "Все")
        for n in range(1, 10)
    ]  # fmt: skip
    kinds = ("Семинар", "Стажировка", "Проектная сессия", "Консультация")
    weekly = [
        (f"Н{n}", f"Встреча недели {n}", date(2026, 10, 2) + timedelta(days=7 * n), time(14, 30),
         "Пермь", 60, kinds[n % 4], "очно" if n % 4 == 1 else "онлайн", "Омск", "", "",
         "Школа № 5" if n % 4 == 1 else "", "", "Все")
        for n in range(1, 35)
    ] + [
        (f"Н{n}", f"Встреча недели {n}", date(2026, 10, 6) + timedelta(days=7 * (n - 35)),
         "16.00–17.30", "МСК+2", None, kinds[n % 4], "онлайн", "Казань", "", "", "", "", "Все")
        for n in range(35, 41)
    ]  # fmt: skip
    return xlsx(HEADING, *conferences, *weekly)
