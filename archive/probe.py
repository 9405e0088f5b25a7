"""What is true of a recording: how long it really is, what is in it, a picture of it.

Warnings: duration_differs:CLAIMED:REAL (seconds: the file was cut short, or its header lies);
no_duration (the header has none; a browser's recording);  decode_errors;  no_poster;
no_sound;  index_last (an mp4 that cannot start to play before it is loaded to the end).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.extract.job import Job
from archive.extract.limits import MEGABYTE, Limits
from archive.extract.problems import Problem, Unreadable
from archive.extract.reader import Answer, run
from archive.kinds import FileKind

# Two hours of sound and key frames take minutes; FFmpeg's libraries alone map 200 MB.
MEDIA_LIMITS = replace(Limits(), memory_bytes=2_000 * MEGABYTE, cpu_s=1_200, wall_s=1_800.0)
_TOLERANCE_S = 2.0
_TOLERANCE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """A recording's facts. Where `examined` is false, these are its header's claims.

    duration_s: decoded, not claimed, if examined; None if even the header does not say.
    codecs: as FFmpeg names them, or the header's own marks.
    index_first: an mp4 that can start to play at once; None for other formats.
    poster_path: a WebP of at most 960 pixels, None for sound.
    """

    duration_s: float | None
    has_video: bool
    has_audio: bool
    width: int
    height: int
    codecs: list[str]
    examined: bool
    warnings: list[str] = field(default_factory=list)
    header_duration_s: float | None = None
    index_first: bool | None = None
    poster_path: Path | None = None
    peak_bytes: int = 0


def probe(
    path: Path,
    kind: FileKind,
    out_dir: Path,
    limits: Limits = MEDIA_LIMITS,
    header_only: bool = False,
) -> MediaFacts:
    """Look through a sound or video file in a process of its own, within the limits.

    Writes poster.webp to `out_dir` for a video. With `header_only`, and where PyAV is missing, the
    header's claims are all there is; that takes a tenth of a second whatever the length.
    Raises Unreadable: "damaged", "empty", "timed_out", "out_of_memory".
    """
    if kind.group not in ("video", "audio"):
        raise ValueError(f"not a recording: {kind.format}")
    out_dir = out_dir.resolve()
    answers: list[Answer] = []
    job = Job("probe", str(path.resolve()), kind.format, str(out_dir), limits=limits)
    job = replace(job, header_only=header_only)
    ending = run(job, limits.wall_s, answers.append)
    facts = next((answer["facts"] for answer in answers if "facts" in answer), None)
    if facts is None:
        raise Unreadable(ending.problem or Problem.DAMAGED, **ending.details)
    return _facts(facts, out_dir, ending.peak_bytes)


def _facts(told: dict[str, Any], out_dir: Path, peak_bytes: int) -> MediaFacts:
    poster = out_dir / "poster.webp"
    shown = bool(told["poster"]) and poster.is_file() and not poster.is_symlink()
    facts = MediaFacts(
        duration_s=told["duration_s"],
        has_video=bool(told["has_video"]),
        has_audio=bool(told["has_audio"]),
        width=int(told["width"]),
        height=int(told["height"]),
        codecs=[str(codec) for codec in told["codecs"]],
        examined=bool(told["examined"]),
        warnings=[str(warning) for warning in told["warnings"]],
        header_duration_s=told["header_duration_s"],
        index_first=told["index_first"],
        poster_path=poster if shown else None,
        peak_bytes=peak_bytes,
    )
    return replace(facts, warnings=facts.warnings + _noticed(facts))


def _noticed(facts: MediaFacts) -> list[str]:
    noticed = []
    claimed_s, real_s = facts.header_duration_s, facts.duration_s
    if claimed_s is None:
        noticed.append("no_duration")
    elif real_s is not None:
        tolerance_s = max(_TOLERANCE_S, claimed_s * _TOLERANCE_SHARE)
        if abs(claimed_s - real_s) > tolerance_s:
            noticed.append(f"duration_differs:{claimed_s:.1f}:{real_s:.1f}")
    if not facts.has_audio:
        noticed.append("no_sound")
    if facts.index_first is False:
        noticed.append("index_last")
    if facts.examined and facts.has_video and facts.poster_path is None:
        noticed.append("no_poster")
    return noticed
