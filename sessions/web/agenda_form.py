"""The agenda in a form: rows that are added, moved and taken away without losing a word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from sessions.flows.describing import Item, Newcomer
from sessions.models.people import Person
from sessions.models.programme import City
from sessions.models.session import Session, Speaker
from sessions.rules import addresses, wording
from sessions.rules.agenda import offset_min
from sessions.web import people_search, typography
from sessions.web.city_names import known_city
from sessions.web.planner_forms import LONGEST_TITLE

NEW_ITEM_MIN = 20
LONGEST_ITEM_MIN = 1440
MOST_ROWS = 99
NAMES = ("family", "given", "patronymic", "post", "organisation", "city", "email")
_TEXTS = ("title", "title_en", "place")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.\-]?(\d{2}))?")


@dataclass
class SpeakerRow:
    """One speaker: someone known, someone looked for (`who`), or the fields of a newcomer."""

    key: str
    person: Person | None = None
    who: str = ""
    matches: Sequence[Person] = ()
    new: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES, ""))
    errors: dict[str, str] = field(default_factory=dict)
    speaks: Speaker | None = None

    @property
    def is_newcomer(self) -> bool:
        return self.person is None and any(self.new.values())

    @property
    def is_empty(self) -> bool:
        return self.person is None and not self.who and not self.is_newcomer


@dataclass
class ItemRow:
    """One line of the agenda as it was typed."""

    key: str
    id: int | None = None
    at: str = ""
    length: str = str(NEW_ITEM_MIN)
    title: str = ""
    title_en: str = ""
    place: str = ""
    speakers: list[SpeakerRow] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        texts = (self.title, self.title_en, self.place)
        return not any(texts) and all(speaker.is_empty for speaker in self.speakers)

    @property
    def clock(self) -> time | None:
        found = _CLOCK.fullmatch(self.at.strip())
        try:
            return time(int(found[1]), int(found[2] or 0)) if found else None
        except ValueError:
            return None

    @property
    def minutes(self) -> int | None:
        text = self.length.strip()
        return int(text) if text.isdecimal() and 0 < int(text[:6]) <= LONGEST_ITEM_MIN else None


@dataclass
class AgendaForm:
    """The rows, in the order in which the page shows them."""

    session: Session
    cities: Sequence[City]
    rows: list[ItemRow] = field(default_factory=list)

    @property
    def order(self) -> str:
        """Which rows there are, for the page to send back: "0:0,1;1:"."""
        return ";".join(
            f"{row.key[1:]}:{','.join(one.key.partition('s')[2] for one in row.speakers)}"
            for row in self.rows
        )

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(id of the field, sentence) of all that is wrong."""
        found: list[tuple[str, str]] = []
        for row in self.rows:
            found += [(f"{row.key}-{name}", text) for name, text in row.errors.items()]
            for one in row.speakers:
                found += [(f"{one.key}-{name}", text) for name, text in one.errors.items()]
        return found

    def validate(self) -> bool:
        """Whether all can be saved; rows left empty are forgotten, people named in full found."""
        for row in self.rows:
            row.speakers = [one for one in row.speakers if not one.is_empty]
        self.rows = [row for row in self.rows if not row.is_empty]
        for row in self.rows:
            _check_item(row)
            for speaker in row.speakers:
                self._check_speaker(speaker)
        return not self.errors

    def items(self, duration_min: int) -> tuple[Item, ...]:
        """What valid rows ask for, in a session of this length."""
        wall = self.session.wall
        return tuple(
            Item(
                id=row.id,
                offset_min=offset_min(wall, duration_min, row.clock or time()),
                duration_min=row.minutes or 0,
                title=row.title,
                title_en=row.title_en,
                place=row.place,
                speakers=tuple(self._whom(one) for one in row.speakers),
            )
            for row in self.rows
        )

    def look_for(self, speaker: SpeakerRow) -> Person | None:
        """The person whom the row names in full; else the row gets those it may mean."""
        speaker.matches = people_search.find(speaker.who)
        found = people_search.meant(speaker.who, speaker.matches)
        if found is not None:
            speaker.person, speaker.who, speaker.matches = found, "", ()
        elif speaker.matches:
            speaker.errors["who"] = gettext("Choose who is meant, or fill in a new person.")
        else:
            speaker.errors["who"] = gettext("Nobody is known by this. Fill in a new person.")
            self._fill_in(speaker)
        return found

    def _fill_in(self, speaker: SpeakerRow) -> None:
        """Spare the host typing twice what they looked for."""
        if speaker.is_newcomer:
            return
        if "@" in speaker.who:
            speaker.new["email"] = speaker.who
        else:
            names = addresses.split_name(speaker.who)
            speaker.new.update(zip(("family", "given", "patronymic"), names, strict=True))

    def _check_speaker(self, speaker: SpeakerRow) -> None:
        if speaker.person is not None:
            return
        if not speaker.is_newcomer:
            self.look_for(speaker)
            return
        if not (speaker.new["family"] or speaker.new["given"]):
            speaker.errors["family"] = gettext("Write the name of the speaker.")
        if speaker.new["email"] and not _address(speaker.new["email"]):
            speaker.errors["email"] = gettext("This is no whole address, like name@example.org.")
        if speaker.new["city"] and known_city(speaker.new["city"], self.cities) is None:
            speaker.errors["city"] = gettext("There is no such city. Choose one of the list.")

    def _whom(self, speaker: SpeakerRow) -> int | Newcomer:
        if speaker.person is not None:
            return speaker.person.id
        new = dict(speaker.new)
        city = known_city(new.pop("city"), self.cities)
        return Newcomer(
            city_id=city.id if city else None, **{**new, "email": _address(new["email"])}
        )


