"""What a caller says of a session, put over what the session is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from integrations.runtime.database import db
from integrations.runtime.errors import Stale
from sessions.flows.describing import CITY_ROLES, Description, Item, Newcomer
from sessions.models.people import Person
from sessions.models.poll import Topic
from sessions.models.programme import City
from sessions.models.session import FORMATS, MODES, VISIBILITIES, AgendaItem, Session
from sessions.web.api import complaints
from sessions.web.api.values import (
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    Line,
    Lines,
    must_exist,
    row_id,
    row_ids,
)

_SHORT, _DAY_MIN = validate.Length(max=LONGEST_TITLE), 24 * 60
_KEPT = (
    "title", "title_en", "summary", "summary_en", "language", "format", "mode", "visibility",
    "place", "duration_min", "capacity_online", "capacity_in_person", "topic_id", "owner_id",
)  # fmt: skip


class SpeakerIn(Schema):
    """Someone we know, by person_id, or someone new by name; the address finds whom it belongs to
    and is shown to nobody."""

    person_id = row_id(strict=True)
    given = Line(validate=validate.Length(max=100))
    family = Line(validate=validate.Length(max=100))
    patronymic = Line(validate=validate.Length(max=100))
    post = Line(validate=validate.Length(max=200))
    organisation = Line(validate=validate.Length(max=200))
    city_id = row_id(strict=True)
    email = fields.Email(validate=validate.Length(max=320), load_only=True)

    @validates_schema
    def has_someone(self, given: Mapping[str, Any], **_: Any) -> None:
        """Neither a number nor a name is nobody."""
        if not (given.get("person_id") or given.get("family") or given.get("given")):
            raise ValidationError(complaints.nobody())


class AgendaItemIn(Schema):
    """One line of an agenda. id: the item it replaces; left out for a new one."""

    id = row_id(strict=True)
    offset_min = fields.Int(
        strict=True,
        required=True,
        validate=validate.Range(-_DAY_MIN, _DAY_MIN),
        metadata={"description": "after the session's start"},
    )
    duration_min = fields.Int(strict=True, required=True, validate=validate.Range(1, _DAY_MIN))
    title = Line(required=True, validate=validate.Length(1, LONGEST_TITLE))
    title_en = Line(load_default="", validate=_SHORT)
    place = Line(load_default="", validate=_SHORT)
    speakers = fields.List(
        fields.Nested(SpeakerIn), load_default=list, validate=validate.Length(max=50)
    )


def _seats() -> fields.Int:
    return fields.Int(strict=True, allow_none=True, validate=validate.Range(1, 1_000_000))


class EditIn(Schema):
    """Everything one may say of a session but its date."""

    title = Line(validate=validate.Length(1, LONGEST_TITLE))
    title_en = Line(validate=_SHORT)
    summary = Lines(validate=validate.Length(max=LONGEST_SUMMARY))
    summary_en = Lines(validate=validate.Length(max=LONGEST_SUMMARY))
    language = fields.Str(validate=validate.OneOf(("ru", "en")))
    format = fields.Str(validate=validate.OneOf(FORMATS))
    mode = fields.Str(validate=validate.OneOf(MODES))
    visibility = fields.Str(validate=validate.OneOf(VISIBILITIES))
    place = Line(validate=_SHORT)
    duration_min = fields.Int(strict=True, validate=validate.Range(5, _DAY_MIN))
    capacity_online = _seats()
    capacity_in_person = _seats()
    topic_id = row_id(strict=True, allow_none=True)
    host = row_ids()
    presenting = row_ids()
    receiving = row_ids()
    agenda = fields.List(fields.Nested(AgendaItemIn), validate=validate.Length(max=200))


def described(session_id: int, given: Mapping[str, Any], seen: int) -> Description:
    """The session as it is with what was given in its place. Raises Stale.

    Ends the call with 422 where a number that was given is of no row.
    """
    session = _with_agenda(session_id)
    if session.revision != seen:
        raise Stale({})
    _check(given)
    cities = {
        role: given.get(role, [one.city_id for one in session.cities if one.role == role])
        for role in CITY_ROLES
    }
    agenda = given.get("agenda")
    return Description(
        **{name: given.get(name, getattr(session, name)) for name in _KEPT},
        **cities,
        agenda=_kept(session) if agenda is None else [_item(line) for line in agenda],
    )


def _with_agenda(session_id: int) -> Session:
    return db.session.scalars(
        select(Session)
        .where(Session.id == session_id)
        .options(
            selectinload(Session.cities),
            selectinload(Session.agenda).selectinload(AgendaItem.speakers),
        )
    ).one()


def _check(given: Mapping[str, Any]) -> None:
    for role in CITY_ROLES:
        must_exist(City, given.get(role, ()), role)
    topic = given.get("topic_id")
    must_exist(Topic, [topic] if topic is not None else [], "topic_id")
    speakers = [one for line in given.get("agenda", ()) for one in line["speakers"]]
    people = [one["person_id"] for one in speakers if "person_id" in one]
    must_exist(Person, people, "agenda")
    must_exist(City, [one["city_id"] for one in speakers if "city_id" in one], "agenda")


def _kept(session: Session) -> Sequence[Item]:
    return [
        Item(
            offset_min=item.offset_min,
            duration_min=item.duration_min,
            title=item.title,
            title_en=item.title_en,
            place=item.place,
            speakers=[one.person_id for one in item.speakers],
            id=item.id,
        )
        for item in session.agenda
    ]


def _item(line: Mapping[str, Any]) -> Item:
    speakers = [one.get("person_id") or Newcomer(**one) for one in line["speakers"]]
    return Item(**{**line, "speakers": speakers})
