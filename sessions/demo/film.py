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

FRAMES_A_SECOND = 5
LEAD_S = 0.4  # a slide comes up a little before its first word
LOUDNESS = "loudnorm=I=-16:TP=-3:LRA=11"  # AAC overshoots: peaks need room

GROUND, TILE, TILE_ACTIVE = "#0e1c24", "#1b3441", "#27566b"
SLIDE_X, SLIDE_Y, SLIDE_SCALE = 24, 116, 944 / d.WIDTH
TILE_X, TILE_W, TILE_H, TILE_STEP = 992, 264, 123, 136
COATS = (d.NOW_LIGHT, "#2d7fa3", "#6a8a3a", "#9a6bb8")


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
) -> None:
    """Write the MP4: H.264 stills, AAC at −16 LUFS, the index in front."""
    seen = scenes(said)
    voices = list(dict.fromkeys(one.voice for one in said))
    folder = sound.parent
    lines = ["ffconcat version 1.0"]
    ends = [scene.from_s for scene in seen[1:]] + [length_s]
    drawn = _frames(seen, slides, voices, fonts)
    for n, (scene, end_s, frame) in enumerate(zip(seen, ends, drawn, strict=True)):
        (folder / f"frame{n:03}.png").write_bytes(frame)
        lines += [f"file frame{n:03}.png", f"duration {end_s - scene.from_s:.3f}"]
    listing = folder / "frames.txt"
    # The last file is named twice: without it the last duration is not kept.
    listing.write_text("\n".join([*lines, lines[-2], ""]), "utf-8")
    turns = ",".join(f"{showing.from_s:.3f}" for showing in timeline(said, length_s).showings)
    run(_encoder(listing, sound, length_s, turns, path))


def _encoder(listing: Path, sound: Path, length_s: float, turns: str, path: Path) -> list[str]:
    command = ["ffmpeg", "-y", "-loglevel", "error", "-safe", "0", "-f", "concat"]
    command += ["-i", str(listing), "-i", str(sound), "-t", f"{length_s:.3f}"]
    command += ["-vf", f"fps={FRAMES_A_SECOND},format=yuv420p", "-c:v", "libx264"]
    command += ["-preset", "slow", "-tune", "stillimage", "-crf", "29", "-threads", "1"]
    command += ["-g", "300", "-sc_threshold", "0", "-force_key_frames", turns]
    command += ["-af", f"{_levelled(sound)},aresample=32000", "-c:a", "aac", "-b:a", "40k"]
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
    seen: Sequence[Scene],
    slides: Sequence[Slide],
    voices: Sequence[Voice],
    fonts: tuple[Path, Path],
) -> list[bytes]:
    pdf = blank_pdf(fonts)
    for scene in seen:
        slide = slides[scene.page - 1]
        pdf.add_page()
        PdfPainter(pdf, POINTS).paint(_surroundings(scene.voice, voices))
        shift = SLIDE_X / SLIDE_SCALE, SLIDE_Y / SLIDE_SCALE
        ground = Box(0, 0, d.WIDTH, d.HEIGHT, slide.ground)
        PdfPainter(pdf, POINTS * SLIDE_SCALE, *shift).paint((ground, *slide.parts))
    drawn = []
    for picture in pictures(bytes(pdf.output())):
        written = io.BytesIO()
        picture.save(written, "PNG")
        drawn.append(written.getvalue())
    return drawn


def _surroundings(speaks: Voice, voices: Sequence[Voice]) -> list[Part]:
    who = f"{speaks.post}, {speaks.organisation}"
    parts: list[Part] = [
        Box(0, 0, d.WIDTH, d.HEIGHT, GROUND),
        Box(24, 20, 6, 76, d.NOW_LIGHT),
        Words(48, 16, speaks.name, 36, d.SURFACE, bold=True),
        Words(48, 60, f"{who} · {speaks.city}", 26, d.ICE),
        *logo(992, 28, 60, "#2d7fa3", d.NOW_LIGHT, d.SURFACE),
        Words(1064, 32, "Взаимообучение\nгородов", 21, d.SURFACE, bold=True),
    ]
    for n, voice in enumerate(voices):
        parts += _tile(SLIDE_Y + n * TILE_STEP, voice, COATS[n], active=voice == speaks)
    return parts


def _tile(y: float, voice: Voice, coat: str, *, active: bool) -> list[Part]:
    parts: list[Part] = []
    if active:
        parts.append(Box(TILE_X - 4, y - 4, TILE_W + 8, TILE_H + 8, "#74c3e3", 14))
    return [
        *parts,
        Box(TILE_X, y, TILE_W, TILE_H, TILE_ACTIVE if active else TILE, 10),
        Disc(TILE_X + 56, y + TILE_H / 2, 40, coat),
        *bust(TILE_X + 56, y + TILE_H / 2, 0.62, d.SURFACE),
        Words(TILE_X + 110, y + 18, voice.name.replace(" ", "\n"), 22, d.SURFACE, bold=True),
        Words(TILE_X + 110, y + 80, voice.city, 19, d.ICE),
    ]


def _clock(seconds: float) -> str:
    whole_ms = round(seconds * 1000)
    minutes, ms = divmod(whole_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{ms // 1000:02}.{ms % 1000:03}"
