"""What is the matter with the service itself: database, worker, index, mail."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext
from sqlalchemy import func, select

from archive import indexing
from integrations.mail.inbox_port import Inbox
from integrations.mail.port import Mailer
from integrations.runtime import ports, worker
from integrations.runtime.database import db, is_sqlite
from integrations.runtime.errors import OutsideError
from integrations.runtime.jobs import Job
from integrations.runtime.settings import Settings
from integrations.textsearch.port import TextIndex
from sessions import inbox
from sessions.doctor import Finding, Look


def inside(settings: Settings) -> list[Finding]:
    """What can be said once the database is open and up to date."""
    looks: tuple[Look, ...] = (database, work, index, mail, mailbox)
    return [finding for look in looks for finding in look(settings)]


def database(_settings: Settings) -> Iterator[Finding]:
    kind = "SQLite" if is_sqlite() else db.engine.dialect.name
    yield Finding("ok", gettext("Database"), gettext("%(kind)s, up to date", kind=kind))


def work(_settings: Settings) -> Iterator[Finding]:
    what = gettext("Worker")
    owed = worker.owed()
    given_up = db.session.scalar(select(func.count()).where(Job.given_up.is_(True))) or 0
    if worker.a_worker_is_alive():
        yield Finding("ok", what, gettext("alive; %(owed)s jobs owed", owed=owed))
    elif owed:
        yield Finding(
            "problem",
            what,
            gettext("none is alive, and %(owed)s jobs are owed", owed=owed),
            gettext("Start `vzaimo serve` or `vzaimo worker`."),
        )
    else:
        yield Finding(
            "warning",
            what,
            gettext("none is alive"),
            gettext("`vzaimo serve` starts one; without it no letter leaves."),
        )
    if given_up:
        last = db.session.scalars(
            select(Job).where(Job.given_up.is_(True)).order_by(Job.finished_at.desc()).limit(1)
        ).one()
        yield Finding(
            "warning",
            what,
            gettext(
                "%(count)s jobs were given up; the last, %(key)s: %(error)s",
                count=given_up,
                key=last.key,
                error=last.error or "",
            ),
            gettext("Mend the cause, then do on the page what caused the work once more."),
        )


def index(_settings: Settings) -> Iterator[Finding]:
    what = gettext("Search index")
    problems = ports.get(TextIndex).check()
    count = indexing.count()
    if [problem.code for problem in problems] in (["missing"], ["incomplete"]) and not count:
        yield Finding("ok", what, gettext("empty, like the archive"))
        return
    for problem in problems:
        yield Finding(
            "warning" if problem.code == "many_parts" else "problem",
            what,
            _index_problem(problem.code, problem.detail),
            gettext("Run `vzaimo reindex`.")
            if problem.code != "not_writable"
            else gettext("Give this user the right to write there."),
        )
    if not problems:
        owed = indexing.owed()
        yield Finding(
            "ok",
            what,
            gettext("%(count)s entries, %(owed)s talks still to take in", count=count, owed=owed),
        )


def _index_problem(code: str, detail: str) -> str:
    words = {
        "missing": gettext("there is none (%(detail)s)", detail=detail),
        "unreadable": gettext("cannot be read (%(detail)s)", detail=detail),
        "outdated": gettext("made by another version (%(detail)s)", detail=detail),
        "incomplete": gettext("does not hold everything (%(detail)s)", detail=detail),
        "not_writable": gettext("cannot be written (%(detail)s)", detail=detail),
        "many_parts": gettext("in many parts, so searching is slow (%(detail)s)", detail=detail),
    }
    return words.get(code, f"{code} ({detail})")


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether letters can leave; needs no database."""
    what = gettext("Mail")
    try:
        if settings.mail != "folder" or settings.letters_dir.exists():  # a look makes no folder
            ports.get(Mailer).check()
    except OutsideError as away:
        yield Finding(
            "problem",
            what,
            gettext("letters cannot leave: %(detail)s", detail=away.detail),
            gettext("Check VZAIMO_SMTP_HOST, _PORT, _USER, _PASSWORD and _TLS."),
        )
        return
    if settings.mail == "folder":
        yield Finding(
            "warning",
            what,
            gettext("letters stay in the folder %(path)s", path=settings.letters_dir),
            gettext("To send them, set VZAIMO_MAIL=smtp and VZAIMO_SMTP_HOST."),
        )
        return
    yield Finding("ok", what, gettext("%(host)s takes letters", host=settings.smtp_host))
    if settings.domain in ("localhost", ""):
        yield Finding(
            "problem",
            what,
            gettext("letters come from %(sender)s", sender=settings.mail_from),
            gettext("Set VZAIMO_MAIL_FROM to an address of your domain."),
        )


def mailbox(settings: Settings) -> Iterator[Finding]:
    """Whether answers by mail can be read; that they arrive only a letter tells."""
    what = gettext("Answers by mail")
    if settings.inbox == "none":
        yield Finding(
            "ok" if settings.mail == "folder" else "warning",
            what,
            gettext("no mailbox is read: people answer on the page only"),
            gettext("For answers from calendars, set VZAIMO_INBOX=imap and VZAIMO_IMAP_HOST."),
        )
        return
    try:
        ports.get(Inbox).check()
    except OutsideError as away:
        yield Finding(
            "problem",
            what,
            gettext("the mailbox cannot be read: %(detail)s", detail=away.detail),
            gettext("Check VZAIMO_IMAP_HOST, _PORT, _USER, _PASSWORD and _TLS."),
        )
        return
    state = inbox.state()
    if state.since is not None:
        yield Finding(
            "warning",
            what,
            gettext("could not be read lately: %(detail)s", detail=state.error),
            gettext("It can be read now; `vzaimo inbox read` does so at once."),
        )
        return
    advice = gettext("Whether answers arrive, `vzaimo doctor --letter` finds out.")
    yield Finding("ok", what, gettext("the mailbox can be read"), advice)
