"""A season's plan from a spreadsheet, and everything a host sees as one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from integrations.runtime import worker
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.sheets.table import Limits
from sessions.models.audit import ImportJob, record
from sessions.models.programme import City, Season
from sessions.models.session import Session
from sessions.rules import permissions
from sessions.sheets import importing
from sessions.sheets.importing import Looked
from sessions.sheets.known import KIND
from sessions.web import desk_access, guard, sheet_files, sheet_rows, sheet_words, words
from sessions.web.sheet_files import Kind

pages = Blueprint("sheets", __name__)

LATEST = 20
_ANSWER = "answer:"
_LONGEST_ANSWER = 100


@pages.get("/plan/import")
@guard.team_only
def index() -> ResponseReturnValue:
    """The form for a file, and the imports so far."""
    return _index()


def _index(error: str = "", status: int = 200) -> ResponseReturnValue:
    seasons = _seasons()
    page = render_template(
        "pages/sheets.html",
        seasons=seasons,
        chosen=request.form.get("season", type=int) or _usual(seasons),
        latest=_latest(),
        limit_bytes=Limits().file_bytes,
        error=error,
    )
    return page, status


def _seasons() -> Sequence[Season]:
    return db.session.scalars(select(Season).order_by(Season.starts_on.desc())).all()


def _usual(seasons: Sequence[Season]) -> int | None:
    """The season one would plan now: the one of today, else the latest."""
    today = sheet_files.today()
    of_today = [one.id for one in seasons if one.starts_on <= today <= one.ends_on]
    return next(iter([*of_today, *(one.id for one in seasons)]), None)


def _latest() -> Sequence[ImportJob]:
    return db.session.scalars(
        select(ImportJob).where(ImportJob.kind == KIND).order_by(ImportJob.id.desc()).limit(LATEST)
    ).all()


@pages.post("/plan/import")
@guard.team_only
def upload() -> ResponseReturnValue:
    """Read the file; the plan is not touched yet."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _index(gettext("Choose a file first."), 400)
    raw = file.stream.read(Limits().file_bytes + 1)
    season_id = request.form.get("season", type=int)
    if season_id is not None and season_id not in {season.id for season in _seasons()}:
        abort(404)
    try:
        job_id = importing.keep(raw, file.filename, season_id, g.viewer.person_id)
    except Refused as refused:
        return _index(words.refusal(refused.reason, **refused.details), 400)
    return redirect(url_for("sheets.show", job_id=job_id), 303)


@pages.get("/plan/import/<any(empty, example):which>.<any(xlsx, csv):kind>")
@guard.team_only
def form(which: str, kind: Kind) -> ResponseReturnValue:
    """The form for a plan, to be filled in."""
    name = gettext("plan-example") if which == "example" else gettext("plan-form")
    return sheet_files.sent(sheet_files.form(kind, filled=which == "example"), name, kind)


@pages.get("/plan/import/<int:job_id>")
@guard.team_only
def show(job_id: int) -> ResponseReturnValue:
    """The dry run while it is one; afterwards what was done."""
    return _page(_job(job_id))


def _job(job_id: int) -> ImportJob:
    job = db.session.get(ImportJob, job_id, populate_existing=True)
    if job is None or job.kind != KIND:
        abort(404)
    return job


def _page(job: ImportJob, error: str = "", status: int = 200) -> ResponseReturnValue:
    facts: dict[str, Any] = {"job": job, "error": error, "section": "planner.index"}
    if job.state == "shown":
        busy = importing.is_under_way(job.id)
        failed = job.rows.get("refused")
        facts |= {"busy": busy, **_dry_run(job, importing.look(job, guard.locale()))}
        facts["error"] = error or (words.refusal(failed) if failed and not busy else "")
    else:
        facts |= _done(job)
    return render_template("pages/sheets_import.html", **facts), status


