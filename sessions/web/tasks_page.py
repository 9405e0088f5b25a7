"""What coordinators and hosts are asked to do: find out an address that takes no mail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import joinedload

from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from integrations.runtime.viewer import Viewer
from sessions.flows import tasking
from sessions.models.correspondence import Task
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.rules import permissions
from sessions.web import guard, once, words

pages = Blueprint("tasks", __name__, url_prefix="/tasks")
PER_PAGE = 50


def _theirs(viewer: Viewer) -> ColumnElement[bool]:
    """The tasks that this viewer sees: those of their cities, the team all."""
    if permissions.TEAM in viewer.keys:
        return true()
    cities = permissions.coordinated(viewer.keys)
    if not cities:
        if viewer.person_id is None:
            abort(guard.to_sign_in())
        abort(403)
    return Task.city_id.in_(cities)


@pages.get("")
def index() -> ResponseReturnValue:
    """The tasks that are open, or those that were done."""
    return render_template("pages/tasks.html", **_shown())


def _shown() -> dict[str, Any]:
    theirs, is_done = _theirs(g.viewer), request.args.get("state") == "done"
    city_id = request.args.get("city", type=int)
    counts = {
        bool(done): number
        for done, number in db.session.execute(
            select(Task.done_at.is_not(None), func.count())
            .where(theirs)
            .group_by(Task.done_at.is_not(None))
        )
    }
    cities = db.session.scalars(
        select(City).where(City.id.in_(select(Task.city_id).where(theirs))).order_by(City.name)
    ).all()
    query = select(Task).where(theirs, Task.done_at.is_not(None) if is_done else ~_is_done())
    if city_id is not None:
        query = query.where(Task.city_id == city_id)
    newest = Task.done_at.desc() if is_done else Task.made_at.desc()
    page = db.paginate(
        query.options(joinedload(Task.city)).order_by(newest, Task.id.desc()),
        per_page=PER_PAGE,
        error_out=False,
    )
    ids = {task.details.get("person_id") for task in page.items}
    people = {
        person.id: person
        for person in db.session.scalars(select(Person).where(Person.id.in_(ids - {None})))
    }
    return {
        "tasks": page.items, "pagination": page, "people": people, "is_done": is_done,
        "open_count": counts.get(False, 0), "done_count": counts.get(True, 0), "cities": cities,
        "city_id": city_id, "section": "tasks.index", "trouble": "", "wrong_id": None, "typed": "",
    }  # fmt: skip


def _is_done() -> ColumnElement[bool]:
    return Task.done_at.is_not(None)


@pages.post("/<int:task_id>/done")
def done(task_id: int) -> ResponseReturnValue:
    """Say that a task is done, with the new address or without one."""
    task = db.session.get(Task, task_id)
    if task is None:
        abort(404)
    of_city = permissions.city_keys(task.city_id) if task.city_id else frozenset[str]()
    guard.must_hold(of_city | {permissions.TEAM})
    typed = request.form.get("address", "").strip()
    url = url_for("tasks.index")

    def change() -> str:
        if tasking.finish(task_id, g.viewer.person_id, typed):
            said = gettext("Done. The last letters leave for the new address.")
            flash(said if typed else gettext("Done. Letters leave for this address again."), "ok")
        return url

    try:
        return redirect(once.only(request.form.get(once.FIELD, ""), change))
    except Refused as refused:
        trouble = words.refusal(refused.reason, **refused.details)
    facts = {**_shown(), "trouble": trouble, "wrong_id": task_id, "typed": typed}
    return render_template("pages/tasks.html", **facts), 400


@pages.get("/<int:task_id>/done")
def back(task_id: int) -> ResponseReturnValue:
    """Whoever reloads the address of the press sees the tasks."""
    return redirect(url_for("tasks.index"))
