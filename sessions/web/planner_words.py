"""The words of the planner: rules, days off, formats, as they stand in its sentences and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from babel.lists import format_list
from flask_babel import gettext, ngettext, pgettext

from sessions.models.programme import Series
from sessions.rules import written_rules
from sessions.rules.recurrence import LAST, DatesRule, DayOfMonthRule, MonthlyRule, Rule, WeeklyRule
from sessions.web import reader, typography


def ordinals() -> Mapping[int, str]:
    """Which weekday of the month, as it stands in the sentence of the rule."""
    return {
        1: pgettext("which weekday of every month", "first"),
        2: pgettext("which weekday of every month", "second"),
        3: pgettext("which weekday of every month", "third"),
        4: pgettext("which weekday of every month", "fourth"),
        LAST: pgettext("which weekday of every month", "last"),
    }


def weekdays() -> Mapping[int, str]:
    """The days of the week, as they stand in the sentence of the rule."""
    return {
        0: pgettext("on the third … of every month", "Monday"),
        1: pgettext("on the third … of every month", "Tuesday"),
        2: pgettext("on the third … of every month", "Wednesday"),
        3: pgettext("on the third … of every month", "Thursday"),
        4: pgettext("on the third … of every month", "Friday"),
        5: pgettext("on the third … of every month", "Saturday"),
        6: pgettext("on the third … of every month", "Sunday"),
    }


def days_of_week() -> Mapping[int, str]:
    """The days of the week in short, for the boxes of the sentence."""
    return {
        0: pgettext("day of the week", "Mon"),
        1: pgettext("day of the week", "Tue"),
        2: pgettext("day of the week", "Wed"),
        3: pgettext("day of the week", "Thu"),
        4: pgettext("day of the week", "Fri"),
        5: pgettext("day of the week", "Sat"),
        6: pgettext("day of the week", "Sun"),
    }


def intervals() -> Mapping[int, str]:
    """Every how many weeks, as it stands in the sentence of the rule."""
    return {
        1: pgettext("on Tuesdays …", "every week"),
        2: pgettext("on Tuesdays …", "every other week"),
        3: pgettext("on Tuesdays …", "every third week"),
        4: pgettext("on Tuesdays …", "every fourth week"),
    }


def kinds() -> Mapping[str, str]:
    """What a rule may go by, as its chips say it."""
    return {
        "monthly": gettext("By a weekday of the month"),
        "day_of_month": gettext("By the day of the month"),
        "weekly": gettext("By weeks"),
        "dates": gettext("By dates, or a visit"),
    }


def policies(kind: str = "monthly") -> Mapping[str, str]:
    """What to do with a day off, as it stands in the sentence of a rule of this kind."""
    moved = (
        pgettext("if the date is a day off", "move it a week on")
        if kind == "monthly"
        else pgettext("if the date is a day off", "move it to the next working day")
    )
    return {
        "ask": pgettext("if the date is a day off", "ask me"),
        "skip": pgettext("if the date is a day off", "leave it out"),
        "shift": moved,
    }


def short_months() -> Mapping[str, str]:
    """What a month without the day does, as it stands in the sentence of the rule."""
    return {
        "last": pgettext("a month without this day", "meets on its last day"),
        "skip": pgettext("a month without this day", "is left out"),
    }


def rule_phrase(rule: Rule) -> str:
    """On which dates, in words that may stand alone: “on the third Thursday of every month”."""
    if isinstance(rule, MonthlyRule):
        words = {"n": _ordinal(rule.n), "weekday": weekdays()[rule.weekday]}
        return str(gettext("on the %(n)s %(weekday)s of every month", **words))
    if isinstance(rule, DayOfMonthRule):
        if rule.day == 31 and rule.short == "last":
            return str(gettext("on the last day of every month"))
        return str(gettext("on day %(day)s of every month", day=rule.day))
    if isinstance(rule, DatesRule):
        number = len(rule.dates)
        return str(ngettext("on %(num)s chosen date", "on %(num)s chosen dates", number))
    days, every = _joined(rule.weekdays), _interval(rule.every)
    return str(gettext("on %(weekdays)s, %(every)s", weekdays=days, every=every))


def rule_words(series: Series) -> str:
    """When the sessions of a series take place, in words that go on after it."""
    at = typography.clock(series.wall_start)
    zone = typography.zone_words(series.tz, reader.locale())
    try:
        rule = written_rules.from_json(series.rule)
    except ValueError:
        # Of a series that was never planned by a rule only the hour is known.
        return str(gettext("at %(at)s %(zone)s", at=at, zone=zone))
    return _words(rule, {"at": at, "zone": zone}, is_visit=series.is_visit)


def _words(rule: Rule, time: dict[str, str], *, is_visit: bool) -> str:
    if isinstance(rule, MonthlyRule):
        return str(
            gettext(
                "on the %(n)s %(weekday)s of every month at %(at)s %(zone)s",
                n=_ordinal(rule.n),
                weekday=weekdays()[rule.weekday],
                **time,
            )
        )
    if isinstance(rule, DayOfMonthRule):
        if rule.day == 31 and rule.short == "last":
            return str(gettext("on the last day of every month at %(at)s %(zone)s", **time))
        day = rule.day
        return str(gettext("on day %(day)s of every month at %(at)s %(zone)s", day=day, **time))
    if isinstance(rule, WeeklyRule):
        return str(
            gettext(
                "on %(weekdays)s, %(every)s, at %(at)s %(zone)s",
                weekdays=_joined(rule.weekdays),
                every=_interval(rule.every),
                **time,
            )
        )
    number, dates = len(rule.dates), _span(rule)
    if is_visit:
        return str(
            ngettext(
                "a visit of %(num)s day, %(dates)s, from %(at)s %(zone)s",
                "a visit of %(num)s days, %(dates)s, from %(at)s %(zone)s",
                number,
                dates=dates,
                **time,
            )
        )
    return str(
        ngettext(
            "on %(num)s chosen date, %(dates)s, at %(at)s %(zone)s",
            "on %(num)s chosen dates, %(dates)s, at %(at)s %(zone)s",
            number,
            dates=dates,
            **time,
        )
    )


def _span(rule: DatesRule) -> str:
    return typography.date_range(rule.first_on, rule.last_on, reader.locale())


def _ordinal(n: int) -> str:
    return ordinals().get(n, str(n))


def _interval(every: int) -> str:
    known = intervals().get(every)
    return known or str(ngettext("every %(num)s week", "every %(num)s weeks", every))


def _joined(days: Sequence[int]) -> str:
    names = _plural_weekdays()
    return format_list([names[day] for day in days], locale=reader.locale())


def _plural_weekdays() -> Mapping[int, str]:
    return {
        0: pgettext("on …, every week", "Mondays"),
        1: pgettext("on …, every week", "Tuesdays"),
        2: pgettext("on …, every week", "Wednesdays"),
        3: pgettext("on …, every week", "Thursdays"),
        4: pgettext("on …, every week", "Fridays"),
        5: pgettext("on …, every week", "Saturdays"),
        6: pgettext("on …, every week", "Sundays"),
    }


def formats() -> Mapping[str, str]:
    return {
        "video_conference": gettext("Video conference"),
        "internship": gettext("Internship"),
        "seminar": gettext("Seminar"),
        "project_session": gettext("Project session"),
        "consultation": gettext("Consultation"),
    }


def modes() -> Mapping[str, str]:
    return {
        "online": gettext("Online"),
        "in_person": gettext("In person"),
        "hybrid": gettext("In person and online"),
    }


def visibilities() -> Mapping[str, str]:
    return {
        "public": gettext("Everyone"),
        "members": gettext("Everyone who has signed in"),
        "participants": gettext("Only those invited"),
    }
