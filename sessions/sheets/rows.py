"""A row of a sheet on its way, and what is asked about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.sheets.table import Cell
from sessions.sheets.known import Known, Planned
from sessions.sheets.written import text_of

# Answers beside those that name a thing: none of them, a new one, the same one, yes.
NONE, NEW, SAME, KEEP = "none", "new", "same", "keep"
# Which comes first in a date with slashes.
DAY, MONTH = "day", "month"


@dataclass(frozen=True)
class Problem:
    """Why something is not taken, or what is worth knowing: a code, and what its words need."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Question:
    """Something unclear that may concern several rows. `given`: as written in the sheet.

    offered: the likeliest answers. answer: what the host chose, None while it is open.
    """

    key: str
    kind: str
    given: str
    offered: Sequence[str] = ()
    rows: list[int] = field(default_factory=list)
    answer: str | None = None


@dataclass(frozen=True)
class Heading:
    """What the heading of the sheet said for all rows. zone: as written; unit: of lengths."""

    zone: str = ""
    in_hours: bool = False
    in_minutes: bool = False


@dataclass
class Reader:
    """Reads rows one by one; what is unclear is gathered over all of them."""

    known: Known
    heading: Heading
    answers: Mapping[str, str]
    questions: dict[str, Question] = field(default_factory=dict)

    def ask(
        self, row: Row, kind: str, subject: str, given: str,
        offered: Sequence[str] = (), allowed: Collection[str] | None = None,
    ) -> str | None:  # fmt: skip
        """The answer to a question, None while there is none; then the row is unclear."""
        key = f"{kind}:{subject}"
        question = self.questions.setdefault(key, Question(key, kind, given, offered))
        if row.number not in question.rows:
            question.rows.append(row.number)
        answer = self.answers.get(key)
        if answer is None or (allowed is not None and answer not in allowed):
            row.open.append(key)
            return None
        question.answer = answer
        return answer


@dataclass
class Row:
    """One row on its way. cells: by the names of the columns; values: what was understood of them.

    session: whom of the plan it is; open: keys of its open questions.
    """

    number: int
    cells: Mapping[str, Cell]
    is_hidden: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    session: Planned | None = None
    open: list[str] = field(default_factory=list)
    refusals: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        return text_of(self.cells.get(name))

    def refuse(self, code: str, **facts: Any) -> None:
        self.refusals.append(Problem(code, facts))
