"""Makes the talk audible: phrases read by festival's Russian voice, and laid on one time line."""

from __future__ import annotations

import array
import re
import shutil
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sessions.demo.sample_talk import Phrase, Script, Voice

RATE = 32_000
VOICE_RATE = 16_000  # what festival's voice speaks at
VOICE = "(voice_msu_ru_nsh_clunits)"  # reads UTF-8
QUIET = 250  # of 32,767: below this a sample counts as silence

BETWEEN_PHRASES_S = 0.40
BETWEEN_SLIDES_S = 0.80
BETWEEN_SPEAKERS_S = 1.00
BEFORE_S = 0.80
AFTER_S = 2.00


@dataclass(frozen=True)
class Spoken:
    """A phrase with its place in the recording, in seconds."""

    chapter: str
    voice: Voice
    phrase: Phrase
    start_s: float
    end_s: float


def pronounced(text: str, spoken: dict[str, str]) -> str:
    """The text as the voice is to read it: small letters, with the spellings of `spoken`."""
    longest_first = sorted(spoken, key=len, reverse=True)
    known = {key.lower(): value for key, value in spoken.items()}
    pattern = "|".join(_whole_word(key.lower()) for key in longest_first)
    return re.sub(pattern, lambda found: known[found[0]].lower(), text.lower())


def record(script: Script, folder: Path) -> tuple[Path, list[Spoken]]:
    """The whole talk as a WAV file in the folder, and when each phrase is heard."""
    voices = {voice.key: voice for voice in script.voices}
    samples = array.array("h", silence(BEFORE_S))
    said: list[Spoken] = []
    for chapter in script.chapters:
        for phrase in chapter.phrases:
            voice = voices[phrase.speaker]
            if said:
                samples.extend(silence(_pause_s(said[-1].phrase, phrase)))
            sound = say(pronounced(phrase.text, script.spoken), voice, folder)
            start_s = len(samples) / RATE
            samples.extend(sound)
            said.append(Spoken(chapter.title, voice, phrase, start_s, len(samples) / RATE))
    samples.extend(silence(AFTER_S))
    path = folder / "talk.wav"
    save_wave(samples, path)
    return path, said


def save_wave(samples: array.array[int], path: Path) -> None:
    """Write one channel of 16-bit samples, RATE a second, as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def run(command: Sequence[str], feed: str | None = None) -> str:
    """What a program wrote to its error stream. Raises RuntimeError with it on failure."""
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(f"{command[0]} is not installed")
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [program, *command[1:]], input=feed, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")
    return done.stderr


def _whole_word(key: str) -> str:
    before = r"(?<!\w)" if key[0].isalnum() else ""
    after = r"(?!\w)" if key[-1].isalnum() else ""
    return before + re.escape(key) + after


def say(text: str, voice: Voice, folder: Path) -> array.array[int]:
    """The samples, RATE a second, of a text that is spelled as the voice reads it."""
    plain, tuned = folder / "plain.wav", folder / "tuned.wav"
    run(["text2wave", "-eval", VOICE, "-o", str(plain)], feed=text)
    tune = (
        f"asetrate={VOICE_RATE * voice.pitch:.0f},aresample={RATE},"
        f"atempo={voice.tempo / voice.pitch:.5f}"
    )
    quietly = ["ffmpeg", "-y", "-loglevel", "error"]
    run([*quietly, "-i", str(plain), "-af", tune, "-ac", "1", "-ar", str(RATE), str(tuned)])
    with wave.open(str(tuned), "rb") as file:
        return _trimmed(array.array("h", file.readframes(file.getnframes())))


def _trimmed(samples: array.array[int]) -> array.array[int]:
    loud = [n for n, sample in enumerate(samples) if abs(sample) > QUIET]
    if not loud:
        raise RuntimeError("the voice said nothing")
    edge = RATE // 20  # a breath of air, so that no consonant is cut
    return samples[max(0, loud[0] - edge) : loud[-1] + edge]


def _pause_s(before: Phrase, after: Phrase) -> float:
    if before.speaker != after.speaker:
        return BETWEEN_SPEAKERS_S
    return BETWEEN_SLIDES_S if before.slide != after.slide else BETWEEN_PHRASES_S


def silence(length_s: float) -> array.array[int]:
    """That many seconds without sound."""
    return array.array("h", bytes(2 * round(length_s * RATE)))
