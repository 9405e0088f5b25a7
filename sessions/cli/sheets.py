"""`vzaimo season`: a season's plan in and out, as a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from integrations.runtime.console import Option, say
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.sheets.table import Limits
from sessions.cli.opening import opened
from sessions.models.audit import ImportJob, record
from sessions.models.programme import Season
from sessions.sheets import importing
from sessions.sheets.importing import Looked
from sessions.web import reader, sheet_files, sheet_rows, sheet_words
from sessions.web.sheet_files import Kind

KINDS = ("xlsx", "csv")


@click.group(help=lazy_gettext("A season's plan as a spreadsheet."))
def season() -> None:
    pass


@season.command(
    "import",
    help=lazy_gettext(
        "Show, row by row, what a spreadsheet would do to the plan; with --apply, do it. Rows that "
        "are unclear or refused stay out; unclear ones are answered on the page."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--season", "name", cls=Option, default="",
    help=lazy_gettext("Name of the season. Else the one that holds the earliest date."),
)  # fmt: skip
@click.option(
    "--apply", "is_applied", cls=Option, is_flag=True,
    help=lazy_gettext("Make the drafts and the changes."),
)  # fmt: skip
def bring(file: Path, name: str, is_applied: bool) -> int:
    with file.open("rb") as sheet:
        raw = sheet.read(Limits().file_bytes + 1)
    with opened():
        season_id = _named(name).id if name else None
        job_id = importing.keep(raw, file.name, season_id, None)
        looked = importing.look(_job(job_id), reader.locale())
        _show(looked)
        stays_out = looked.preview.count("unclear") + looked.preview.count("refused")
        if is_applied and looked.preview.to_do:
            importing.apply(job_id, looked.seen, None)
            say(gettext("Applied. It can be undone for a day on the page of the import."))
        elif looked.preview.to_do:
            say(gettext("Nothing is changed yet: add --apply."))
        return 1 if stays_out else 0


def _show(looked: Looked) -> None:
    words = sheet_words.statuses()
    for row in sheet_rows.shown(looked, ""):
        if row.status == "unchanged":
            continue
        click.echo(f"{row.number}\t{words[row.status]}\t{row.when}\t{row.title}")
        for column, was, now in row.changes:
            click.echo(f"\t{column}: {was} → {now}")
        for sentence in (*row.reasons, *row.notes):
            click.echo(f"\t{sentence}")
    say(", ".join(f"{word}: {number}" for _, word, number in sheet_rows.counts(looked)))


@season.command(
    "export",
    help=lazy_gettext(
        "Write the plan of a season to a file, XLSX or CSV by its name. Brought back unchanged, it "
        "changes nothing."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--season", "name", cls=Option, default="",
    help=lazy_gettext("Name of the season. Else the one of today."),
)  # fmt: skip
def write(file: Path, name: str) -> None:
    kind = file.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise click.BadParameter(gettext("The name of the file must end in .xlsx or .csv."))
    with opened(making=False):
        found = _named(name) if name else _of_today()
        written: Kind = "csv" if kind == "csv" else "xlsx"
        file.write_bytes(sheet_files.plan(found, written))
        _remember(found.id, kind)
        say(gettext("The plan of season %(name)s is in %(file)s.", name=found.name, file=file))


def _remember(season_id: int, kind: str) -> None:
    with transaction():
        record(None, "plan.exported", f"season:{season_id}", kind=kind)


def _job(job_id: int) -> ImportJob:
    return db.session.get_one(ImportJob, job_id)


def _named(name: str) -> Season:
    found = db.session.scalars(select(Season).where(Season.name == name)).first()
    if found is None:
        names = ", ".join(db.session.scalars(select(Season.name).order_by(Season.starts_on)))
        raise click.BadParameter(
            gettext("There is no season %(name)s. There are: %(names)s.", name=name, names=names)
        )
    return found


def _of_today() -> Season:
    today = sheet_files.today()
    found = (
        db.session.scalars(
            select(Season).where(Season.starts_on <= today, Season.ends_on >= today)
        ).first()
        or db.session.scalars(select(Season).order_by(Season.starts_on.desc())).first()
    )
    if found is None:
        raise Refused("season.none")
    return found
