"""Makes a long talk audible: its cues read out one by one, and when each is heard."""

from __future__ import annotations

import array
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from sessions.demo import sample_talk, speech
from sessions.demo.sample_talk import Phrase, Voice
from sessions.demo.source_table import SourceError, Table
from sessions.demo.speech import Spoken
from sessions.demo.talk_text import TalkText
from sessions.demo.talk_times import AFTER_S, BEFORE_S, TimedCue, pause_s, written_cues

SOURCE = "film_voices.toml"
_UNREADABLE = re.compile(r"[0-9A-Za-z№„“…]")


@dataclass(frozen=True)
class Reading:
    """How a talk is read out: each speaker's voice by their key, and what is spelled how."""

    voices: dict[str, Voice]
    spoken: dict[str, str]


def read_reading(talk: TalkText) -> Reading:
    """The voices and spellings of the talk. Raises SourceError where a speaker has no voice."""
    text = resources.files("sessions.demo").joinpath(SOURCE).read_text("utf-8")
    source = Table(SOURCE, tomllib.loads(text))
    voices = source.table("voices")
    made = {}
    for one in talk.speakers:
        tuned = voices.table(one.key)
        pitch, tempo = tuned.number("pitch"), tuned.number("tempo")
        made[one.key] = Voice(
            one.key, one.name, one.post, one.organisation, one.city, pitch=pitch, tempo=tempo
        )
    spelled = source.table("spoken").raw
    return Reading(made, sample_talk.read_script().spoken | {k: str(v) for k, v in spelled.items()})


def spelled(text: str, reading: Reading) -> str:
    """The text as the voice reads it. Raises SourceError where the voice could not."""
    said = speech.pronounced(text, reading.spoken)
    if found := _UNREADABLE.search(said):
        raise SourceError(f"{SOURCE}: nothing tells how to read “{found[0]}” in “{text}”")
    return said


def record(talk: TalkText, folder: Path) -> tuple[Path, tuple[TimedCue, ...], float]:
    """The talk as a WAV file in the folder, its cues as they are heard, and its length in s."""
    reading = read_reading(talk)
    samples = array.array("h", speech.silence(BEFORE_S))
    heard: list[TimedCue] = []
    for text, paragraph in written_cues(talk):
        if heard:
            quiet_s = pause_s(heard[-1].text, heard[-1].paragraph, text, paragraph)
            samples.extend(speech.silence(quiet_s))
        start_s = round(len(samples) / speech.RATE, 3)
        samples.extend(
            speech.say(spelled(text, reading), reading.voices[paragraph.speaker], folder)
        )
        end_s = round(len(samples) / speech.RATE, 3)
        heard.append(TimedCue(start_s, end_s, text, paragraph))
    samples.extend(speech.silence(AFTER_S))
    path = folder / "talk.wav"
    speech.save_wave(samples, path)
    return path, tuple(heard), round(len(samples) / speech.RATE, 3)


def as_spoken(talk: TalkText, cues: Sequence[TimedCue]) -> list[Spoken]:
    """The cues as the film takes them: with chapter, voice and slide."""
    voices = read_reading(talk).voices
    return [
        Spoken(
            talk.chapters[cue.paragraph.chapter - 1],
            voices[cue.paragraph.speaker],
            Phrase(cue.paragraph.speaker, cue.paragraph.slide, cue.text),
            cue.start_s,
            cue.end_s,
        )
        for cue in cues
    ]
