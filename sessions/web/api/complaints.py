"""What marshmallow says of a value, in the caller's language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

_SAID: Mapping[str, str] = {
    "Missing data for required field.": lazy_gettext("This is missing."),
    "Field may not be null.": lazy_gettext("This may not be null."),
    "Unknown field.": lazy_gettext("There is no such field."),
    "Invalid input type.": lazy_gettext("An object is needed here."),
    "Invalid JSON body.": lazy_gettext("This is no JSON."),
    "Not a valid string.": lazy_gettext("Text is needed here."),
    "Not a valid integer.": lazy_gettext("A whole number is needed here."),
    "Not a valid boolean.": lazy_gettext("True or false is needed here."),
    "Not a valid list.": lazy_gettext("A list is needed here."),
    "Not a valid date.": lazy_gettext("Write the date like this: 2026-10-15."),
    "Not a valid time.": lazy_gettext("Write the hour like this: 10:00."),
    "Not a valid datetime.": lazy_gettext("Write date and hour like this: 2026-10-15T10:00."),
    "Not a valid naive datetime.": lazy_gettext(
        "Write date and hour without an offset, and the zone in tz."
    ),
    "Not a valid email address.": lazy_gettext("This is no e-mail address."),
}
_CHOICES = re.compile(r"Must be one of: (?P<choices>.*)\.", re.DOTALL)
_BETWEEN = re.compile(
    r"Must be greater than or equal to (?P<low>\S+) and less than or equal to (?P<high>\S+)\."
)
_LENGTH = re.compile(r"Length must be between (?P<low>\d+) and (?P<high>\d+)\.")
_LONGER = re.compile(r"Longer than maximum length (?P<high>\d+)\.")
_SHORTER = re.compile(r"Shorter than minimum length (?P<low>\d+)\.")


def said(complaint: str) -> str:
    """The complaint in the language of this call; one that is not known stays as it is."""
    known = _SAID.get(complaint)
    if known is not None:
        return str(known)
    if found := _CHOICES.fullmatch(complaint):
        return str(gettext("Choose one of these: %(choices)s.", choices=found["choices"]))
    if found := _BETWEEN.fullmatch(complaint):
        return str(gettext("It must be from %(low)s to %(high)s.", **found.groupdict()))
    if found := _LENGTH.fullmatch(complaint):
        sentence = gettext(
            "It must be from %(low)s to %(high)s characters or entries long.", **found.groupdict()
        )
        return str(sentence)
    if found := _LONGER.fullmatch(complaint):
        return str(gettext("Make it at most %(high)s characters or entries.", high=found["high"]))
    if found := _SHORTER.fullmatch(complaint):
        return str(gettext("Make it at least %(low)s characters or entries.", low=found["low"]))
    return complaint


def no_zone() -> str:
    """What is said of a name that is no zone."""
    return str(gettext("This is no IANA zone, such as Europe/Moscow."))


def no_such_hour() -> str:
    """What is said of an hour that clocks skip when they go forward."""
    return str(gettext("There is no such hour on this day: the clocks go forward over it."))


def none_such(ids: str) -> str:
    """What is said of numbers that no row has."""
    return str(gettext("There is none with this number: %(ids)s.", ids=ids))


def nobody() -> str:
    """What is said of a speaker without a number and without a name."""
    return str(gettext("Give the person's number, or a name."))


def of_rule(field: str, trouble: str) -> str:
    """What is said of a rule that cannot be: what its field lacks, or that it does not belong."""
    if trouble == "missing":
        return str(gettext("This kind of rule needs %(field)s.", field=field))
    if trouble == "unknown":
        return str(gettext("This kind of rule has no %(field)s.", field=field))
    if field == "last_on" and trouble.startswith("before"):
        return str(gettext("The last date is before the first. Pick a later one."))
    if "ten years" in trouble:
        return str(gettext("A rule goes on for ten years at most. Shorten it."))
    return str(gettext("This does not make a rule: %(field)s.", field=field))


def too_many_dates(most: int) -> str:
    """What is said of a rule that gives more dates than anybody plans."""
    return str(gettext("The rule gives more than %(most)s dates. Shorten it.", most=most))
