"""When each word of a long talk is said: its cues, chapters and slides, reckoned from the words."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

from archive.captions_markup import escaped
from archive.captions_timing import as_vtt_time
from sessions.demo.sample_talk import ChapterStart, Showing, Timeline
from sessions.demo.talk_cues import cut, ends_sentence
from sessions.demo.talk_text import TalkParagraph, TalkText

# About 130 words a minute, pauses included; long words take longer.
WORD_S, LETTER_S = 0.165, 0.046
LETTERS_OF_A_DIGIT = 3.2  # read out, a digit is a word
HESITATION_S = 0.35
UNEVEN = 0.12  # nobody speaks evenly: from 6 % faster to 6 % slower
SHORTEST_CUE_S = 0.9

BEFORE_S, AFTER_S = 1.6, 3.0
WITHIN_SENTENCE_S, BETWEEN_SENTENCES_S, BETWEEN_PARAGRAPHS_S = 0.12, 0.36, 0.6
BETWEEN_SPEAKERS_S, NEW_SLIDE_S, NEW_CHAPTER_S = 1.2, 0.9, 1.3
WAITING_S = 2.2
SLIDE_LEAD_S = 0.4  # a slide comes up a little before its first word

_WORD = re.compile(r"\w[\w-]*")
_HESITATION = re.compile(r"\b(э-э|эм-м|м-м|er|erm|um)\b|…", re.IGNORECASE)
_WAITING = re.compile(r"\b(секунду|секундочку|минутку|one second|a second)\b", re.IGNORECASE)


@dataclass(frozen=True)
class TimedCue:
    """A cue of the talk and the paragraph it was cut from."""

    start_s: float
    end_s: float
    text: str
    paragraph: TalkParagraph


@cache
def cues_of(talk: TalkText) -> tuple[TimedCue, ...]:
    """Every cue of the talk with its times, the same on every run."""
    timed: list[TimedCue] = []
    now_s = BEFORE_S
    for text, paragraph in written_cues(talk):
        if timed:
            now_s += pause_s(timed[-1].text, timed[-1].paragraph, text, paragraph)
        start_s = round(now_s, 3)
        now_s = round(start_s + _said_s(text), 3)
        timed.append(TimedCue(start_s, now_s, text, paragraph))
    return tuple(timed)


def written_cues(talk: TalkText) -> list[tuple[str, TalkParagraph]]:
    """The texts of the cues in order, each with its paragraph."""
    return [(text, one) for one in talk.paragraphs for text in cut(one.text)]


def pause_s(said: str, before: TalkParagraph, text: str, after: TalkParagraph) -> float:
    """How long it is quiet between two cues that follow one another."""
    if before is after:
        return BETWEEN_SENTENCES_S if ends_sentence(said) else WITHIN_SENTENCE_S
    quiet_s = BETWEEN_PARAGRAPHS_S
    if before.speaker != after.speaker:
        quiet_s = BETWEEN_SPEAKERS_S * (0.6 + 0.8 * _chance(text))
    if before.slide != after.slide:
        quiet_s += NEW_SLIDE_S
    if before.chapter != after.chapter:
        quiet_s += NEW_CHAPTER_S
    if _WAITING.search(said):
        quiet_s += WAITING_S
    return quiet_s


def timeline_by_words(talk: TalkText) -> Timeline:
    """Length, chapters and slide showings as the words have them."""
    cues = cues_of(talk)
    return timeline_of_cues(talk, cues, round(cues[-1].end_s + AFTER_S, 3))


def timeline_of_cues(talk: TalkText, cues: Sequence[TimedCue], length_s: float) -> Timeline:
    """Chapters and slide showings of a recording in which the cues are heard at these times."""
    starts = [(talk.chapters[0], 0.0)]
    for before, after in pairwise(cues):
        if before.paragraph.chapter != after.paragraph.chapter:
            starts.append((talk.chapters[after.paragraph.chapter - 1], after.start_s))
    firsts = [next(same) for _, same in groupby(cues, key=lambda cue: cue.paragraph.slide)]
    turns = [0.0, *(round(cue.start_s - SLIDE_LEAD_S, 3) for cue in firsts[1:]), length_s]
    return Timeline(
        length_s=length_s,
        chapters=tuple(ChapterStart(title, start_s) for title, start_s in starts),
        showings=tuple(
            Showing(cue.paragraph.slide, from_s, to_s)
            for cue, (from_s, to_s) in zip(firsts, pairwise(turns), strict=True)
        ),
    )


def transcript(talk: TalkText) -> str:
    """The talk as WebVTT with the times of its words."""
    return transcript_of_cues(talk, cues_of(talk))


def transcript_of_cues(talk: TalkText, cues: Sequence[TimedCue]) -> str:
    """WebVTT, a voice a cue; where a talk has two languages, English is marked."""
    blocks = ["WEBVTT"]
    for cue in cues:
        words = escaped(cue.text)
        if talk.language == "mixed" and cue.paragraph.language == "en":
            words = f"<lang en>{words}</lang>"
        name = escaped(talk.speaker(cue.paragraph.speaker).name)
        times = f"{as_vtt_time(cue.start_s)} --> {as_vtt_time(cue.end_s)}"
        blocks.append(f"{times}\n<v {name}>{words}")
    return "\n\n".join(blocks) + "\n"


def _said_s(text: str) -> float:
    words = _WORD.findall(text)
    letters = sum(LETTERS_OF_A_DIGIT if one.isdecimal() else 1 for one in text if one.isalnum())
    plain_s = WORD_S * len(words) + LETTER_S * letters
    hesitating_s = HESITATION_S * len(_HESITATION.findall(text))
    even_s = plain_s * (1 + UNEVEN * (_chance(text) - 0.5)) + hesitating_s
    return max(SHORTEST_CUE_S, even_s)


def _chance(text: str) -> float:
    """A number from 0 to 1 that the text has always had."""
    return zlib.crc32(text.encode()) % 1000 / 999
