"""The words of sheets: headings of columns, questions, refusals, values as a reader sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, ngettext, pgettext

from sessions.sheets import vocabulary
from sessions.sheets.known import Known
from sessions.sheets.people_named import NewPerson
from sessions.sheets.rows import DAY, KEEP, MONTH, NEW, NONE, SAME, Problem, Question
from sessions.web import reader, typography


def headings() -> dict[str, str]:
    """What the columns are called in the files we write; the same words are read again."""
    return {
        "key": pgettext("column of a sheet", "Key"),
        "title": pgettext("column of a sheet", "Title"),
        "title_en": pgettext("column of a sheet", "Title in English"),
        "date": pgettext("column of a sheet", "Date"),
        "time": pgettext("column of a sheet", "Start"),
        "end": pgettext("column of a sheet", "End"),
        "zone": pgettext("column of a sheet", "Time zone"),
        "duration": pgettext("column of a sheet", "Length, min"),
        "format": pgettext("column of a sheet", "Format"),
        "mode": pgettext("column of a sheet", "Attendance"),
        "presenting": pgettext("column of a sheet", "Presenting cities"),
        "receiving": pgettext("column of a sheet", "Receiving cities"),
        "speakers": pgettext("column of a sheet", "Speakers"),
        "place": pgettext("column of a sheet", "Place"),
        "topic": pgettext("column of a sheet", "Topic"),
        "summary": pgettext("column of a sheet", "Summary"),
        "language": pgettext("column of a sheet", "Language"),
        "visibility": pgettext("column of a sheet", "Open to"),
        "state": pgettext("column of a sheet", "State"),
    }


def states() -> dict[str, str]:
    """The states of a session in words."""
    return {
        "draft": gettext("Draft"),
        "scheduled": gettext("Scheduled"),
        "postponed": gettext("Postponed"),
        "live": gettext("Live now"),
        "held": gettext("Held"),
        "cancelled": gettext("Cancelled"),
    }


def statuses() -> dict[str, str]:
    """What becomes of a row, in a word."""
    return {
        "new": pgettext("row of a sheet", "New"),
        "changed": pgettext("row of a sheet", "Changed"),
        "unchanged": pgettext("row of a sheet", "As it was"),
        "unclear": pgettext("row of a sheet", "Unclear"),
        "refused": pgettext("row of a sheet", "Not taken"),
        "left_out": pgettext("row of a sheet", "Left out"),
    }


def problem(one: Problem) -> str:
    """The sentence for what is wrong with a row, or worth knowing of it."""
    facts = dict(one.facts)
    if "column" in facts:
        facts["column"] = headings().get(facts["column"], facts["column"])
    said = reader.locale()
    for name in ("on", "first", "last"):
        if isinstance(facts.get(name), date):
            facts[name] = typography.date_long(facts[name], said)
    return str(_PROBLEMS[one.code](facts))


_PROBLEMS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "no_title": lambda f: gettext("There is no title."),
    "no_date": lambda f: gettext("There is no date."),
    "bad_date": lambda f: gettext(
        "“%(given)s” is no date that can be read. Write it like this: 22.09.2026.", **f
    ),
    "bad_time": lambda f: gettext(
        "“%(given)s” is no hour that can be read. Write it like this: 10:00.", **f
    ),
    "bad_duration": lambda f: gettext(
        "“%(given)s” is no length that can be read. Write minutes: 90.", **f
    ),
    "ends_before": lambda f: gettext("It ends at %(given)s, before it begins.", **f),
    "too_long": lambda f: gettext(
        "“%(column)s” is too long: at most %(most)s characters fit.", **f
    ),
    "formula": lambda f: gettext(
        "“%(column)s” holds a formula without a value. Open the sheet in your program, save it "
        "and send it again.", **f
    ),
    "outside": lambda f: gettext(
        "%(on)s is not within the season: it goes from %(first)s to %(last)s.", **f
    ),
    "no_such_hour": lambda f: gettext(
        "There is no hour %(given)s on %(on)s: the clocks go forward over it.", **f
    ),
    "other_season": lambda f: gettext(
        "The key %(given)s is not of this season: a new session will be made.", **f
    ),
    "same_key": lambda f: gettext("The key %(given)s stands in row %(row)s already.", **f),
    "same_row": lambda f: gettext("Row %(row)s says exactly the same.", **f),
    "state": lambda f: gettext(
        "The session is live, over or cancelled: a sheet does not change it."
    ),
    "new_person": lambda f: gettext("%(name)s is not known yet and will be added.", **f),
}  # fmt: skip


def question(one: Question) -> str:
    """What is asked, as a sentence."""
    kind, given = one.kind, one.given
    if kind == "day_off":
        on = date.fromisoformat(one.key.partition(":")[2])
        day = typography.date_long(on, reader.locale())
        return gettext("%(day)s is a day off: %(name)s.", day=day, name=given)
    if kind == "identity":
        key = one.key.partition(":")[2]
        return gettext(
            "The key %(key)s belonged to “%(given)s”. Is it the same session?", key=key, given=given
        )
    return str(_QUESTIONS[kind](given))


_QUESTIONS: Mapping[str, Callable[[str], str]] = {
    "city": lambda given: gettext("Which city is “%(given)s”?", given=given),
    "zone": lambda given: gettext("Whose time is “%(given)s”?", given=given),
    "format": lambda given: gettext("Which format is “%(given)s”?", given=given),
    "mode": lambda given: gettext("How do people take part: “%(given)s”?", given=given),
    "visibility": lambda given: gettext("Who may open it: “%(given)s”?", given=given),
    "language": lambda given: gettext("Which language is “%(given)s”?", given=given),
    "topic": lambda given: gettext("Which topic is “%(given)s”?", given=given),
    "speaker": lambda given: gettext("Who is “%(given)s”?", given=given),
    "time": lambda given: gettext("At what hour do they begin? The sheet does not say."),
    "past": lambda given: gettext("The date has passed."),
    "hidden": lambda given: gettext("Hidden in the sheet."),
    "slashes": lambda given: gettext(
        "What comes first in dates such as “%(given)s”: the day or the month?", given=given
    ),
    "moved": lambda given: gettext(
        "“%(given)s” is in the plan on another date. Was it moved, or is this one more?",
        given=given,
    ),
    "renamed": lambda given: gettext(
        "“%(given)s” is planned for the same hour. Is this row that session under a new title, "
        "or one more?",
        given=given,
    ),
}


def choices(one: Question, known: Known) -> list[tuple[str, str]]:
    """(answer, words) of all that may be answered, the likeliest first; empty where it is typed."""
    kind = one.kind
    if kind in _PLAIN:
        return [(answer, words()) for answer, words in _PLAIN[kind]]
    if kind == "city":
        cities = {str(city.id): _city(known, city.id) for city in known.cities}
        rest = [city for city in cities if city not in one.offered]
        none = (NONE, gettext("Leave this city out"))
        return [(city, cities[city]) for city in (*one.offered, *rest)] + [none]
    if kind == "zone":
        zones = dict.fromkeys([*one.offered, known.home, *typography.RUSSIAN_ZONES])
        return [(zone, typography.zone_words(zone, reader.locale())) for zone in zones]
    if kind == "topic":
        return [(NONE, gettext("Without a topic"))] + [
            (str(topic), title) for topic, title in known.topics.items()
        ]
    if kind == "speaker":
        return [(answer, _person_choice(answer, known)) for answer in one.offered]
    return [(code, value(kind, code, known)) for code in one.offered]


_PLAIN: Mapping[str, list[tuple[str, Callable[[], str]]]] = {
    "time": [],
    "past": [(KEEP, lambda: gettext("Plan it all the same"))],
    "day_off": [(KEEP, lambda: gettext("Keep the date"))],
    "hidden": [(KEEP, lambda: gettext("Take them too"))],
    "moved": [(SAME, lambda: gettext("It was moved")), (NEW, lambda: gettext("It is one more"))],
    "slashes": [(DAY, lambda: gettext("The day")), (MONTH, lambda: gettext("The month"))],
    "renamed": [
        (SAME, lambda: gettext("It was renamed")), (NEW, lambda: gettext("It is one more")),
    ],
    "identity": [
        (SAME, lambda: gettext("The same, changed")), (NEW, lambda: gettext("Another one")),
    ],
}  # fmt: skip


def _person_choice(answer: str, known: Known) -> str:
    if answer == NONE:
        return gettext("Name nobody")
    if answer == NEW:
        return gettext("Someone not known yet")
    person = known.by_id[int(answer)]
    beside = (person.post, _city(known, person.city_id) if person.city_id else "")
    return ", ".join(filter(None, (person.name, *beside)))


def _city(known: Known, city_id: int) -> str:
    found = next((city for city in known.cities if city.id == city_id), None)
    if found is None:
        return ""
    return (found.name_en or found.name) if reader.locale() == "en" else found.name


def value(name: str, one: Any, known: Known) -> str:
    """A value of a column as a reader sees it; «—» for an empty one."""
    said = reader.locale()
    if one is None or one in ("", ()):
        return "—"
    if name == "date":
        return f"{typography.date_long(one, said)} {typography.weekday(one, said, short=True)}"
    if name == "time":
        return typography.clock(one)
    if name == "zone":
        return typography.zone_words(one, said)
    if name == "duration":
        return typography.duration(one * 60, said)
    if name in ("presenting", "receiving"):
        return ", ".join(_city(known, city) for city in one)
    if name == "speakers":
        return ", ".join(_speaker(person, known) for person in one)
    if name == "topic":
        return known.topics.get(one, "")
    return vocabulary.word(name, one, said) if name in vocabulary.NAMED else str(one)


def _speaker(one: int | NewPerson, known: Known) -> str:
    if isinstance(one, NewPerson):
        return one.name
    person = known.by_id.get(one)
    return person.name if person else ""


def to_do(made: int, changed: int, stays: int) -> str:
    """What applying would come to."""
    said = []
    if made:
        said.append(ngettext("%(num)s draft will be made.", "%(num)s drafts will be made.", made))
    if changed:
        said.append(ngettext("%(num)s session changes.", "%(num)s sessions change.", changed))
    if not said:
        said.append(gettext("There is nothing to do."))
    if stays:
        said.append(ngettext("%(num)s row stays out.", "%(num)s rows stay out.", stays))
    return " ".join(said)
