"""A recording is looked through to its real end."""

from __future__ import annotations

import importlib.util
import io
import socket
import struct

import pytest
from PIL import Image, ImageDraw

from archive.extract.problems import Unreadable
from archive.kinds import KINDS
from archive.probe import probe

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        importlib.util.find_spec("av") is None, reason="needs PyAV, the extra «media»"
    ),
]
SECONDS = 12
RATE = 5


def a_recording(format_: str, blank_s: int = 0) -> bytes:
    import av

    written = io.BytesIO()
    with av.open(written, "w", format=format_) as container:
        video = container.add_stream("mpeg4" if format_ == "mp4" else "libvpx", rate=RATE)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.codec_context.gop_size = RATE
        sound = container.add_stream("aac" if format_ == "mp4" else "libopus", rate=48_000)
        for number in range(SECONDS * RATE):
            picture = Image.new("RGB", (320, 180), "black")
            if number >= blank_s * RATE:
                ImageDraw.Draw(picture).rectangle((number, 20, number + 150, 160), "white")
            container.mux(video.encode(av.VideoFrame.from_image(picture)))
        for number in range(SECONDS * 50):
            silence = av.AudioFrame(format="fltp", layout="mono", samples=960)
            silence.planes[0].update(bytes(960 * 4))
            silence.rate, silence.pts = 48_000, number * 960
            container.mux(sound.encode(silence))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return written.getvalue()


def claiming(content: bytes, seconds: int) -> bytes:
    """The mp4 with another length in its header."""
    at = content.index(b"mvhd") + 4
    (scale,) = struct.unpack_from(">L", content, at + 12)
    return content[: at + 16] + struct.pack(">L", seconds * scale) + content[at + 20 :]


@pytest.mark.parametrize("format_", ["mp4", "webm"])
def test_whole_recording_is_as_long_as_it_says(a_file, tmp_path, format_):
    facts = probe(a_file("a", a_recording(format_)), KINDS[format_], tmp_path)

    assert facts.duration_s == pytest.approx(SECONDS, abs=0.3)
    assert (facts.examined, facts.has_video, facts.has_audio) == (True, True, True)
    assert (facts.width, facts.height) == (320, 180)
    assert facts.poster_path == tmp_path / "poster.webp"
    assert [warning for warning in facts.warnings if warning != "index_last"] == []


def test_length_that_the_header_invents_is_found_out(a_file, tmp_path):
    path = a_file("a.mp4", claiming(a_recording("mp4"), 300))

    facts = probe(path, KINDS["mp4"], tmp_path)

    assert facts.header_duration_s == 300.0
    assert facts.duration_s == pytest.approx(SECONDS, abs=0.3)
    assert facts.warnings == [f"duration_differs:300.0:{facts.duration_s:.1f}", "index_last"]


def test_recording_cut_in_half_is_only_so_long(a_file, tmp_path):
    content = a_recording("webm")

    facts = probe(a_file("a.webm", content[: len(content) // 2]), KINDS["webm"], tmp_path)

    assert 3 < facts.duration_s < 9
    assert facts.warnings == [f"duration_differs:12.0:{facts.duration_s:.1f}"]


def test_recording_whose_second_half_is_blank_bytes_is_only_so_long(a_file, tmp_path):
    content = bytearray(a_recording("mp4"))
    start, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    middle = (start + end) // 2
    content[middle:end] = bytes(end - middle)

    facts = probe(a_file("a.mp4", bytes(content)), KINDS["mp4"], tmp_path)

    assert 3 < facts.duration_s < 9
    assert facts.warnings == [
        "decode_errors",
        f"duration_differs:12.0:{facts.duration_s:.1f}",
        "index_last",
    ]


def test_picture_is_taken_where_there_is_something_to_see(a_file, tmp_path):
    path = a_file("a.webm", a_recording("webm", blank_s=5))

    facts = probe(path, KINDS["webm"], tmp_path)

    with Image.open(facts.poster_path) as poster:
        darkest, brightest = poster.convert("L").getextrema()
    assert (poster.format, poster.size) == ("WEBP", (320, 180))
    assert brightest - darkest > 200


def test_file_that_is_no_recording_is_damaged(a_file, tmp_path):
    with pytest.raises(Unreadable) as refused:
        probe(a_file("a.webm", b"\x1a\x45\xdf\xa3" + bytes(900)), KINDS["webm"], tmp_path)

    assert refused.value.reason == "damaged"


@pytest.mark.parametrize("format_", ["mp4", "webm", "mp3", "ogg", "wav"])
@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile 'http://127.0.0.1:{port}/a.ts'\n",
    ],
)
def test_playlist_makes_nobody_call_anywhere(a_file, tmp_path, format_, playlist):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        content = playlist.format(port=server.getsockname()[1]).encode() * 40

        with pytest.raises(Unreadable) as refused:
            probe(a_file("a", content), KINDS[format_], tmp_path)

        assert refused.value.reason == "damaged"
        with pytest.raises(TimeoutError):
            server.accept()
