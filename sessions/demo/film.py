"""The film of the sample talk, slides beside the people who speak, and its transcript."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from sessions.demo import drawing as d
from sessions.demo.deck import POINTS, blank_pdf, pictures
from sessions.demo.drawing import Box, Disc, Part, PdfPainter, Slide, Words
from sessions.demo.sample_talk import ChapterStart, Showing, Timeline, Voice
from sessions.demo.slides import bust, logo
from sessions.demo.speech import Spoken, run

LEAD_S = 0.4  # a slide comes up a little before its first word
LOUDNESS = "loudnorm=I=-16:TP=-3:LRA=11"  # AAC overshoots: peaks need room

GROUND, TILE, TILE_ACTIVE = "#0e1c24", "#1b3441", "#27566b"
SLIDE_X, SLIDE_Y, SLIDE_SCALE = 24, 116, 944 / d.WIDTH
TILE_X, TILE_W, TILE_H, TILE_STEP = 992, 264, 123, 136
MOST_TILES = 4  # more of them are smaller
SMALL_H, SMALL_STEP = 85, 97
ROOM_FOR_WHO = 1670.0  # letters times type size
COATS = (d.NOW_LIGHT, "#2d7fa3", "#6a8a3a", "#9a6bb8", "#b0895a", "#4f7f86")


@dataclass(frozen=True)
class Encoding:
    """How fine the film is: pictures, then sound."""

    wide: int = d.WIDTH
    frames_a_second: int = 5
    crf: int = 29
    frames_between_keys: int = 300
    sound_hz: int = 32_000
    sound_bits: int = 40_000


@dataclass(frozen=True)
class Scene:
    """What is seen from `from_s` on: a page of the deck and who speaks."""

    from_s: float
    page: int
    voice: Voice


def scenes(said: Sequence[Spoken]) -> list[Scene]:
    """Every change of slide or speaker, the first from 0 s."""
    found: list[Scene] = []
    for spoken in said:
        now = (spoken.phrase.slide, spoken.voice)
        if not found:
            found.append(Scene(0.0, *now))
        elif (found[-1].page, found[-1].voice) != now:
            found.append(Scene(spoken.start_s - LEAD_S, *now))
    return found


def timeline(said: Sequence[Spoken], length_s: float) -> Timeline:
    """Chapters and slide showings of the recording."""
    chapters = [ChapterStart(said[0].chapter, 0.0)]
    for before, after in pairwise(said):
        if before.chapter != after.chapter:
            chapters.append(ChapterStart(after.chapter, round(after.start_s, 3)))
    turns = [next(same) for _, same in groupby(scenes(said), key=lambda scene: scene.page)]
    ends = [scene.from_s for scene in turns[1:]] + [length_s]
    showings = [
        Showing(scene.page, round(scene.from_s, 3), round(end_s, 3))
        for scene, end_s in zip(turns, ends, strict=True)
    ]
    return Timeline(round(length_s, 3), tuple(chapters), tuple(showings))


def transcript(said: Sequence[Spoken]) -> str:
    """The spoken text as WebVTT, a voice span a cue."""
    cues = [
        f"{_clock(one.start_s)} --> {_clock(one.end_s)}\n<v {one.voice.name}>{one.phrase.text}"
        for one in said
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def save_film(
    said: Sequence[Spoken],
    slides: Sequence[Slide],
    sound: Path,
    length_s: float,
    fonts: tuple[Path, Path],
    path: Path,
    encoding: Encoding = Encoding(),
) -> None:
    """Write the MP4: H.264 stills, AAC at −16 LUFS, the index in front."""
    seen = scenes(said)
    voices = list(dict.fromkeys(one.voice for one in said))
    folder = sound.parent
    lines = ["ffconcat version 1.0"]
    ends = [scene.from_s for scene in seen[1:]] + [length_s]
    looks = list(dict.fromkeys((scene.page, scene.voice) for scene in seen))
    for n, frame in enumerate(_frames(looks, slides, voices, fonts, encoding)):
        (folder / f"frame{n:03}.png").write_bytes(frame)
    for scene, end_s in zip(seen, ends, strict=True):
        lines.append(f"file frame{looks.index((scene.page, scene.voice)):03}.png")
        lines.append(f"duration {end_s - scene.from_s:.3f}")
    listing = folder / "frames.txt"
    # The last file is named twice: without it the last duration is not kept.
    listing.write_text("\n".join([*lines, lines[-2], ""]), "utf-8")
    turns = ",".join(f"{showing.from_s:.3f}" for showing in timeline(said, length_s).showings)
    run(_encoder(listing, sound, length_s, turns, path, encoding))


def _encoder(
    listing: Path, sound: Path, length_s: float, turns: str, path: Path, encoding: Encoding
) -> list[str]:
    command = ["ffmpeg", "-y", "-loglevel", "error", "-safe", "0", "-f", "concat"]
    command += ["-i", str(listing), "-i", str(sound), "-t", f"{length_s:.3f}"]
    command += ["-vf", f"fps={encoding.frames_a_second},format=yuv420p", "-c:v", "libx264"]
    command += [
        "-preset",
        "slow",
        "-tune",
        "stillimage",
        "-crf",
        str(encoding.crf),
        "-threads",
        "1",
    ]
    command += [
        "-g",
        str(encoding.frames_between_keys),
        "-sc_threshold",
        "0",
        "-force_key_frames",
        turns,
    ]
    command += ["-af", f"{_levelled(sound)},aresample={encoding.sound_hz}"]
    command += ["-c:a", "aac", "-b:a", str(encoding.sound_bits)]
    command += ["-ac", "1", "-map_metadata", "-1", "-metadata:s:a:0", "language=rus"]
    command += ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    return [*command, "-movflags", "+faststart", str(path)]


def _levelled(sound: Path) -> str:
    """The filter that brings the sound to the wanted loudness by one even gain where it can."""
    command = ["ffmpeg", "-hide_banner", "-i", str(sound), "-af", f"{LOUDNESS}:print_format=json"]
    told = run([*command, "-f", "null", "-"])
    measured = json.loads(told[told.rindex("{") : told.rindex("}") + 1])
    fields = {"I": "input_i", "TP": "input_tp", "LRA": "input_lra", "thresh": "input_thresh"}
    known = ":".join(f"measured_{name}={measured[key]}" for name, key in fields.items())
    return f"{LOUDNESS}:{known}:offset={measured['target_offset']}:linear=true"


def _frames(
    looks: Sequence[tuple[int, Voice]],
    slides: Sequence[Slide],
    voices: Sequence[Voice],
    fonts: tuple[Path, Path],
    encoding: Encoding,
) -> list[bytes]:
    pdf = blank_pdf(fonts)
    for page, voice in looks:
        slide = slides[page - 1]
        pdf.add_page()
        PdfPainter(pdf, POINTS).paint(_surroundings(voice, voices))
        shift = SLIDE_X / SLIDE_SCALE, SLIDE_Y / SLIDE_SCALE
        ground = Box(0, 0, d.WIDTH, d.HEIGHT, slide.ground)
        PdfPainter(pdf, POINTS * SLIDE_SCALE, *shift).paint((ground, *slide.parts))
    drawn = []
    for picture in pictures(bytes(pdf.output()), encoding.wide / d.WIDTH):
        written = io.BytesIO()
        picture.save(written, "PNG")
        drawn.append(written.getvalue())
    return drawn


def _surroundings(speaks: Voice, voices: Sequence[Voice]) -> list[Part]:
    who = f"{speaks.post}, {speaks.organisation} · {speaks.city}"
    parts: list[Part] = [
        Box(0, 0, d.WIDTH, d.HEIGHT, GROUND),
        Box(24, 20, 6, 76, d.NOW_LIGHT),
        Words(48, 16, speaks.name, 36, d.SURFACE, bold=True),
        # Long ones are set smaller, so as not to run into the sign.
        Words(48, 60, who, min(26, ROOM_FOR_WHO / len(who)), d.ICE),
        *logo(992, 28, 60, "#2d7fa3", d.NOW_LIGHT, d.SURFACE),
        Words(1064, 32, "Взаимообучение\nгородов", 21, d.SURFACE, bold=True),
    ]
    small = len(voices) > MOST_TILES
    for n, voice in enumerate(voices):
        y, tile = SLIDE_Y + n * (SMALL_STEP if small else TILE_STEP), _small if small else _tall
        parts += _field(y, SMALL_H if small else TILE_H, active=voice == speaks)
        parts += tile(y, voice, COATS[n])
    return parts


def _field(y: float, tall: float, *, active: bool) -> list[Part]:
    edge = [Box(TILE_X - 4, y - 4, TILE_W + 8, tall + 8, "#74c3e3", 14)] if active else []
    return [*edge, Box(TILE_X, y, TILE_W, tall, TILE_ACTIVE if active else TILE, 10)]


def _small(y: float, voice: Voice, coat: str) -> list[Part]:
    given, _, family = voice.name.partition(" ")
    return [
        Disc(TILE_X + 46, y + SMALL_H / 2, 31, coat),
        *bust(TILE_X + 46, y + SMALL_H / 2, 0.48, d.SURFACE),
        Words(TILE_X + 92, y + 7, f"{given}\n{family}", 19, d.SURFACE, bold=True),
        Words(TILE_X + 92, y + 58, voice.city, 17, d.ICE),
    ]


def _tall(y: float, voice: Voice, coat: str) -> list[Part]:
    return [
        Disc(TILE_X + 56, y + TILE_H / 2, 40, coat),
        *bust(TILE_X + 56, y + TILE_H / 2, 0.62, d.SURFACE),
        Words(TILE_X + 110, y + 18, voice.name.replace(" ", "\n"), 22, d.SURFACE, bold=True),
        Words(TILE_X + 110, y + 80, voice.city, 19, d.ICE),
    ]


def _clock(seconds: float) -> str:
    whole_ms = round(seconds * 1000)
    minutes, ms = divmod(whole_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02}.{ms % 1000:03}"
