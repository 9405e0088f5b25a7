"""`vzaimo reindex`, `backup`, `restore` and `doctor`: keeping it well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import click
from alembic.script import ScriptDirectory
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.exc import SQLAlchemyError

from archive import indexing, reporting
from integrations.runtime import jobs, waiting, worker
from integrations.runtime.console import Option, ProgressLine, say
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings
from sessions import doctor as examining
from sessions import doctor_letter, doctor_service, restoring
from sessions.app import MIGRATIONS
from sessions.backup import save
from sessions.cli.opening import has_sqlite, opened, put_together, quiet_settings

_LISTED = 50
MISUSED = 2


@click.command(
    help=lazy_gettext(
        "Build the search index anew from the database, beside the one in use. Search goes on "
        "meanwhile."
    )
)
def reindex() -> int:
    with opened(making=False) as app:
        with transaction():
            jobs.enqueue(indexing.REBUILD, indexing.REBUILD)
        line = ProgressLine()
        try:
            outcome = waiting.wait_for(
                app,
                [indexing.REBUILD],
                frozenset({indexing.REBUILD}),
                lambda look: reporting.show(line, look),
            )
        except KeyboardInterrupt:
            line.clear()
            say(gettext("Stopped. The index in use stays; a worker will build the new one."))
            raise
        line.clear()
        for sentence in reporting.unfinished(outcome):
            say(sentence)
        if not outcome.is_good:
            return 1
        job = jobs.find(indexing.REBUILD)
        made = dict(job.progress) if job else {}
        return _told(int(made.get("documents", 0)), list(made.get("skipped", [])))


def _told(documents: int, skipped: list[list[str]]) -> int:
    click.echo(
        ngettext("%(num)s entry is in the index.", "%(num)s entries are in the index.", documents)
    )
    for document_id, reason in skipped[:_LISTED]:
        say(
            gettext("Entry %(id)s could not be taken in: %(reason)s", id=document_id, reason=reason)
        )
    return 1 if skipped else 0


@click.command(
    help=lazy_gettext(
        "Write everything that is kept into FILE (.tar or .tar.gz): the database, the files, the "
        "signing secret. May run while people work. Keep it safe: it holds all secrets."
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> int:
    line, settings = ProgressLine(), quiet_settings()
    _check_folder(file)
    if has_sqlite(settings):
        settings.secret()  # a backup without it would sign everyone out
    with opened(settings, making=False, writing=False):
        saved = save(file, lambda stage, done, total: line.show(_stage(stage), done, total))
        line.clear()
        click.echo(
            gettext(
                "%(file)s: %(rows)s rows, %(files)s files, %(size)s MB.",
                file=file,
                rows=saved.rows,
                files=saved.files,
                size=f"{saved.size_bytes / 1e6:.1f}",
            )
        )
        if saved.missing:
            say(
                ngettext(
                    "%(num)s file that the database names is gone from the storage: %(first)s",
                    "%(num)s files that the database names are gone from the storage: %(first)s …",
                    len(saved.missing),
                    first=saved.missing[0],
                )
            )
            return 1
    return 0


def _check_folder(file: Path) -> None:
    """Raises Misconfigured where there is no folder to put the file in."""
    folder = file.absolute().parent
    if not folder.is_dir():
        raise Misconfigured(
            gettext("There is no folder %(path)s", path=folder),
            gettext("Make it, or write the backup elsewhere."),
        )


@click.command(
    help=lazy_gettext(
        "Bring a backup back into an empty data directory, on the same kind of database or another."
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--force", cls=Option, is_flag=True, help=lazy_gettext("Replace what is there; it is lost.")
)
def restore(file: Path, force: bool) -> int:
    settings = quiet_settings()
    line = ProgressLine()

    def show(stage: str, done: int, total: int) -> None:
        line.show(_stage(stage), done, total)

    dump = restoring.check(file, ScriptDirectory(str(MIGRATIONS)), show)
    try:
        is_empty = restoring.is_empty(settings)
    except SQLAlchemyError as error:
        raise Misconfigured(
            gettext(
                "The database does not answer: %(reason)s", reason=str(error).partition("\n")[0]
            ),
            gettext("See that it runs and that VZAIMO_DATABASE_URL is right."),
        ) from error
    if not is_empty and not force:
        line.clear()
        raise Misconfigured(
            gettext("%(path)s or its database is not empty", path=settings.data_dir),
            gettext("Restore into an empty one (VZAIMO_DATA), or replace all of it with --force."),
        )
    restoring.put_secret_back(dump, settings)
    with put_together(settings):
        if not is_empty:
            _nobody_works()
        skipped = restoring.restore(dump, show)
        line.clear()
        rows = sum(dump.rows_of(table) for table in dump.manifest["tables"])
        click.echo(
            gettext(
                "Restored: %(rows)s rows, %(files)s files.", rows=rows, files=dump.manifest["files"]
            )
        )
        return _told(
            indexing.count() - len(skipped), [[one.document_id, one.reason] for one in skipped]
        )


def _nobody_works() -> None:
    """Raises Misconfigured while a worker uses what is to be replaced."""
    try:
        alive = worker.a_worker_is_alive()
    except SQLAlchemyError:  # half a database, left by a restore that was broken off
        alive = False
    db.session.remove()
    if alive:
        raise Misconfigured(
            gettext("A worker is using this database"), gettext("Stop `vzaimo serve` first.")
        )


def _stage(stage: str) -> str:
    words = {
        "check": gettext("Checking the backup"),
        "rows": gettext("Rows"),
        "files": gettext("Files"),
        "index": gettext("Taking it into the search"),
    }
    return words[stage]


@click.command(help=lazy_gettext("Look what is misconfigured, and say how to mend it."))
@click.option(
    "--letter",
    cls=Option,
    is_flag=True,
    help=lazy_gettext("Send ourselves a letter, and look for a minute whether it arrives."),
)
def doctor(letter: bool) -> int:
    settings = quiet_settings(checked=False)
    findings = examining.before_opening(settings)
    if settings.problems():
        _print(findings)
        return MISUSED
    try:
        with opened(settings, making=False, writing=False):
            findings += doctor_service.inside(settings)
            if letter:
                findings += doctor_letter.letter(settings)
    except Misconfigured as wrong:
        findings.append(examining.Finding("problem", gettext("Database"), wrong.what, wrong.advice))
        findings += _mail_without_database(settings)
    _print(findings)
    return 1 if examining.worst(findings) == "problem" else 0


def _mail_without_database(settings: Settings) -> list[examining.Finding]:
    secret = settings.secret_key or token_hex(32)  # a look makes none in the data directory
    try:
        with put_together(replace(settings, secret_key=secret)):
            return list(doctor_service.mail(settings))
    except Misconfigured:  # a driver of the database is missing, which is told already
        return []


def _print(findings: list[examining.Finding]) -> None:
    words = {
        "ok": (gettext("ok"), "green"),
        "warning": (gettext("warning"), "yellow"),
        "problem": (gettext("problem"), "red"),
    }
    first = max(len(word) for word, _ in words.values())
    second = max(len(finding.what) for finding in findings)
    for finding in findings:
        word, colour = words[finding.verdict]
        verdict = click.style(word.ljust(first), fg=colour)
        click.echo(f"{verdict}  {finding.what.ljust(second)}  {finding.how}")
        if finding.advice:
            click.echo(f"{' ' * (first + second + 4)}→ {finding.advice}")
