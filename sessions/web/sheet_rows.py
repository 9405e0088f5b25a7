"""A dry run as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from sessions.sheets.comparing import STATUSES, Outcome
from sessions.sheets.importing import Looked
from sessions.sheets.rows import Question
from sessions.web import reader, sheet_words, typography

ON_A_PAGE = 200


@dataclass(frozen=True)
class ShownRow:
    """One row in words. changes: (column, was, will be); reasons: what is wrong or unclear."""

    number: int
    status: str
    title: str
    session_id: int | None
    when: str
    where: str
    changes: Sequence[tuple[str, str, str]]
    reasons: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True)
class Asked:
    """One question with its choices; typed: the answer is written, not chosen."""

    key: str
    words: str
    rows: str
    choices: Sequence[tuple[str, str]]
    answer: str
    typed: bool
    offered: int


def counts(looked: Looked) -> list[tuple[str, str, int]]:
    """(status, word, how many rows), without the empty ones."""
    words = sheet_words.statuses()
    found = [(status, words[status], looked.preview.count(status)) for status in STATUSES]
    return [one for one in found if one[2]]


def asked(looked: Looked) -> list[Asked]:
    """The questions, open ones first."""
    refused = {row.number for row in looked.preview.rows if row.status == "refused"}
    open_first = sorted(looked.preview.questions.values(), key=lambda one: one.answer is not None)
    return [_asked(one, looked) for one in open_first if not refused.issuperset(one.rows)]


def _asked(one: Question, looked: Looked) -> Asked:
    choices = sheet_words.choices(one, looked.known)
    return Asked(
        one.key, sheet_words.question(one), _numbers(one.rows), choices, one.answer or "",
        typed=one.kind == "time", offered=len(one.offered) if one.kind in ("city", "zone") else 0,
    )  # fmt: skip


def _numbers(rows: Sequence[int]) -> str:
    """«строки 4, 7–9»."""
    runs: list[list[int]] = []
    for number in sorted(rows):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    if len(rows) == 1:
        return gettext("Row %(rows)s", rows=said)
    return gettext("Rows %(rows)s", rows=said)


def shown(looked: Looked, only: str) -> list[ShownRow]:
    """The rows of one status, or all."""
    return [_shown(row, looked) for row in looked.preview.rows if only in ("", row.status)]


def _shown(row: Outcome, looked: Looked) -> ShownRow:
    known, names = looked.known, sheet_words.headings()
    questions = [looked.preview.questions[key] for key in row.questions]
    return ShownRow(
        row.number,
        row.status,
        row.title,
        row.session.id if row.session else None,
        _when(row),
        sheet_words.value("presenting", row.values.get("presenting", ()), known),
        [
            (names[one.name], sheet_words.value(one.name, one.was, known),
             sheet_words.value(one.name, one.now, known))
            for one in row.changes
        ],
        [sheet_words.problem(one) for one in row.refusals]
        + [sheet_words.question(one) for one in questions],
        [sheet_words.problem(one) for one in row.notes if row.status in ("new", "changed")],
    )  # fmt: skip


def _when(row: Outcome) -> str:
    values = {**(row.session.values if row.session else {}), **row.values}
    if "date" not in values:
        return ""
    said = reader.locale()
    parts = [typography.date_long(values["date"], said)]
    if "time" in values:
        hour = typography.clock(values["time"])
        zone = typography.zone_words(values["zone"], said) if "zone" in values else ""
        parts.append(f"{hour} {zone}".strip())
    if values.get("duration"):
        parts.append(typography.duration(values["duration"] * 60, said))
    return ", ".join(parts)
