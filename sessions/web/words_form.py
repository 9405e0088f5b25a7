"""The form for what a session is: words, cities, seats, and whether those invited hear of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from sessions.flows.describing import CITY_ROLES, Description, Item
from sessions.models.people import Person
from sessions.models.poll import Topic
from sessions.models.programme import City
from sessions.models.session import Session
from sessions.web import reader, typography
from sessions.web.city_names import known_cities
from sessions.web.desk_forms import DeskForm
from sessions.web.planner_forms import (
    LENGTHS_MIN,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    formats,
    modes,
    one_line,
    several_lines,
    visibilities,
)

MOST_SEATS = 100_000
_AT_MOST = lazy_gettext("Make it at most %(max)d characters.")
_SEATS = lazy_gettext("Write a number of places, or nothing where there is no limit.")
_TEXTS = ("title", "title_en", "summary", "summary_en", "place")
_SAME_NAME = (
    *_TEXTS, "format", "mode", "visibility", "language", "capacity_online", "capacity_in_person",
)  # fmt: skip


@dataclass(frozen=True)
class Lists:
    """What may be chosen: member cities, topics of the season, people who may own the session."""

    cities: Sequence[City]
    topics: Sequence[Topic]
    owners: Sequence[Person]


def _line(label: Any, **more: Any) -> StringField:
    return StringField(
        label, filters=[one_line], validators=[Length(max=LONGEST_TITLE, message=_AT_MOST)], **more
    )


def _seats(label: Any) -> IntegerField:
    return IntegerField(label, validators=[Optional(), NumberRange(1, MOST_SEATS, message=_SEATS)])


def _lines(label: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[several_lines],
        validators=[Length(max=LONGEST_SUMMARY, message=_AT_MOST)],
    )


class WordsForm(DeskForm):
    """What a session says of itself. Cities are ticked by id, or typed by name in `…_more`."""

    title = StringField(
        lazy_gettext("Title"),
        filters=[one_line],
        validators=[
            DataRequired(lazy_gettext("Write a title.")),
            Length(max=LONGEST_TITLE, message=_AT_MOST),
        ],
    )
    title_en = _line(lazy_gettext("Title in English"))
    summary = _lines(lazy_gettext("Summary"))
    summary_en = _lines(lazy_gettext("Summary in English"))
    length = SelectField(lazy_gettext("Length"), coerce=int)
    format = SelectField(lazy_gettext("Format"))
    mode = SelectField(lazy_gettext("How people take part"))
    language = SelectField(lazy_gettext("Language"))
    visibility = SelectField(lazy_gettext("Who may open it"))
    place = _line(
        lazy_gettext("Place"),
        description=lazy_gettext("Where people meet in person. It stands in their calendars."),
    )
    capacity_online = _seats(lazy_gettext("Places online"))
    capacity_in_person = _seats(lazy_gettext("Places on site"))
    topic = SelectField(lazy_gettext("Topic of the season"))
    owner = SelectField(lazy_gettext("Who runs it"))
    host = SelectMultipleField(lazy_gettext("Host city"), coerce=int)
    host_more = StringField(lazy_gettext("Host city"), filters=[one_line])
    presenting = SelectMultipleField(lazy_gettext("Presenting cities"), coerce=int)
    presenting_more = StringField(lazy_gettext("Presenting cities"), filters=[one_line])
    receiving = SelectMultipleField(lazy_gettext("Cities that take the practice home"), coerce=int)
    receiving_more = StringField(
        lazy_gettext("Cities that take the practice home"), filters=[one_line]
    )
    tell = BooleanField(lazy_gettext("Send those invited a letter about the change"))

    def __init__(self, given: Any, session: Session, lists: Lists) -> None:
        """given: the fields sent, None for a form as the session is."""
        self._lists = lists
        now = {name: getattr(session, name) for name in _SAME_NAME}
        for role in CITY_ROLES:
            now[role] = [part.city_id for part in session.cities if part.role == role]
        super().__init__(
            formdata=given,
            data={
                **now, "length": session.duration_min, "tell": True,
                "topic": str(session.topic_id or ""), "owner": str(session.owner_id or ""),
            },
        )  # fmt: skip
        self._offer(session)
        self.always_answered("length", "format", "mode", "language", "visibility", "tell")
        self.always_answered(*CITY_ROLES, *(f"{role}_more" for role in CITY_ROLES))

    def _offer(self, session: Session) -> None:
        said = reader.locale()
        lengths = sorted({*LENGTHS_MIN, session.duration_min})
        self.length.choices = [(m, typography.duration(m * 60, said)) for m in lengths]
        self.format.choices = list(formats().items())
        self.mode.choices = list(modes().items())
        self.visibility.choices = list(visibilities().items())
        self.language.choices = list(languages(session.language).items())
        self.topic.choices = [("", gettext("No topic"))] + [
            (str(topic.id), topic.title_in(said)) for topic in self._lists.topics
        ]
        self.owner.choices = [("", gettext("Nobody in particular"))] + [
            (str(person.id), person.name) for person in self._lists.owners
        ]
        for role in CITY_ROLES:
            self[role].choices = [(city.id, city.name_in(said)) for city in self._lists.cities]
            self[role].data = self[role].data or []

    def validate_host_more(self, field: StringField) -> None:
        self.take_cities("host")

    def validate_presenting_more(self, field: StringField) -> None:
        self.take_cities("presenting")

    def validate_receiving_more(self, field: StringField) -> None:
        self.take_cities("receiving")

    def take_cities(self, role: str) -> None:
        """Tick the cities that were typed by name. Raises ValidationError for unknown ones."""
        typed = self[f"{role}_more"]
        found, unknown = known_cities(typed.data or "", self._lists.cities)
        self[role].data = list(dict.fromkeys([*self[role].data, *(city.id for city in found)]))
        typed.data = ", ".join(unknown)
        if unknown:
            raise ValidationError(
                gettext("There is no city called %(name)s. Choose one of the list.",
                        name=", ".join(f"«{name}»" for name in unknown))
            )  # fmt: skip

    def chosen(self, role: str) -> list[tuple[int, str]]:
        """(id, name) of the cities ticked for a role, in the order in which they were."""
        names = dict(self[role].choices)
        return [(id_, names[id_]) for id_ in self[role].data if id_ in names]

    def description(self, agenda: Sequence[Item]) -> Description:
        """What a valid form asks for."""
        said: dict[str, Any] = {name: self[name].data for name in _SAME_NAME}
        said |= {name: self[name].data or "" for name in _TEXTS}
        said |= {role: tuple(self[role].data) for role in CITY_ROLES}
        return Description(
            **said,
            duration_min=self.length.data,
            topic_id=int(self.topic.data) if self.topic.data else None,
            owner_id=int(self.owner.data) if self.owner.data else None,
            agenda=tuple(agenda),
        )


def languages(used: str = "ru") -> Mapping[str, str]:
    """The languages in which sessions are held, the one in use among them."""
    known = {"ru": gettext("Russian"), "en": gettext("English")}
    return known if used in known else {**known, used: used}
