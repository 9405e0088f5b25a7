"""What speaks against an hour, as sentences that lead to the other session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext, ngettext
from markupsafe import Markup
from sqlalchemy import select

from integrations.runtime.database import db
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.rules.conflicts import Conflict
from sessions.web import reader, typography
from sessions.web.overlaps import Named


@dataclass(frozen=True)
class Said:
    """A conflict in words. severity: grave, warning or notice."""

    severity: str
    text: Markup


@dataclass(frozen=True)
class Names:
    """The names that the sentences need: people and cities by id, sessions as they were found."""

    sessions: Mapping[int, Named] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    cities: Mapping[int, str] = field(default_factory=dict)


def names_of(
    conflicts: Iterable[Conflict],
    sessions: Mapping[int, Named],
    cities: Mapping[int, str] | None = None,
) -> Names:
    """The names for these conflicts, in two queries at most. cities: those known already."""
    people_ids, city_ids = set(), set()
    for one in conflicts:
        people_ids.add(one.person_id)
        city_ids |= {one.city_id, one.facts.get("from_city"), one.facts.get("to_city")}
    known = dict(cities or {})
    said = reader.locale()
    people = _people(sorted(id_ for id_ in people_ids if id_ is not None))
    missing = [id_ for id_ in city_ids if isinstance(id_, int) and id_ not in known]
    if missing:
        rows = db.session.scalars(select(City).where(City.id.in_(missing)))
        known |= {city.id: city.name_in(said) for city in rows}
    return Names(sessions, people, known)


def said(conflicts: Iterable[Conflict], names: Names) -> list[Said]:
    """The conflicts as sentences, one for each thing that is said, in their order."""
    found = [Said(one.severity, _WORDS[one.kind](one, names)) for one in conflicts]
    return list({one.text: one for one in found}.values())


def _people(ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    columns = select(Person.id, Person.given, Person.family).where(Person.id.in_(ids))
    return {id_: f"{given} {family}".strip() for id_, given, family in db.session.execute(columns)}


def _filled(sentence: str, **values: object) -> Markup:
    # Marked safe: the sentence is a translation of ours, what is put into it is escaped.
    return Markup(typography.typo_html(sentence)) % values  # noqa: S704


def _other(one: Conflict, names: Names) -> Markup:
    """The titles of the other sessions, each leading to its desk."""
    links = [
        Markup('<a href="{}">{}</a>').format(
            url_for("desk.show", session_id=id_), names.sessions[id_].title_in(reader.locale())
        )
        for id_ in one.with_sessions
        if id_ in names.sessions
    ]
    return Markup(", ").join(links)


def _speaker_twice(one: Conflict, names: Names) -> Markup:
    sentence = gettext("%(name)s is needed both here and in “%(title)s” at the same hour.")
    return _filled(sentence, name=_person(one, names), title=_other(one, names))


def _host_twice(one: Conflict, names: Names) -> Markup:
    sentence = gettext("%(name)s runs both this session and “%(title)s”.")
    return _filled(sentence, name=_person(one, names), title=_other(one, names))


def _city_twice(one: Conflict, names: Names) -> Markup:
    sentence = gettext("%(city)s presents “%(title)s” at the same hour.")
    return _filled(sentence, city=_city(one.city_id, names), title=_other(one, names))


def _account_full(one: Conflict, names: Names) -> Markup:
    ends = [names.sessions[id_] for id_ in one.with_sessions if id_ in names.sessions]
    if one.facts["capacity"] == 1 and len(ends) == 1:
        until = typography.local_time(ends[0].ends_at, ends[0].tz, reader.locale())
        sentence = gettext("The same room is taken by “%(title)s” until %(time)s.")
        return _filled(sentence, title=_other(one, names), time=until)
    sentence = ngettext(
        "Its service runs %(num)s room at a time, and “%(title)s” is at the same hour.",
        "Its service runs %(num)s rooms at a time, and “%(title)s” are at the same hour.",
        int(one.facts["capacity"] or 0),
        title="%(title)s",
    )
    return _filled(sentence, title=_other(one, names))


def _same_audience(one: Conflict, names: Names) -> Markup:
    title = _other(one, names)
    people, cities = int(one.facts["shared_people"] or 0), int(one.facts["shared_cities"] or 0)
    if people:
        sentence = ngettext(
            "%(num)s person is invited both here and to “%(title)s”.",
            "%(num)s people are invited both here and to “%(title)s”.",
            people,
            title="%(title)s",
        )
    elif cities:
        sentence = ngettext(
            "%(num)s city is invited both here and to “%(title)s”.",
            "%(num)s cities are invited both here and to “%(title)s”.",
            cities,
            title="%(title)s",
        )
    elif one.facts["same_topic"]:
        sentence = gettext("“%(title)s” is on the same topic at the same hour.")
    else:
        sentence = gettext("The same hour: “%(title)s”.")
    return _filled(sentence, title=title)


def _day_off(one: Conflict, _names: Names) -> Markup:
    sentence = gettext("This date is a day off: %(holiday)s.")
    return _filled(sentence, holiday=one.facts["name"])


def _outside_hours(one: Conflict, _names: Names) -> Markup:
    outside = typography.percent(float(one.facts["outside"] or 0), reader.locale(), 0)
    night = float(one.facts["night"] or 0)
    if night:
        at_night = typography.percent(night, reader.locale(), 0)
        sentence = gettext("%(share)s of the people are not at work at this hour, %(night)s sleep.")
        return _filled(sentence, share=outside, night=at_night)
    return _filled(gettext("%(share)s of the people are not at work at this hour."), share=outside)


def _travel(one: Conflict, names: Names) -> Markup:
    facts = one.facts
    who = _person(one, names) if one.person_id is not None else _city(one.city_id, names)
    words = {
        "name": who,
        "title": _other(one, names),
        "from_city": _city(facts["from_city"], names),
        "to_city": _city(facts["to_city"], names),
        "needed": typography.duration(float(facts["needed_s"] or 0), reader.locale()),
    }
    gap_s = float(facts["gap_s"] or 0)
    if gap_s <= 0:
        sentence = gettext(
            "%(name)s is needed in %(to_city)s and in %(from_city)s at once: see “%(title)s”."
        )
        return _filled(sentence, **words)
    words["gap"] = typography.duration(gap_s, reader.locale())
    sentence = gettext(
        "%(name)s: the way from %(from_city)s to %(to_city)s takes about %(needed)s, "
        "and “%(title)s” leaves %(gap)s."
    )
    return _filled(sentence, **words)


def _person(one: Conflict, names: Names) -> str:
    return names.people.get(one.person_id or 0, "")


def _city(city_id: object, names: Names) -> str:
    return names.cities.get(city_id, "") if isinstance(city_id, int) else ""


_WORDS: Mapping[str, Callable[[Conflict, Names], Markup]] = {
    "speaker_twice": _speaker_twice,
    "host_twice": _host_twice,
    "city_twice": _city_twice,
    "account_full": _account_full,
    "same_audience": _same_audience,
    "day_off": _day_off,
    "outside_hours": _outside_hours,
    "travel_person": _travel,
    "travel_city": _travel,
}
