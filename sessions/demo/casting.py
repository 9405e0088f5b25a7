"""Which session of the demo each talk was, and which ones are told by hand. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sessions.demo.repertoire import Content, Item, Repertoire
from sessions.demo.sample_talk import Timeline
from sessions.demo.sources import DemoSeason, Gathering
from sessions.demo.talk_text import TalkText
from sessions.demo.timetabling import HOME, Seasons, Slot, replaced, with_states
from sessions.rules.timetable import at

# Nobody hands a recording over on the same evening.
HANDED_OVER_AFTER = timedelta(hours=26)
FILMED = "mentors-and-the-tree"
# A meeting takes longer than what is kept of it.
STRETCH = 2
QUARTER_MIN = 15


def content_of(talk: TalkText, timeline: Timeline, topic: str) -> Content:
    """The session that a talk was: its chapters as an agenda, with those who speak in each."""
    starts = [round(chapter.start_s / 60) * STRETCH for chapter in timeline.chapters]
    length_min = -(-round(timeline.length_s / 60) * STRETCH // QUARTER_MIN) * QUARTER_MIN
    ends = [*starts[1:], length_min]
    agenda = tuple(
        Item(after, title, "", until - after, _speakers_in(talk, number))
        for number, (title, after, until) in enumerate(
            zip(talk.chapters, starts, ends, strict=True), start=1
        )
    )
    return Content(
        talk.title, talk.title_en, talk.summary, talk.summary_en, topic, length_min, agenda
    )


def _speakers_in(talk: TalkText, chapter: int) -> tuple[str, ...]:
    """The two who say most in a chapter, by key."""
    words = Counter[str]()
    for paragraph in talk.paragraphs:
        if paragraph.chapter == chapter:
            words[paragraph.speaker] += len(paragraph.text.split())
    return tuple(person_key(talk, key) for key, _ in words.most_common(2))


def person_key(talk: TalkText, key: str) -> str:
    """The key in the whole demo of someone who speaks in a talk."""
    return "orlova" if key == "orlova" else f"{talk.slug}:{key}"


def cast(
    seasons: Seasons,
    now: datetime,
    talks: Mapping[str, TalkText],
    contents: Mapping[str, Content],
    told: DemoSeason,
) -> list[Slot]:
    """Every session of the demo as of this moment, soonest first.

    talks, contents: by slug. A talk of a weekly format was the latest session of its kind that is
    over; what is told by hand comes next.
    """
    slots = seasons.slots(now, contents)
    changed = {
        slot.key: _recorded(slot, talks[slot.talk], contents[slot.talk], seasons)
        for slot in slots
        if slot.talk
    }
    slots = replaced(slots, changed)
    slots = replaced(slots, _past(slots, now, talks, contents, told.past, seasons))
    slots = replaced(slots, _coming(slots, now, told.coming, seasons))
    return with_states(slots, now)


def _recorded(slot: Slot, talk: TalkText, content: Content, seasons: Seasons) -> Slot:
    """The slot as the talk has it; its hour stays."""
    online = talk.mode == "online"
    return replace(
        slot,
        content=content,
        mode=talk.mode,
        wall=at(slot.wall.local.date(), slot.wall.local.time(), HOME) if online else slot.wall,
        presenting=seasons.keys_of(talk.presenting) or slot.presenting,
        receiving=seasons.keys_of(talk.receiving),
        owner="orlova",
        place="" if online else _place(slot, talk),
        visibility=talk.visibility,
        language="en" if talk.language == "en" else "ru",
        talk=talk.slug,
    )


def _place(slot: Slot, talk: TalkText) -> str:
    """A conference meets where its slot says; anything else at a school of who presents."""
    is_conference = slot.format == "video_conference"
    return slot.place if is_conference and slot.place else f"{talk.presenting[0]}, школа № 12"


def _past(
    slots: Sequence[Slot],
    now: datetime,
    talks: Mapping[str, TalkText],
    contents: Mapping[str, Content],
    filmed: Gathering,
    seasons: Seasons,
) -> dict[str, Slot]:
    """The latest sessions that are over, as the talks of their format and the filmed one."""
    used = {slot.talk for slot in slots if slot.talk}
    waiting = [talk for slug, talk in sorted(talks.items()) if slug not in used]
    over = [slot for slot in slots if slot.ends_at + HANDED_OVER_AFTER <= now and not slot.talk]
    changed: dict[str, Slot] = {}
    for kind in {talk.format for talk in waiting} | {filmed.format}:
        # The opening stays what it is.
        free = _latest_first(
            slot for slot in over if slot.format == kind and slot.by_rule is not None
        )
        if kind == filmed.format:
            slot = free.pop(0)
            changed[slot.key] = replace(_told(slot, filmed, seasons), talk=FILMED)
        # Every other one: a recording of each would be too good to be true.
        for slot, talk in zip(
            free[::2], (one for one in waiting if one.format == kind), strict=False
        ):
            changed[slot.key] = _recorded(slot, talk, contents[talk.slug], seasons)
    return changed


def _latest_first(slots: Iterable[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: slot.starts_at, reverse=True)


def _coming(
    slots: Sequence[Slot], now: datetime, told: Sequence[Gathering], seasons: Seasons
) -> dict[str, Slot]:
    """The next sessions, as they are told by hand."""
    changed: dict[str, Slot] = {}
    ahead = [slot for slot in slots if slot.starts_at > now + timedelta(days=1)]
    for gathering in told:
        for slot in ahead:
            if slot.format == gathering.format and slot.key not in changed:
                changed[slot.key] = _told(slot, gathering, seasons)
                break
    return changed


def _told(slot: Slot, source: Gathering, seasons: Seasons) -> Slot:
    """The slot as it is told by hand, on its own day."""
    tz = HOME if source.mode == "online" else seasons.cities[source.presenting[0]].tz
    return replace(
        slot,
        content=source.content,
        mode=source.mode,
        wall=at(slot.wall.local.date(), source.start, tz),
        presenting=source.presenting,
        receiving=source.receiving,
        owner=source.owner,
        place=source.place,
        visibility="public",
        told=source.key,
        capacity_online=source.capacity_online,
        capacity_in_person=source.capacity_in_person,
    )


def contents_of(
    talks: Iterable[TalkText], timelines: Mapping[str, Timeline], repertoire: Repertoire
) -> dict[str, Content]:
    """What the session of each talk is about, by slug. Raises SourceError for an unknown topic."""
    return {
        talk.slug: content_of(talk, timelines[talk.slug], repertoire.topic_titled(talk.topic).key)
        for talk in talks
    }