def _address(text: str) -> str:
    """The one address of the text, empty where it holds another number of them."""
    read = addresses.read_addresses(text)
    return read.people[0][1] if len(read.people) == 1 and not read.unclear else ""


def _check_item(row: ItemRow) -> None:
    if not row.title:
        row.errors["title"] = gettext("Write what is shown.")
    elif len(row.title) > LONGEST_TITLE:
        row.errors["title"] = gettext("Make it at most %(max)d characters.", max=LONGEST_TITLE)
    if row.clock is None:
        row.errors["at"] = gettext("Write the hour like this: 10:00.")
    if row.minutes is None:
        row.errors["length"] = gettext("Write the minutes as a number, at most 1440.")


def of(session: Session, cities: Sequence[City]) -> AgendaForm:
    """The agenda as it is saved."""
    zone = ZoneInfo(session.tz)
    form = AgendaForm(session, cities)
    for number, item in enumerate(session.agenda):
        starts = (session.starts_at + timedelta(minutes=item.offset_min)).astimezone(zone)
        form.rows.append(
            ItemRow(
                key=f"i{number}", id=item.id, at=typography.clock(starts),
                length=str(item.duration_min), title=item.title, title_en=item.title_en,
                place=item.place,
                speakers=[
                    SpeakerRow(f"i{number}s{place}", person=one.person, speaks=one)
                    for place, one in enumerate(item.speakers)
                ],
            )
        )  # fmt: skip
    return form


def read(sent: Mapping[str, str], session: Session, cities: Sequence[City]) -> AgendaForm:
    """The agenda as it was typed, whatever is wrong with it."""
    form = AgendaForm(session, cities)
    speaking = {(item.id, one.person_id): one for item in session.agenda for one in item.speakers}
    for key, places in _rows(sent.get("agenda", "")):
        row = ItemRow(key, id=_number(sent.get(f"{key}-id")))
        row.at, row.length = sent.get(f"{key}-at", ""), sent.get(f"{key}-length", "")
        for name in _TEXTS:
            setattr(row, name, wording.one_line(sent.get(f"{key}-{name}", "")))
        row.speakers = [_speaker(sent, f"{key}s{place}") for place in places]
        form.rows.append(row)
    _know(form, sent, speaking)
    return form


def _rows(order: str) -> list[tuple[str, list[str]]]:
    found = []
    for part in order.split(";")[:MOST_ROWS]:
        number, _, speakers = part.partition(":")
        if number.isdecimal():
            places = [one for one in speakers.split(",")[:MOST_ROWS] if one.isdecimal()]
            found.append((f"i{number}", places))
    return found


def _speaker(sent: Mapping[str, str], key: str) -> SpeakerRow:
    row = SpeakerRow(key, who=wording.one_line(sent.get(f"{key}-who", "")))
    row.new = {name: wording.one_line(sent.get(f"{key}-{name}", "")) for name in NAMES}
    return row


def _know(
    form: AgendaForm, sent: Mapping[str, str], speaking: Mapping[tuple[int, int], Speaker]
) -> None:
    """Look up the people of all rows at once."""
    rows = [(row, one) for row in form.rows for one in row.speakers]
    chosen = {
        one.key: _number(sent.get(f"{one.key}-match")) or _number(sent.get(f"{one.key}-person"))
        for _, one in rows
    }
    people = {one.id: one for one in people_search.by_ids(filter(None, chosen.values()))}
    for row, one in rows:
        one.person = people.get(chosen[one.key] or 0)
        if one.person is not None:
            one.who, one.new = "", dict.fromkeys(NAMES, "")
            one.speaks = speaking.get((row.id or 0, one.person.id))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
