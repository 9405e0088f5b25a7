"""Moments, amounts and places in words, as the interface and the letters write them.

Pure: the locale is an argument, `ru` or `en`. Running text is set by `typo`. A result is plain
text with no-break spaces where a line must not end.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from sessions.web.typesetting import JOINER, NBSP, typo, typo_html

__all__ = [
    "JOINER", "NBSP", "clock", "date_full", "date_long", "date_range", "date_short", "duration",
    "filesize", "local_time", "month", "number", "offset", "percent", "time_range", "timecode",
    "typo", "typo_html", "weekday", "zone_city", "zone_words",
]  # fmt: skip

# The 26 zones that zone.tab gives Russia, as they stand after «по».
_DATIVE = {
    "Europe/Kaliningrad": "Калининграду",
    "Europe/Moscow": "Москве",
    "Europe/Kirov": "Кирову",
    "Europe/Volgograd": "Волгограду",
    "Europe/Astrakhan": "Астрахани",
    "Europe/Saratov": "Саратову",
    "Europe/Ulyanovsk": "Ульяновску",
    "Europe/Samara": "Самаре",
    "Asia/Yekaterinburg": "Екатеринбургу",
    "Asia/Omsk": "Омску",
    "Asia/Novosibirsk": "Новосибирску",
    "Asia/Barnaul": "Барнаулу",
    "Asia/Tomsk": "Томску",
    "Asia/Novokuznetsk": "Новокузнецку",
    "Asia/Krasnoyarsk": "Красноярску",
    "Asia/Irkutsk": "Иркутску",
    "Asia/Chita": "Чите",
    "Asia/Yakutsk": "Якутску",
    "Asia/Khandyga": "Хандыге",
    "Asia/Vladivostok": "Владивостоку",
    "Asia/Ust-Nera": "Усть-Нере",
    "Asia/Magadan": "Магадану",
    "Asia/Sakhalin": "Сахалину",
    "Asia/Srednekolymsk": "Среднеколымску",
    "Asia/Kamchatka": "Камчатке",
    "Asia/Anadyr": "Анадырю",
}
RUSSIAN_ZONES = tuple(_DATIVE)
_BYTES = {"ru": ("КБ", "МБ", "ГБ", "ТБ"), "en": ("KB", "MB", "GB", "TB")}
_BYTE = {
    "ru": {"one": "байт", "few": "байта", "many": "байт", "other": "байта"},
    "en": {"one": "byte", "other": "bytes"},
}
_UTC = ("UTC", "Etc/UTC")
_UNITS = {"ru": ("ч", "мин", "с"), "en": ("h", "min", "s")}


def clock(moment: datetime | time) -> str:
    """The hour on the clock of the moment itself: 9:00, never 09:00."""
    return f"{moment.hour}:{moment.minute:02}"


def time_range(start: datetime | time, end: datetime | time) -> str:
    """From one hour to another: 10:00–11:30."""
    return f"{clock(start)}–{clock(end)}"


def date_long(day: date, locale: str) -> str:
    """15 октября 2026."""
    return _written(f"d'{NBSP}'MMMM y", _day(day), locale)


def date_short(day: date, locale: str) -> str:
    """15 октября."""
    return _written(f"d'{NBSP}'MMMM", _day(day), locale)


def date_near(day: date, today: date, locale: str) -> str:
    """15 октября in the year of today, else 15 октября 2027."""
    return (date_short if day.year == today.year else date_long)(day, locale)


def date_full(day: date, locale: str) -> str:
    """четверг, 15 октября 2026; Thursday, 15 October 2026."""
    return f"{weekday(day, locale)}, {date_long(day, locale)}"


def weekday(day: date, locale: str, *, short: bool = False) -> str:
    """четверг, or чт."""
    return _written("EEE" if short else "EEEE", _day(day), locale)


def month(day: date, locale: str) -> str:
    """The month as a heading, with its year: Октябрь 2026."""
    words = _written("LLLL y", _day(day), locale)
    return words[0].upper() + words[1:]


def date_range(first: date, last: date, locale: str) -> str:
    """15–17 октября 2026; 30 октября — 2 ноября 2026; one date where both are the same."""
    first, last = _day(first), _day(last)
    if first == last:
        return date_long(last, locale)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{date_long(last, locale)}"
    start = date_short(first, locale) if first.year == last.year else date_long(first, locale)
    dash = "—" if locale == "ru" else "–"
    return f"{start}{NBSP}{dash} {date_long(last, locale)}"


# Kept: the dates of a season stand on its pages hundreds of times. By date alone: moments that are
# the same instant in two zones are one key, and may be two dates.
@lru_cache(maxsize=4096)
def _written(pattern: str, day: date, locale: str) -> str:
    return format_date(day, pattern, locale)


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def duration(length: float | timedelta, locale: str) -> str:
    """How long: 1 ч 28 мин; seconds only under a minute.

    length: in seconds where it is a number.
    """
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    hour, minute, second = _UNITS[locale]
    if 0 < seconds < 59.5:
        return f"{max(round(seconds), 1)}{NBSP}{second}"
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = [f"{hours}{NBSP}{hour}"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes}{NBSP}{minute}")
    return NBSP.join(parts)


def timecode(position_s: float) -> str:
    """A place in a recording: 4:07, 1:02:40. The second that has begun, as players count."""
    minutes, seconds = divmod(int(position_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def number(amount: float, locale: str, digits: int | None = None) -> str:
    """18 412; −3,5. With `digits`, exactly so many after the decimal mark."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(amount, format=pattern, locale=locale).replace("-", "−")


