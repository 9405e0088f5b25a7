"""How a session is told in a calendar, in the reader's language and on the reader's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext

from integrations.calendaring.feed import Entry
from integrations.calendaring.invite import Occasion
from integrations.runtime import ports
from integrations.runtime.settings import Settings
from sessions.sheets import vocabulary
from sessions.web import typography
from sessions.web.typography import JOINER, NBSP

_DATES_KEPT = 4096
# Whoever is in these states has no seat yet: an offered one is theirs once they confirm it.
WAITING = ("waiting", "offered")


@dataclass(frozen=True)
class Reading:
    """For whom a calendar is written: the language, the zone, and what to call that zone.

    home_url, home_tz: the address and the zone of the programme.
    """

    locale: str
    tz: str
    home_url: str
    home_tz: str
    words: str = ""


def reading_of(locale: str, tz: str | None = None, words: str = "") -> Reading:
    """A reading in this installation; without a zone, in the programme's own."""
    settings = ports.get(Settings)
    home = settings.timezone
    return Reading(locale, tz or home, settings.base_url.rstrip("/"), home, words)


class Told(NamedTuple):
    """A session as the database packs it: instants are ISO texts, in UTC where no zone stands.

    token, registration: the secret of a join link and the state of whoever it is for, empty where
    everybody reads it.
    """

    id: int
    uid: str
    sequence: int
    revised_at: str
    starts_at: str
    duration_min: int
    state: str
    format: str
    mode: str
    place: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    token: str
    registration: str


class Wording:
    """Makes entries of rows for one reading; the sentences they share are looked up once."""

    def __init__(self, reading: Reading) -> None:
        locale = reading.locale
        self._locale, self._home = locale, reading.home_url
        self._label = plain(gettext("Join"))
        self._zones = [(reading.tz, reading.words or typography.zone_words(reading.tz, locale))]
        if reading.home_tz != reading.tz:
            self._zones.append((reading.home_tz, typography.zone_words(reading.home_tz, locale)))
        # Looked up here: three hundred sentences take longer to look up than to write.
        self._by_one = gettext("Presented by %(city)s.", city="%s")
        self._by_many = gettext("Presented by the cities %(cities)s.", cities="%s")
        self._formats = {
            code: vocabulary.word("format", code, locale) for code in vocabulary.codes("format")
        }
        self._off = {
            "cancelled": gettext(
                "This session is cancelled. It will not take place at the hour given here."
            ),
            "postponed": gettext(
                "This session is postponed. A new date will appear here; those invited get it "
                "by mail."
            ),
        }

    def entry(self, row: Told, cities: Sequence[str]) -> Entry:
        """One session; with a token, its join link stands in it."""
        english = self._locale == "en"
        title = (english and row.title_en) or row.title
        summary = (english and row.summary_en) or row.summary
        starts_at = _instant(row.starts_at)
        ends_at = starts_at + timedelta(minutes=row.duration_min)
        is_off = row.state in self._off
        waits = not is_off and row.registration in WAITING
        lines = self._lines(row.state, starts_at, ends_at, cities)
        told = Occasion(
            uid=row.uid, sequence=row.sequence, revised_at=_instant(row.revised_at),
            starts_at=starts_at, ends_at=ends_at, summary=self._title(title, row.state, waits),
            description="\n\n".join(filter(None, [lines, summary])),
            join_url=self._home + (f"/j/{row.token}" if row.token else f"/sessions/{row.id}"),
            conference_label=self._label if row.token and row.mode != "in_person" else "",
            place=row.place if row.mode != "online" else "",
        )  # fmt: skip
        return Entry(told, is_off, self._formats[row.format], is_tentative=waits)

    def _title(self, title: str, state: str, waits: bool) -> str:
        if waits:
            return gettext("waiting list: %(title)s", title=title)
        if state == "cancelled":
            return gettext("CANCELLED: %(title)s", title=title)
        if state == "postponed":
            return gettext("POSTPONED: %(title)s", title=title)
        return title

    def _lines(
        self, state: str, starts_at: datetime, ends_at: datetime, cities: Sequence[str]
    ) -> str:
        """What stands under the link: that it is off, or its hours; and which cities present."""
        if state in self._off:
            lines = [self._off[state]]
        else:
            hours = {hours_in(starts_at, ends_at, tz, self._locale): words
                     for tz, words in reversed(self._zones)}  # fmt: skip
            lines = [f"{line} {words}" for line, words in reversed(hours.items())]
        if cities:
            lines.append((self._by_many if len(cities) > 1 else self._by_one) % ", ".join(cities))
        return plain("\n".join(lines))


# Kept: a season's dates are told anew to every calendar that asks.
@lru_cache(maxsize=_DATES_KEPT)
def hours_in(starts_at: datetime, ends_at: datetime, tz: str, locale: str) -> str:
    """четверг, 15 октября 2026, 12:00–13:30."""
    start, end = starts_at.astimezone(ZoneInfo(tz)), ends_at.astimezone(ZoneInfo(tz))
    return f"{typography.date_full(start, locale)}, {typography.time_range(start, end)}"


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def plain(text: str) -> str:
    """With ordinary spaces, as calendars set their lines themselves."""
    return text.replace(JOINER, "").replace(NBSP, " ")
