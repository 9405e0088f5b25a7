"""A sound or video file looked through from beginning to end. Runs in the reading process."""

from __future__ import annotations

import importlib.util
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from archive.extract.job import Emit, Job
from archive.extract.media_header import Header, read_mp4, read_wav
from archive.extract.problems import Problem, Unreadable
from archive.extract.webm_header import read_webm

# Fixed from our own look at the file: left to guess, FFmpeg takes a list of addresses for a video.
_DEMUXERS = {"mp4": "mov", "m4a": "mov", "webm": "matroska", "mp3": "mp3", "ogg": "ogg"}
_HEADERS = {"mp4": read_mp4, "m4a": read_mp4, "webm": read_webm, "wav": read_wav}
_POSTER_AT = (0.1, 0.25, 0.5)
_POSTER_WIDTH = 960  # it stands in lists too, small: 30 kB instead of 90
_BLANK = 6.0
_MICROSECONDS = 1_000_000


@dataclass(slots=True)
class Examined:
    """What is true of a file, or where `examined` is false, what its header claims."""

    examined: bool
    duration_s: float | None
    header_duration_s: float | None
    has_video: bool
    has_audio: bool
    width: int
    height: int
    codecs: list[str]
    index_first: bool | None
    poster: bool = False
    warnings: list[str] = field(default_factory=list)


def examine(job: Job, emit: Emit) -> None:
    """Report the facts of one file. Raises Unreadable: "damaged", "empty"."""
    with Path(job.path).open("rb") as file:
        read = _HEADERS.get(job.format)
        header = read(file) if read else Header(has_audio=True)
        if job.header_only or importlib.util.find_spec("av") is None:
            emit(facts=asdict(_claims(header)))
            return
        file.seek(0)
        facts = _look_through(file, header, job)
    emit(facts=asdict(facts))


def _claims(header: Header) -> Examined:
    claims = asdict(header)
    return Examined(examined=False, header_duration_s=header.duration_s, **claims)


def _look_through(file: BinaryIO, header: Header, job: Job) -> Examined:
    import av

    demuxer = _DEMUXERS.get(job.format, job.format)
    try:
        # An open file and no address: there is nothing for a protocol to start from.
        container = av.open(file, format=demuxer, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as broken:
        raise Unreadable(Problem.DAMAGED, error=type(broken).__name__) from broken
    with container:
        video = next(iter(container.streams.video), None)
        audio = next(iter(container.streams.audio), None)
        if video is None and audio is None:
            raise Unreadable(Problem.EMPTY)
        played = _Played(video, audio)
        played.play(container)
        facts = Examined(
            examined=True,
            duration_s=round(played.end_s, 3),
            header_duration_s=header.duration_s or _container_duration(container),
            has_video=video is not None,
            has_audio=audio is not None,
            width=video.codec_context.width if video else 0,
            height=video.codec_context.height if video else 0,
            codecs=[s.codec_context.name for s in (video, audio) if s is not None],
            index_first=header.index_first,
            warnings=["decode_errors"] if played.errors else [],
        )
        if not played.end_s:
            raise Unreadable(Problem.DAMAGED, what="nothing decodes")
        if video is not None:
            facts.poster = _poster(container, video, played.end_s, Path(job.out_dir))
    return facts


def _container_duration(container: Any) -> float | None:
    return round(container.duration / _MICROSECONDS, 3) if container.duration else None


class _Played:
    """How far a file really goes: all sound is decoded, of the picture every key frame.

    Packets alone prove nothing: a damaged file still lists them all.
    """

    def __init__(self, video: Any, audio: Any) -> None:
        self.errors = 0
        self._streams = [stream for stream in (video, audio) if stream is not None]
        self._video = video
        self._sound_end_s = 0.0
        self._packet_end_s = 0.0
        self._last_key_s = -1.0
        self._picture_end_s = 0.0
        self._last_key_packet_s = 0.0
        if video is not None:
            video.codec_context.skip_frame = "NONKEY"

    @property
    def end_s(self) -> float:
        return max(self._sound_end_s, self._picture_end_s)

    def play(self, container: Any) -> None:
        self._pass_through(container)
        if self._last_key_s < 0:
            return
        self._picture_end_s = self._packet_end_s
        if self.errors or self._last_key_s < self._last_key_packet_s - 0.1:
            self._picture_end_s = self._last_picture_s(container)

    def _pass_through(self, container: Any) -> None:
        import av

        packets = container.demux(self._streams)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                self._take(packet)
            except av.EOFError:
                return
            except av.FFmpegError:
                self.errors += 1
                if self.errors > 1_000:
                    return

    def _take(self, packet: Any) -> None:
        is_video = packet.stream is self._video
        if is_video and packet.pts is not None:
            at_s = float(packet.pts * packet.time_base)
            length_s = float((packet.duration or 0) * packet.time_base)
            self._packet_end_s = max(self._packet_end_s, at_s + length_s)
            if packet.is_keyframe:
                self._last_key_packet_s = at_s
        for frame in packet.decode():
            if frame.time is None:
                continue
            if is_video:
                self._last_key_s = max(self._last_key_s, frame.time)
            else:
                end_s = frame.time + frame.samples / frame.sample_rate
                self._sound_end_s = max(self._sound_end_s, end_s)

    def _last_picture_s(self, container: Any) -> float:
        """How far a damaged picture goes on behind its last good key frame."""
        import av

        last_s = self._last_key_s
        self._video.codec_context.skip_frame = "DEFAULT"
        try:
            container.seek(int(self._last_key_s * _MICROSECONDS))
            for frame in container.decode(self._video):
                last_s = max(last_s, frame.time or 0.0)
        except av.FFmpegError:
            self.errors += 1
        finally:
            self._video.codec_context.skip_frame = "NONKEY"
        return last_s


def _poster(container: Any, video: Any, length_s: float, out_dir: Path) -> bool:
    """Write poster.webp: the first picture that is not blank, a tenth in, a quarter, the middle."""
    import av
    from PIL import ImageStat

    for share in _POSTER_AT:
        try:
            container.seek(int(length_s * share * _MICROSECONDS))
            frame = next(container.decode(video), None)
        except av.FFmpegError:
            continue
        if frame is None:
            continue
        picture = frame.to_image()
        if ImageStat.Stat(picture.convert("L")).stddev[0] < _BLANK and share != _POSTER_AT[-1]:
            continue
        picture.thumbnail((_POSTER_WIDTH, _POSTER_WIDTH))
        picture.save(out_dir / "poster.webp", "WEBP", quality=75, method=4)
        return True
    return False
