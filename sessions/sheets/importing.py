"""A host brings a season's plan as a spreadsheet: looked at first, then applied, perhaps undone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.jobs import Running
from integrations.runtime.language import DEFAULT
from integrations.runtime.settings import Settings
from integrations.sheets.table import Cell, Row, Table, from_json, is_empty, to_json
from sessions.flows import planning
from sessions.models.audit import ImportJob, record
from sessions.models.programme import Season
from sessions.sheets import columns, confined, rows, written
from sessions.sheets.applying import Changing
from sessions.sheets.columns import Header
from sessions.sheets.comparing import Preview, compare
from sessions.sheets.known import KIND, Known, People, known
from sessions.sheets.undoing import put_back

APPLY = "import.apply"
# More rows than this are applied by a worker, if there is one, while the page waits.
MANY = 200
UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Looked:
    """A dry run. seen: what must still be so when it is applied."""

    preview: Preview
    known: Known
    seen: str


def keep(raw: bytes, name: str, season_id: int | None, by: int | None) -> int:
    """Read a file and keep what is in it; the id of the import. The plan is not touched.

    season_id: None for the season that holds the earliest date of the sheet. Raises Unreadable,
    or Refused("sheet.no_header").
    """
    found = columns.find(confined.read(raw))
    if found is None:
        raise Refused("sheet.no_header")
    table, header = found
    kept = _rows_below(table, header)
    if not kept:
        raise Refused("sheet.empty")
    with transaction():
        job = ImportJob(
            kind=KIND,
            name=name[:200],
            rows={
                "season": season_id,
                "sheet": table.name,
                "heading": {
                    "zone": header.zone, "in_hours": header.in_hours,
                    "in_minutes": header.in_minutes,
                },
                "columns": list(header.columns),
                "ignored": list(header.ignored),
                "table": kept,
                "answers": {},
                "left": [],
            },
            made_at=clock.now(),
            person_id=by,
        )  # fmt: skip
        db.session.add(job)
        db.session.flush()
        return job.id


def _rows_below(table: Table, header: Header) -> list[list[Any]]:
    """The rows under the heading as they are kept: [number, hidden, cells by column]."""
    kept = []
    for row in table.rows:
        if row.number <= header.row or row.is_banner or columns.is_header(row):
            continue
        cells = _cells(row, header)
        if cells:
            kept.append([row.number, row.is_hidden, cells])
    return kept


def _cells(row: Row, header: Header) -> dict[str, Any]:
    told: dict[str, Cell] = {
        name: row.cells[at] for name, at in header.columns.items() if at < len(row.cells)
    }
    # A row of numbers only, as tables are prepared with, is no row yet.
    if all(is_empty(cell) for name, cell in told.items() if name != "key"):
        return {}
    return {name: to_json(cell) for name, cell in told.items() if not is_empty(cell)}


def look(job: ImportJob, locale: str = DEFAULT) -> Looked:
    """What the sheet would do to the plan as it is now; nothing is changed."""
    kept = job.rows
    home = ports.get(Settings).timezone
    season, around = _season(kept, home)
    people: People = "all" if "speakers" in kept["columns"] else "none"
    here = known(season, around, home, locale, people=people)
    preview = compare(
        [
            rows.Row(number, {name: from_json(cell) for name, cell in cells.items()}, hidden)
            for number, hidden, cells in kept["table"]
        ],
        rows.Heading(**kept["heading"]),
        here,
        kept["answers"],
        kept["left"],
    )
    return Looked(preview, here, _fingerprint(preview))


def _season(kept: Mapping[str, Any], home: str) -> tuple[Season | None, date]:
    """The season of a sheet, None where there is none yet, and a date within it."""
    today = clock.now().astimezone(ZoneInfo(home)).date()
    if kept["season"] is not None:
        season = db.session.get_one(Season, kept["season"])
        return season, season.starts_on
    cells = (from_json(cells.get("date")) for _, _, cells in kept["table"])
    dates = [on for cell in cells if (on := written.date_in(cell, today, today)) is not None]
    around = min(dates, default=today)
    holding = select(Season).where(Season.starts_on <= around, Season.ends_on >= around)
    return db.session.scalars(holding.order_by(Season.id)).first(), around


def _fingerprint(preview: Preview) -> str:
    """The same for two looks at which the same would be done."""
    said = [
        (row.number, row.key, row.status, row.session and (row.session.id, row.session.revision),
         sorted((name, repr(value)) for name, value in row.values.items()))
        for row in preview.rows
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, default=repr).encode()).hexdigest()[:32]


def answer(job_id: int, answers: Mapping[str, str], left: Collection[int]) -> None:
    """Keep the host's answers, and which rows are to stay out. Raises Refused where it is late."""
    with transaction():
        job = locked(job_id)
        _check_shown(job)
        job.rows = {**job.rows, "answers": dict(answers), "left": sorted(left)}