def _dry_run(job: ImportJob, looked: Looked) -> dict[str, Any]:
    counts = sheet_rows.counts(looked)
    only = request.args.get("only", "")
    only = only if only in {status for status, _, _ in counts} else ""
    rows = sheet_rows.shown(looked, only)
    last = max((len(rows) - 1) // sheet_rows.ON_A_PAGE + 1, 1)
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    start = (number - 1) * sheet_rows.ON_A_PAGE
    preview = looked.preview
    stays = preview.count("unclear") + preview.count("refused") + preview.count("left_out")
    return {
        "season": db.session.get(Season, looked.known.season_id)
        if looked.known.season_id
        else None,
        "seen": looked.seen,
        "counts": counts,
        "only": only,
        "total": len(preview.rows),
        "rows": rows[start : start + sheet_rows.ON_A_PAGE],
        "page": number,
        "last_page": last,
        "questions": sheet_rows.asked(looked),
        "open": preview.count("unclear"),
        "left": set(job.rows["left"]),
        "to_do": sheet_words.to_do(preview.count("new"), preview.count("changed"), stays),
        "may_apply": bool(preview.to_do),
        "tells": sum(row.tells for row in preview.to_do),
    }


def _done(job: ImportJob) -> dict[str, Any]:
    return {
        "season": db.session.get(Season, job.rows["season"]),
        "done": sorted((int(row), *facts) for row, facts in job.rows["done"].items()),
        "starts": _starts({facts[1] for facts in job.rows["done"].values()}),
        "applied_at": datetime.fromisoformat(job.undo["at"]),
        "until": datetime.fromisoformat(job.undo["at"]) + importing.UNDO_WITHIN,
        "may_undo": importing.may_be_undone(job),
        "left": job.undo.get("left", []),
        "counts": job.undo.get("counts", {}),
    }


def _starts(ids: set[int]) -> dict[int, Any]:
    """When the sessions take place, by id, of those that are there."""
    query = select(Session.id, Session.starts_at, Session.tz).where(Session.id.in_(ids))
    return {row.id: row for row in db.session.execute(query)}


@pages.post("/plan/import/<int:job_id>")
@guard.team_only
def answer(job_id: int) -> ResponseReturnValue:
    """Keep the answers and show what comes of them, or apply what was shown (`do`)."""
    job = _job(job_id)
    try:
        importing.answer(job_id, _answers(job), _left(job))
        if request.form.get("do") != "apply":
            return redirect(f"{_address(job_id)}#rows", 303)
        _apply(job_id)
    except Refused as refused:
        return _page(_job(job_id), words.refusal(refused.reason, **refused.details), 409)
    return redirect(_address(job_id), 303)


def _address(job_id: int) -> str:
    only, page = request.args.get("only") or None, request.args.get("page", type=int)
    return url_for("sheets.show", job_id=job_id, only=only, page=page)


def _apply(job_id: int) -> None:
    seen, by = request.form.get("seen", ""), g.viewer.person_id
    many = len(_job(job_id).rows["table"]) > importing.MANY
    alive = many and worker.a_worker_is_alive()
    db.session.rollback()
    if alive:
        importing.apply_later(job_id, seen, by)
        return
    importing.apply(job_id, seen, by)
    flash(gettext("The sheet is applied. Drafts are seen by the team only."), "ok")


def _answers(job: ImportJob) -> dict[str, str]:
    """The answers kept so far, and those of the form; an empty one takes an answer back."""
    told = {
        name.removeprefix(_ANSWER): value.strip()[:_LONGEST_ANSWER]
        for name, value in request.form.items()
        if name.startswith(_ANSWER)
    }
    return {key: value for key, value in {**job.rows["answers"], **told}.items() if value}


def _left(job: ImportJob) -> set[int]:
    """The rows that stay out: those ticked, and of rows the form did not show those kept so far."""
    shown = set(request.form.getlist("shown", type=int))
    return {row for row in job.rows["left"] if row not in shown} | (
        set(request.form.getlist("left", type=int)) & shown
    )


@pages.get("/plan/import/<int:job_id>/progress")
@guard.team_only
def progress(job_id: int) -> ResponseReturnValue:
    """{"busy": whether a worker still applies the import}."""
    _job(job_id)
    return {"busy": importing.is_under_way(job_id)}


@pages.post("/plan/import/<int:job_id>/undo")
@guard.team_only
def undo(job_id: int) -> ResponseReturnValue:
    """Take back what the import did, where nobody touched it since."""
    try:
        importing.undo(job_id, g.viewer.person_id)
    except NoResultFound:
        abort(404)
    except Refused as refused:
        return _page(_job(job_id), words.refusal(refused.reason, **refused.details), 409)
    flash(gettext("The import is undone."), "ok")
    return redirect(url_for("sheets.show", job_id=job_id), 303)


@pages.get("/plan/export/<int:season_id>.<any(xlsx, csv):kind>")
@guard.team_only
def plan(season_id: int, kind: Kind) -> ResponseReturnValue:
    """The plan of a season; sent back unchanged, it changes nothing."""
    season = db.get_or_404(Season, season_id)
    name = _named(gettext("plan"), season.name)
    content = sheet_files.plan(season, kind)
    return _told("plan.exported", f"season:{season_id}", content, name, kind)


@pages.get("/plan/export/<int:season_id>/people.<any(xlsx, csv):kind>")
@guard.team_only
def people_of_season(season_id: int, kind: Kind) -> ResponseReturnValue:
    """Everyone registered in a season."""
    season = db.get_or_404(Season, season_id)
    name = _named(gettext("people"), season.name)
    content = sheet_files.people_of_season(season, kind)
    return _told("people.exported", f"season:{season_id}", content, name, kind)


@pages.get("/cities/<int:city_id>/people.<any(xlsx, csv):kind>")
def people_of_city(city_id: int, kind: Kind) -> ResponseReturnValue:
    """The people of a city, for the team and its own coordinators."""
    guard.must_hold(permissions.city_keys(city_id))
    city = db.get_or_404(City, city_id)
    content = sheet_files.people_of_city(city, kind)
    name = _named(gettext("people"), city.name)
    return _told("people.exported", f"city:{city_id}", content, name, kind)


@pages.get("/sessions/<int:session_id>/desk/registrations.<any(xlsx, csv):kind>")
def registrations(session_id: int, kind: Kind) -> ResponseReturnValue:
    """Who takes part in a session, for those who run it."""
    session = desk_access.managed(session_id)
    content = sheet_files.registrations(session, kind)
    name = _named(gettext("registrations"), f"{session.wall_start:%Y-%m-%d}")
    return _told("registrations.exported", f"session:{session_id}", content, name, kind)


def _named(what: str, whose: str) -> str:
    """The name of a file, without what no file may be called."""
    return re.sub(r"[^\w.-]+", "-", f"{what}-{whose}")[:100]


def _told(action: str, subject: str, content: bytes, name: str, kind: Kind) -> ResponseReturnValue:
    """The download; who took it, and when, stands in the log."""
    with transaction():
        record(g.viewer.person_id, action, subject, kind=kind)
    return sheet_files.sent(content, name, kind)
