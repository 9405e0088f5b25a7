"""What was found, as a page shows it: a few moments a talk, and where in it the others are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote_plus

from sqlalchemy import select

from archive.models import Entry, Talk
from archive.search import Checked, Moment, checked, moments_of
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from integrations.textsearch.port import Found as Hit
from integrations.textsearch.port import TextIndex

PAGE = 10
MOST = 300
A_TALK = 3
TICKS = 40
APART = 10  # percent of a line of 250 pixels: WCAG 2.2, criterion 2.5.8 asks for 24 pixels
KINDS = frozenset({"speech", "slide", "chapter", "talk"})
PLACES = ("speech", "slide")


@dataclass(frozen=True)
class Tick:
    """A moment on the line of its talk. `percent` of the talk's length, 0 to 100.

    is_apart: far enough from the others that a finger hits it; the rest are only drawn.
    """

    url: str
    start_s: float
    percent: int
    is_this: bool
    is_apart: bool = True


@dataclass(frozen=True)
class HitOfPage:
    """A moment and its talk. `is_shown`: a slide shows the words while they are said."""

    moment: Moment
    is_shown: bool
    ticks: tuple[Tick, ...]
    others: int
    url: str


@dataclass(frozen=True)
class Hits:
    """One page of hits. `moments` and `talks` are of all pages; at least so many unless `is_exact`.

    places: how many moments were said and how many shown, where all are known.
    """

    hits: list[HitOfPage]
    moments: int
    talks: int
    is_exact: bool
    approximate: bool
    available: bool
    page: int
    pages: int
    places: dict[str, int] | None


@dataclass(frozen=True)
class Upcoming:
    """Something that will take place, and holds the words. starts_at: None until it has a date."""

    title: str
    url: str
    starts_at: datetime | None
    format: str
    names: str
    title_en: str = ""

    def title_in(self, locale: str) -> str:
        """The title for a reader of this language."""
        return self.title_en if locale == "en" and self.title_en else self.title


@dataclass
class _Kept:
    entry: Entry
    hit: Hit
    is_both: bool = False


@dataclass
class _Talks:
    """What the talks of the hits are called, and whether the words stand there already."""

    words: str
    talks: dict[int, Talk]
    named: dict[int, bool] = field(default_factory=dict)

    def names(self, talk_id: int) -> bool:
        if talk_id not in self.named:
            talk = self.talks[talk_id]
            said = " ".join([talk.title, *talk.speakers, *talk.cities])
            self.named[talk_id] = bool(ports.get(TextIndex).marks(said, self.words))
        return self.named[talk_id]


def hits(
    words: str, viewer: Viewer, *, page: int = 1, place: str = "", talk_id: int | None = None
) -> Hits:
    """The page of moments for these words, at most A_TALK of one talk unless it is asked for.

    place: "speech" or "slide" for only what was said, or shown.
    """
    found = checked(words, viewer, limit=MOST, kinds=KINDS, talk_id=talk_id)
    is_whole = found.total <= MOST
    kept = _kept(found, words)
    places = {one: sum(_is_at(each, one) for each in kept) for one in PLACES} if is_whole else None
    if place and not is_whole:
        found = checked(words, viewer, limit=MOST, kinds=frozenset({place}), talk_id=talk_id)
        is_whole, kept = found.total <= MOST, _kept(found, words)
    if place:
        kept = [one for one in kept if _is_at(one, place)]
    shown = kept if talk_id else _few_a_talk(kept)
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(page, 1), pages)
    return Hits(
        hits=_page(shown[(page - 1) * PAGE : page * PAGE], shown, kept, words),
        moments=len(kept),
        talks=len({one.entry.talk_id for one in kept}),
        is_exact=is_whole and found.total_is_exact,
        approximate=found.approximate and bool(kept),
        available=found.available,
        page=page,
        pages=pages,
        places=places,
    )


def upcoming(words: str, viewer: Viewer, now: datetime, limit: int = 3) -> list[Upcoming]:
    """What will take place and holds every one of the words, best first."""
    found = checked(words, viewer, limit=50, kinds=frozenset({"session"}))
    return [
        Upcoming(
            title=entry.title,
            url=entry.url,
            starts_at=starts_at,
            format=entry.facets.get("format", ""),
            names=entry.names,
            title_en=entry.facets.get("title_en", ""),
        )
        for entry, hit in found.entries
        if hit.complete
        and _is_to_come(starts_at := _instant(entry.facets.get("starts_at")), entry.facets, now)
    ][:limit]


def _is_to_come(starts_at: datetime | None, facets: Mapping[str, object], now: datetime) -> bool:
    return starts_at > now if starts_at else bool(facets.get("undated"))


def with_words(url: str, words: str) -> str:
    """The address of a moment with the words that shall be marked there."""
    address, mark, anchor = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}q={quote_plus(words)}{mark}{anchor}"


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def _is_at(one: _Kept, place: str) -> bool:
    return one.is_both or one.entry.kind == place


def _kept(found: Checked, words: str) -> list[_Kept]:
    """The hits that hold the words themselves, and not only in the name of their talk.

    What is said and what a slide shows at that time are one moment.
    """
    talk_ids = {entry.talk_id for entry, _ in found.entries if entry.talk_id}
    talks = _Talks(
        words,
        {talk.id: talk for talk in db.session.scalars(select(Talk).where(Talk.id.in_(talk_ids)))},
    )
    index = ports.get(TextIndex)
    kept: list[_Kept] = []
    of_talk: dict[int, list[_Kept]] = {}
    for entry, hit in found.entries:
        talk_id = entry.talk_id or 0
        is_part = entry.kind != "talk" and talk_id in talks.talks
        if is_part and talks.names(talk_id) and not index.marks(entry.text, words):
            continue
        beside = of_talk.setdefault(talk_id, [])
        twin = next((one for one in beside if _is_same_moment(one, entry)), None)
        if twin is None:
            one = _Kept(entry, hit)
            kept.append(one)
            beside.append(one)
            continue
        twin.is_both = True
        if entry.kind == "speech":
            twin.entry = entry
    return kept


def _is_same_moment(one: _Kept, entry: Entry) -> bool:
    if one.is_both or {one.entry.kind, entry.kind} != {"speech", "slide"}:
        return False
    starts, ends = (one.entry.start_s, entry.start_s), (one.entry.end_s, entry.end_s)
    if None in starts:
        return False
    latest = max(start for start in starts if start is not None)
    earliest = min((end for end in ends if end is not None), default=latest)
    return latest < earliest


def _few_a_talk(kept: list[_Kept]) -> list[_Kept]:
    """The best of each talk, one that leads to a second among them wherever there is one."""
    by_talk: dict[int | None, list[_Kept]] = {}
    for one in kept:
        by_talk.setdefault(one.entry.talk_id, []).append(one)
    chosen: set[int] = set()
    for same in by_talk.values():
        best = same[:A_TALK]
        timed = next((one for one in same if one.entry.start_s is not None), None)
        if timed is not None and timed not in best:
            best[-1] = timed
        chosen.update(one.entry.id for one in best)
    return [one for one in kept if one.entry.id in chosen]


def _page(
    of_page: list[_Kept], shown: list[_Kept], kept: list[_Kept], words: str
) -> list[HitOfPage]:
    moments = moments_of([(one.entry, one.hit) for one in of_page], words)
    told: set[int] = set()
    page = []
    for one, moment in zip(of_page, moments, strict=True):
        talk = moment.talk
        ticks: tuple[Tick, ...] = ()
        others = 0
        if talk is not None and talk.id not in told:
            told.add(talk.id)
            same = [other for other in kept if other.entry.talk_id == talk.id]
            others = len(same) - sum(other.entry.talk_id == talk.id for other in shown)
            ticks = _ticks(talk, same, one, words)
        page.append(HitOfPage(moment, one.is_both, ticks, others, with_words(moment.url, words)))
    return page


def _ticks(talk: Talk, same: list[_Kept], this: _Kept, words: str) -> tuple[Tick, ...]:
    placed = [(one, one.entry.start_s) for one in same if one.entry.start_s is not None]
    if not talk.duration_s or len(placed) < 2:
        return ()
    ticks = [
        Tick(
            url=with_words(f"/talks/{talk.id}?t={int(start_s)}", words),
            start_s=start_s,
            percent=min(100, max(0, round(100 * start_s / talk.duration_s))),
            is_this=one is this,
        )
        for one, start_s in placed[:TICKS]
    ]
    return _apart(sorted(ticks, key=lambda tick: tick.start_s))


def _apart(ticks: list[Tick]) -> tuple[Tick, ...]:
    """The ticks, this moment's and as many others as keep APART from it and one another marked."""
    kept = [tick.percent for tick in ticks if tick.is_this]
    found = []
    for tick in ticks:
        is_apart = tick.is_this or all(abs(tick.percent - one) >= APART for one in kept)
        if is_apart and not tick.is_this:
            kept.append(tick.percent)
        found.append(replace(tick, is_apart=is_apart))
    return tuple(found)
