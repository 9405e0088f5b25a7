"""The shapes in which sessions leave the API; none has an address or a join link of others."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from sessions.models.session import FORMATS, MODES, STATES, VISIBILITIES, Session
from sessions.web.api.paging import PageOut
from sessions.web.api.values import LOCAL, Address, instant


def one_of(values: tuple[str, ...], words: str = "", **options: Any) -> fields.Str:
    """A word out of a known list."""
    told = {"enum": list(values), **({"description": words} if words else {})}
    return fields.Str(metadata=told, **options)


class SeasonName(Schema):
    id = fields.Int(required=True)
    name = fields.Str(required=True)
    name_en = fields.Str(required=True, metadata={"description": "empty where there is none"})


class CityName(Schema):
    id = fields.Int(required=True)
    name = fields.Str(required=True)
    name_en = fields.Str(required=True)
    tz = fields.Str(required=True, metadata={"description": "IANA zone"})


class CityPart(Schema):
    id = fields.Int(attribute="city.id", required=True)
    name = fields.Str(attribute="city.name", required=True)
    name_en = fields.Str(attribute="city.name_en", required=True)
    tz = fields.Str(attribute="city.tz", required=True, metadata={"description": "IANA zone"})
    role = one_of(("host", "presenting", "receiving"), required=True)


class SessionOut(Schema):
    """A session. wall_start and tz are what the host wrote; starts_at follows from them."""

    id = fields.Int(required=True)
    uid = fields.Str(required=True, metadata={"description": "the UID in calendars"})
    title = fields.Str(required=True)
    title_en = fields.Str(required=True)
    summary = fields.Str(required=True)
    summary_en = fields.Str(required=True)
    format = one_of(FORMATS, required=True)
    mode = one_of(MODES, required=True)
    state = one_of(STATES, required=True)
    visibility = one_of(VISIBILITIES, required=True)
    language = fields.Str(required=True)
    place = fields.Str(required=True)
    wall_start = fields.NaiveDateTime(
        required=True,
        metadata={"description": "wall time in tz, without an offset", "format": LOCAL},
    )
    tz = fields.Str(required=True, metadata={"description": "IANA zone of wall_start"})
    starts_at = instant(required=True)
    ends_at = instant(required=True)
    duration_min = fields.Int(required=True)
    capacity_online = fields.Int(allow_none=True, required=True)
    capacity_in_person = fields.Int(allow_none=True, required=True)
    revision = fields.Int(required=True, metadata={"description": "counts every saved edit"})
    season = fields.Nested(SeasonName, required=True)
    series_id = fields.Int(allow_none=True, required=True)
    topic_id = fields.Int(allow_none=True, required=True)
    cities = fields.List(fields.Nested(CityPart), required=True)
    url = Address("sessions")


class SessionsOut(PageOut):
    items = fields.List(fields.Nested(SessionOut), required=True)


class SpeakerOut(Schema):
    name = fields.Str(required=True, metadata={"description": "empty where it is not known"})
    post = fields.Str(required=True)
    organisation = fields.Str(required=True)
    city = fields.Nested(CityName, allow_none=True, required=True)
    person_id = fields.Int(metadata={"description": "only for who may change the session"})
    state = one_of(("named", "asked", "confirmed"), "only for who may change the session")


class AgendaItemOut(Schema):
    id = fields.Int(required=True)
    offset_min = fields.Int(required=True, metadata={"description": "after the session's start"})
    starts_at = instant(required=True)
    duration_min = fields.Int(required=True)
    title = fields.Str(required=True)
    title_en = fields.Str(required=True)
    place = fields.Str(required=True)
    speakers = fields.List(fields.Nested(SpeakerOut), required=True)


class WonOut(Schema):
    """What a topic won in its season's ballot."""

    votes = fields.Int(required=True)
    electorate = fields.Int(required=True, metadata={"description": "how many might have voted"})
    place = fields.Int(required=True, metadata={"description": "1 is most votes"})
    is_chosen = fields.Bool(
        allow_none=True, required=True, metadata={"description": "null until it was decided"}
    )


class TopicName(Schema):
    id = fields.Int(required=True)
    title = fields.Str(required=True)
    title_en = fields.Str(required=True)
    won = fields.Nested(WonOut, allow_none=True, required=True)


class MaterialOut(Schema):
    id = fields.Int(required=True)
    kind = fields.Str(required=True)
    name = fields.Str(required=True)
    media_type = fields.Str(required=True)
    size_bytes = fields.Int(required=True)
    url = fields.Str(required=True)


class MaterialsOut(Schema):
    """The session in the archive, for who may open it."""

    talk_id = fields.Int(required=True)
    state = fields.Str(required=True)
    url = fields.Str(required=True)
    files = fields.List(fields.Nested(MaterialOut), required=True)


class ComingOut(Schema):
    people = fields.Int(required=True)
    cities = fields.Int(required=True)


class WholeSessionOut(SessionOut):
    agenda = fields.List(fields.Nested(AgendaItemOut), required=True)
    topic = fields.Nested(TopicName, allow_none=True, required=True)
    materials = fields.Nested(MaterialsOut, allow_none=True, required=True)
    coming = fields.Nested(ComingOut, required=True)
    may_change = fields.Bool(required=True)


def plain(session: Session) -> dict[str, object]:
    """The fields of a session by name, for a shape that has more."""
    names = (
        "id", "uid", "title", "title_en", "summary", "summary_en", "format", "mode", "state",
        "visibility", "language", "place", "wall_start", "tz", "starts_at", "ends_at",
        "duration_min", "capacity_online", "capacity_in_person", "revision", "season",
        "series_id", "topic_id", "cities",
    )  # fmt: skip
    return {name: getattr(session, name) for name in names}