def percent(share: float, locale: str, digits: int = 1) -> str:
    """A share of one: 96,0 % in Russian, 96.0% in English."""
    return number(share * 100, locale, digits) + (f"{NBSP}%" if locale == "ru" else "%")


def filesize(size_bytes: int, locale: str) -> str:
    """4,6 МБ; 312 КБ; 512 байт. A kilobyte is 1024 bytes."""
    if size_bytes < 1024:
        form = Locale.parse(locale).plural_form(size_bytes)
        return f"{size_bytes}{NBSP}{_BYTE[locale][form]}"
    amount = size_bytes / 1024
    for unit in _BYTES[locale]:
        # 1023.6 KB would be written "1024 KB"
        if round(amount) < 1024 or unit == _BYTES[locale][-1]:
            break
        amount /= 1024
    digits = 1 if amount < 9.95 else 0
    written = number(amount, locale, digits)
    return f"{written.removesuffix('.0').removesuffix(',0')}{NBSP}{unit}"


def zone_words(zone: str, locale: str) -> str:
    """Whose time it is: «по Москве», Moscow time; «по времени: Берлин» outside Russia."""
    if zone in _UTC:
        return f"по{NBSP}UTC" if locale == "ru" else "UTC"
    if locale != "ru":
        return f"{zone_city(zone, locale)} time"
    dative = _DATIVE.get(zone)
    return f"по{NBSP}{dative}" if dative else f"по времени: {zone_city(zone, locale)}"


def zone_city(zone: str, locale: str) -> str:
    """The city a zone is named after: Екатеринбург; UTC where it is named after none."""
    if zone in _UTC:
        return "UTC"
    # Babel keeps some names under what the zone was called before: Asia/Calcutta for Asia/Kolkata.
    names = Locale.parse(locale).time_zones
    for known in (zone, *_former_names(zone)):
        if city := names.get(known, {}).get("city"):
            return str(city)
    return get_timezone_location(zone, locale, return_city=True).rpartition("/")[2]


def _former_names(zone: str) -> list[str]:
    return [former for former, today in get_global("zone_aliases").items() if today == zone]


def offset(moment: datetime, zone: str) -> str:
    """How far the zone is from UTC at the moment: UTC+5, UTC−3:30."""
    away = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    hours, minutes = divmod(round(abs(away).total_seconds() / 60), 60)
    sign = "−" if away < timedelta() else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "") if away else "UTC"


def local_time(moment: datetime, zone: str, locale: str, words: str = "") -> str:
    """The hour of an instant with its zone: «12:00 по Омску», «9:00 по времени: Берлин (UTC+1)».

    words: stands in for the zone's own words, such as «по Перми» for someone there.
    """
    local = moment.astimezone(ZoneInfo(zone))
    said = f"{clock(local)}{NBSP}{words or zone_words(zone, locale)}"
    return said if words or zone in _DATIVE or zone in _UTC else f"{said} ({offset(moment, zone)})"
