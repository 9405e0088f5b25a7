"""Headers of sound and video files, written by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L4s", 8 + len(content), name) + content


def a_track(kind: bytes, codec: bytes, width: int = 0, height: int = 0) -> bytes:
    shown = box(b"tkhd", bytes(76) + struct.pack(">LL", width << 16, height << 16))
    named = box(b"hdlr", bytes(8) + kind + bytes(12))
    described = box(b"stsd", struct.pack(">LL", 0, 1) + box(codec, bytes(70)))
    media = box(b"mdia", named + box(b"minf", box(b"stbl", described)))
    return box(b"trak", shown + media)


@pytest.fixture
def an_mp4():
    """An mp4 of boxes without any picture or sound in them."""

    def make(ticks: int, scale: int = 1000, index_first: bool = True, long: bool = False) -> bytes:
        times = struct.pack(">B3xQQLQ", 1, 0, 0, scale, ticks)
        if not long:
            times = struct.pack(">B3xLLLL", 0, 0, 0, scale, ticks)
        tracks = a_track(b"vide", b"avc1", 1280, 720) + a_track(b"soun", b"mp4a")
        index = box(b"moov", box(b"mvhd", times + bytes(80)) + tracks)
        body = box(b"mdat", bytes(64))
        head = box(b"ftyp", b"isom\0\0\2\0isom")
        return head + (index + body if index_first else body + index)

    return make


def element(number: int, content: bytes, unknown_size: bool = False) -> bytes:
    name = number.to_bytes((number.bit_length() + 7) // 8, "big")
    size = b"\x01" + b"\xff" * 7 if unknown_size else (len(content) | 1 << 56).to_bytes(8, "big")
    return name + size + content


@pytest.fixture
def a_webm():
    def make(duration_ms: float | None) -> bytes:
        info = element(0x2AD7B1, (1_000_000).to_bytes(3, "big"))
        if duration_ms is not None:
            info += element(0x4489, struct.pack(">d", duration_ms))
        size = element(0xB0, (640).to_bytes(2, "big")) + element(0xBA, (360).to_bytes(2, "big"))
        video = element(0x83, b"\1") + element(0x86, b"V_VP9") + element(0xE0, size)
        sound = element(0x83, b"\2") + element(0x86, b"A_OPUS")
        tracks = element(0x1654AE6B, element(0xAE, video) + element(0xAE, sound))
        segment = element(0x1549A966, info) + tracks + element(0x1F43B675, bytes(20))
        head = element(0x1A45DFA3, element(0x4282, b"webm"))
        return head + element(0x18538067, segment, unknown_size=True)

    return make


@pytest.fixture
def a_wav():
    def make(seconds: int, claimed_bytes: int | None = None) -> bytes:
        sound = bytes(16_000 * seconds)
        form = struct.pack("<HHLLHH", 1, 1, 8_000, 16_000, 2, 16)
        data = struct.pack("<4sL", b"data", claimed_bytes or len(sound)) + sound
        return b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + data

    return make


@pytest.fixture
def a_file(tmp_path):
    def make(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make
