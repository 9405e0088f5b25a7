"""Changing what a session is: its words, cities and seats, its agenda and who speaks."""

from __future__ import annotations

from typing import Any

from flask import flash, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload
from wtforms.validators import ValidationError

from integrations.runtime.database import db
from sessions.flows import describing
from sessions.flows.describing import CITY_ROLES, Description
from sessions.models.people import Person, RoleGrant
from sessions.models.poll import Topic
from sessions.models.session import AgendaItem, Session, Speaker
from sessions.web import (
    agenda_form,
    agenda_steps,
    desk_saving,
    edit_marks,
    edit_words,
    people_search,
    reader,
)
from sessions.web.agenda_form import AgendaForm
from sessions.web.desk import pages
from sessions.web.desk_access import managed
from sessions.web.desk_forms import seen_revision
from sessions.web.desk_saving import Difference
from sessions.web.planner_lists import member_cities
from sessions.web.words_form import Lists, WordsForm

# Fields of the form that are called otherwise than what they hold.
_FIELDS = {"duration_min": "length", "topic_id": "topic", "owner_id": "owner"}


@pages.get("/sessions/<int:session_id>/desk/edit")
def edit(session_id: int) -> ResponseReturnValue:
    """The session in a form."""
    session = with_agenda(managed(session_id))
    lists = _lists(session)
    form, agenda = WordsForm(None, session, lists), agenda_form.of(session, lists.cities)
    return _page(session, form, agenda)


@pages.post("/sessions/<int:session_id>/desk/edit")
def save(session_id: int) -> ResponseReturnValue:
    """Save the form, or do what one of its buttons asks of its rows.

    409 with both versions where someone else saved meanwhile.
    """
    session = with_agenda(managed(session_id))
    lists = _lists(session)
    form = WordsForm(request.form, session, lists)
    agenda = agenda_form.read(request.form, session, lists.cities)
    asked = request.form.get("do", "")
    if asked:
        focus = _step(form, agenda, asked, session)
        return _page(session, form, agenda, seen=seen_revision(), focus=focus)
    are_valid = (form.validate(), agenda.validate())
    if not all(are_valid):
        return _page(session, form, agenda, seen=seen_revision()), 400
    wanted = form.description(agenda.items(form.length.data))

    def change() -> None:
        by, tell = g.viewer.person_id, bool(form.tell.data)
        describing.describe(session_id, wanted, seen_revision(), by, tell=tell)
        _warn(agenda, form.length.data)

    return desk_saving.save(
        session,
        change,
        lambda now, trouble, differ: _page(
            now, *_merged(now, wanted, form, agenda), trouble=trouble, changes=differ
        ),
        lambda now: _differences(wanted, with_agenda(now)),
    )


@pages.get("/sessions/<int:session_id>/desk/people-found")
def people_found(session_id: int) -> ResponseReturnValue:
    """The people whom the letters `q` may mean, as one would choose them from a list."""
    managed(session_id)
    text, said = request.args.get("q", ""), reader.locale()
    found = people_search.find(text) if len(text.strip()) > 1 else []
    return jsonify([people_search.choice(person, said) for person in found])


def with_agenda(session: Session) -> Session:
    """The same with its agenda and all who speak, read with as many queries for any number."""
    speakers = selectinload(Session.agenda).selectinload(AgendaItem.speakers)
    person = speakers.joinedload(Speaker.person)
    return db.session.scalars(
        select(Session)
        .where(Session.id == session.id)
        .options(
            person.joinedload(Person.city), person.selectinload(Person.emails),
            speakers.joinedload(Speaker.letter), selectinload(Session.cities),
        )
        .execution_options(populate_existing=True)
    ).one()  # fmt: skip


def _lists(session: Session) -> Lists:
    topics = db.session.scalars(
        select(Topic)
        .where(or_(Topic.season_id == session.season_id, Topic.id == session.topic_id))
        .options(joinedload(Topic.decision))
        .order_by(Topic.title)
    )
    runs = or_(
        RoleGrant.role.in_(("admin", "host")) & (RoleGrant.scope == "*"),
        (RoleGrant.role == "session_host") & (RoleGrant.scope == f"session:{session.id}"),
    )
    owners = db.session.scalars(
        select(Person)
        .where(or_(Person.grants.any(runs), Person.id == session.owner_id))
        .options(selectinload(Person.emails))
        .order_by(Person.family, Person.given, Person.id)
    )
    return Lists(member_cities(), topics.all(), owners.all())


def _step(form: WordsForm, agenda: AgendaForm, asked: str, session: Session) -> str:
    """Do what a button asks; the id of the control to go on with."""
    what, _, role = asked.partition(" ")
    if what == "add-city" and role in CITY_ROLES:
        try:
            form.take_cities(role)
        except ValidationError as unknown:
            form[f"{role}_more"].errors = [str(unknown)]
        return f"{role}_more"
    return agenda_steps.step(agenda, asked, _length(form, session))


def _length(form: WordsForm, session: Session) -> int:
    """The length chosen, or where that cannot be read the one that is saved."""
    lengths = {minutes for minutes, _ in form.length.choices}
    return form.length.data if form.length.data in lengths else session.duration_min


def _page(
    session: Session,
    form: WordsForm,
    agenda: AgendaForm,
    seen: int | None = None,
    **facts: Any,
) -> str:
    return render_template(
        "pages/desk_edit.html",
        session=session,
        form=form,
        agenda=agenda,
        odd=agenda_steps.oddities(agenda, _length(form, session)),
        who=lambda person: people_search.label(person, reader.locale()),
        seen=session.revision if seen is None else seen,
        was=edit_marks.of_session(session) if seen is None else _carried(),
        section="desk.index",
        **facts,
    )


def _warn(agenda: AgendaForm, duration_min: int) -> None:
    """Say what is odd about the hours; it is saved as the host wants it."""
    odd = agenda_steps.oddities(agenda, duration_min)
    for row in agenda.rows:
        if row.key in odd:
            flash(
                gettext("Agenda, “%(title)s”: %(trouble)s", title=row.title,
                        trouble=" ".join(odd[row.key])),
                "warn",
            )  # fmt: skip


def _merged(
    now: Session, wanted: Description, form: WordsForm, agenda: AgendaForm
) -> tuple[WordsForm, AgendaForm]:
    """What the host changed, and everything else as it is saved by now."""
    now, mine = with_agenda(now), edit_marks.touched(wanted, _carried())
    lists = _lists(now)
    merged = WordsForm(None, now, lists)
    for name in mine - {"agenda"}:
        field = _FIELDS.get(name, name)
        merged[field].data = form[field].data
    merged.tell.data = form.tell.data
    return merged, agenda if "agenda" in mine else agenda_form.of(now, lists.cities)


def _carried() -> str:
    return request.form.get(edit_marks.FIELD, "")


def _differences(wanted: Description, now: Session) -> list[Difference]:
    lists, mine = _lists(now), edit_marks.touched(wanted, _carried())
    yours = edit_words.of_description(wanted, now, lists)
    kept = {name: text for name, text in yours.items() if name in mine}
    return desk_saving.differences(kept, edit_words.of_session(now, lists))
