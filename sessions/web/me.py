"""What concerns the one who is signed in: their sessions, their name, language and zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_sqlalchemy.pagination import Pagination
from flask_wtf import FlaskForm
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, selectinload
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length

from archive.models import Talk
from integrations.runtime import clock, language
from integrations.runtime.database import db
from sessions.flows import digesting, feed_tokens
from sessions.models.audit import record
from sessions.models.participation import HOLDING, Invitation, Registration
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.models.session import Session, SessionCity
from sessions.web import (
    guard,
    kept,
    once,
    reader,
    reminder_words,
    subscribing,
    taking_part,
    typography,
    whose_time,
)
from sessions.web.planner_lists import member_cities

pages = Blueprint("me", __name__, url_prefix="/me")
kept.keep_forms(pages)

PER_PAGE = 20
LONGEST_NAME = 100
LASTS = timedelta(hours=9)  # the longest session and the hour for which its link stays open
_AT_MOST = lazy_gettext("Make it at most %(max)d characters.")


@dataclass(frozen=True)
class Mine:
    """A session one is invited to. talk: its published recording, where one may open it.

    stands: what they answered and how it stands with a seat, as a sentence.
    """

    session: Session
    token: str
    talk: Talk | None
    stands: str = ""
    has_answered: bool = False


@pages.get("")
@guard.signed_in_only
def sessions() -> ResponseReturnValue:
    """The sessions to come, all of them, and a page of those that are over."""
    since = clock.now() - LASTS
    soon = db.session.scalars(
        _registrations()
        .where(Session.starts_at >= since, Session.state != "held")
        .order_by(Session.starts_at, Session.id)
    ).all()
    over: Pagination = db.paginate(
        _registrations()
        .where(or_(Session.starts_at < since, Session.state == "held"))
        .order_by(Session.starts_at.desc(), Session.id.desc()),
        per_page=PER_PAGE,
        max_per_page=PER_PAGE,
        error_out=False,
    )
    calendar = feed_tokens.of_person(g.viewer.person_id)
    talks = _talks([r.session_id for r in over.items])
    return render_template(
        "pages/me.html",
        soon=[_mine(registration, {}) for registration in soon],
        over=[_mine(registration, talks) for registration in over.items],
        pagination=over,
        calendar=calendar,
        way=subscribing.own(calendar.token) if calendar else None,
        words=whose_time.words_of(guard.person(), reader.locale()),
        home=current_app.config["TIMEZONE"],
    )


def _registrations() -> Select[Registration]:
    return (
        select(Registration)
        .join(Registration.session)
        .where(
            Registration.person_id == g.viewer.person_id,
            Registration.state.in_((*HOLDING, "withdrawn")),
            Session.state != "draft",
        )
        .options(
            contains_eager(Registration.session)
            .selectinload(Session.cities)
            .joinedload(SessionCity.city),
            selectinload(Registration.invitation).selectinload(Invitation.answers),
        )
    )


def _talks(session_ids: list[int]) -> dict[str, Talk]:
    talks = db.session.scalars(
        select(Talk).where(
            Talk.source.in_([f"session:{one}" for one in session_ids]), Talk.state == "published"
        )
    ).all()
    return {talk.source: talk for talk in talks if g.viewer.may_open(talk.keys)}


def _mine(registration: Registration, talks: dict[str, Talk]) -> Mine:
    invitation = registration.invitation
    talk = talks.get(f"session:{registration.session_id}")
    if invitation is None:
        return Mine(registration.session, "", talk)
    given = invitation.current_answer
    said = given.answer if given and given.is_of(registration.session) else ""
    part = taking_part.Mine(registration.state, registration.head_count, invitation.token, said)
    stands = taking_part.sentence(part, over=False)
    return Mine(registration.session, invitation.token, talk, stands, has_answered=bool(said))


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """What a person may say of themselves."""

    class Meta:
        csrf = False  # every form that is posted is checked for the whole application

    given = StringField(
        lazy_gettext("Given name"), validators=[Length(max=LONGEST_NAME, message=_AT_MOST)]
    )
    patronymic = StringField(
        lazy_gettext("Patronymic"), validators=[Length(max=LONGEST_NAME, message=_AT_MOST)]
    )
    family = StringField(
        lazy_gettext("Family name"), validators=[Length(max=LONGEST_NAME, message=_AT_MOST)]
    )
    post = StringField(
        lazy_gettext("Post"), validators=[Length(max=LONGEST_NAME * 2, message=_AT_MOST)]
    )
    organisation = StringField(
        lazy_gettext("Organisation"), validators=[Length(max=LONGEST_NAME * 2, message=_AT_MOST)]
    )
    locale = SelectField(lazy_gettext("Language of pages and letters"))
    city = SelectField(lazy_gettext("City"), coerce=int)
    tz = SelectField(lazy_gettext("Time zone"))
    reminders = RadioField(lazy_gettext("Reminders of sessions"))

    def __init__(self, given: Any, person: Person, cities: list[City]) -> None:
        """given: the fields sent, None for a form as the person is."""
        names = ("given", "patronymic", "family", "post", "organisation", "locale", "reminders")
        now: dict[str, object] = {name: getattr(person, name) for name in names}
        now.update(city=person.city_id or 0, tz=person.tz or "")
        super().__init__(formdata=given, data=now)
        said, at = reader.locale(), clock.now()
        self.locale.choices = [("ru", "Русский"), ("en", "English")]
        self.city.choices = [
            (0, gettext("None of these")),
            *((city.id, (said == "en" and city.name_en) or city.name) for city in cities),
        ]
        self.reminders.choices = reminder_words.choices()
        for name in ("locale", "city", "tz", "reminders"):
            self[name].flags.quiet = True
        zones = dict.fromkeys([*typography.RUSSIAN_ZONES, *([person.tz] if person.tz else [])])
        self.tz.choices = [
            ("", gettext("As my city has it")),
            *(
                (zone, f"{typography.zone_city(zone, said)} ({typography.offset(at, zone)})")
                for zone in zones
            ),
        ]


@pages.get("/settings")
@guard.signed_in_only
def settings() -> ResponseReturnValue:
    """The form of one's name, language, city and zone."""
    form = SettingsForm(None, _me(), list(member_cities()))
    return _settings_page(form)