def apply(job_id: int, seen: str, by: int | None) -> None:
    """Do what the dry run said: drafts are made, sessions edited and moved; all or nothing.

    Rows that are unclear, refused or left out stay out. Raises Refused("import.changed") where the
    plan, or an answer, is not what `seen` stands for.
    """
    with transaction():
        job = locked(job_id)
        _check_shown(job)
        looked = look(job)
        if looked.seen != seen:
            raise Refused("import.changed")
        if not looked.preview.to_do:
            raise Refused("import.nothing")
        season_id = looked.known.season_id or planning.season_for(looked.known.first).id
        changing = Changing(season_id, by, ports.get(Settings).domain)
        for row in looked.preview.to_do:
            changing.do(row)
        keys = {
            row.key: session_id
            for row in looked.preview.rows
            if row.key and (session_id := changing.session_of(row)) is not None
        }
        job.rows = {**job.rows, "season": season_id, "keys": keys, "done": changing.done}
        job.undo = {"at": clock.now().isoformat(), **changing.undo}
        job.state = "applied"
        record(by, "import.applied", f"import:{job.id}", **changing.counts(), name=job.name)


def apply_later(job_id: int, seen: str, by: int | None) -> None:
    """Have a worker apply it; `is_under_way` tells while it does."""
    with transaction():
        job = locked(job_id)
        _check_shown(job)
        job.rows = {name: value for name, value in job.rows.items() if name != "refused"}
        jobs.enqueue(APPLY, key_of(job_id), {"import": job_id, "seen": seen, "by": by})


@jobs.handles(APPLY)
def _apply_in_background(running: Running) -> None:
    job_id = int(running.payload["import"])
    running.progress(stage="applying")
    try:
        apply(job_id, running.payload["seen"], running.payload["by"])
    except Refused as refused:
        # Trying again would be refused again: the page tells the host instead.
        with transaction():
            job = locked(job_id)
            if job.state == "shown":
                job.rows = {**job.rows, "refused": refused.reason}


def key_of(job_id: int) -> str:
    """The key of the work that applies an import."""
    return f"import:{job_id}"


def is_under_way(job_id: int) -> bool:
    """Whether a worker is to apply it, or does so now."""
    work = jobs.find(key_of(job_id))
    return work is not None and work.state in ("waiting", "running")


def undo(job_id: int, by: int | None) -> None:
    """Take back what an import did, where nobody touched it since; what is left is named in `undo`.

    Raises Refused("import.not_applied") or, after a day, Refused("import.too_late").
    """
    with transaction():
        job = locked(job_id)
        if job.state != "applied":
            raise Refused("import.not_applied")
        if not may_be_undone(job):
            raise Refused("import.too_late")
        left, counts = put_back(job.undo, by, ports.get(Settings).domain, job.rows["season"])
        job.undo = {**job.undo, "left": left, "counts": counts}
        job.state = "undone"
        record(by, "import.undone", f"import:{job.id}", **counts, left=len(left), name=job.name)


def may_be_undone(job: ImportJob) -> bool:
    """Whether it was applied within the last day."""
    if job.state != "applied":
        return False
    applied_at = datetime.fromisoformat(job.undo["at"])
    return clock.now() - applied_at <= UNDO_WITHIN


def locked(job_id: int) -> ImportJob:
    """The import, its row locked for the rest of the transaction. Raises NoResultFound."""
    return db.session.execute(
        select(ImportJob)
        .where(ImportJob.id == job_id, ImportJob.kind == KIND)
        .with_for_update(of=ImportJob)
        .execution_options(populate_existing=True)
    ).scalar_one()


def _check_shown(job: ImportJob) -> None:
    if job.state != "shown":
        raise Refused("import.done")