@pages.post("/settings")
def save() -> ResponseReturnValue:
    """Save it; the next page is drawn in the new language and zone already."""
    if guard.person() is None:
        return kept.kept()
    form = SettingsForm(request.form, _me(), list(member_cities()))
    if not form.validate():
        return _settings_page(form), 400

    def change() -> str:
        person = db.session.get_one(Person, g.viewer.person_id, with_for_update={"of": Person})
        for name in ("given", "patronymic", "family", "post", "organisation"):
            setattr(person, name, " ".join((form[name].data or "").split()))
        person.locale = language.supported(form.locale.data) or language.DEFAULT
        person.city_id = form.city.data or None
        person.tz = form.tz.data or None
        _remind(person, form.reminders.data)
        return url_for("me.settings")

    url = once.only(request.form.get(once.FIELD, ""), change)
    # What was chosen for this browser would hide what is in the profile now.
    browser.pop("lang", None)
    browser.pop("tz", None)
    with language.speaking(form.locale.data):
        flash(gettext("Saved. Times and letters follow it from now on."), "ok")
    return redirect(url)


def _remind(person: Person, choice: str) -> None:
    """Remind them as they chose; who chose a digest on a Monday gets that of this week, too."""
    if choice != person.reminders:
        was, person.reminders = person.reminders, choice
        record(person.id, "person.reminders", f"person:{person.id}", before=was, now=choice)
    if choice == "digest":
        db.session.flush()
        db.session.expire(person, ["city"])
        digesting.owe(person.zone or current_app.config["TIMEZONE"])


def _me() -> Person:
    return db.session.get_one(Person, g.viewer.person_id)


def _settings_page(form: SettingsForm) -> str:
    person = _me()
    return render_template(
        "pages/me_settings.html",
        form=form,
        person=person,
        now=clock.now(),
        words=whose_time.words_of(person, reader.locale()),
    )
