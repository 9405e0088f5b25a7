"""A file is taken for what its bytes are, and only if its name agrees."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest
from fpdf import FPDF
from odfdo import Document
from pptx import Presentation

from archive.extract.problems import Unreadable
from archive.extract.zip_guard import ZipLimits
from archive.kinds import kind_of


@pytest.fixture
def a_file(tmp_path):
    def make(name: str, content: bytes):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


def a_pdf() -> bytes:
    pdf = FPDF()
    pdf.add_page()
    return bytes(pdf.output())


def a_pptx() -> bytes:
    packed = io.BytesIO()
    Presentation().save(packed)
    return packed.getvalue()


def an_odp() -> bytes:
    packed = io.BytesIO()
    Document("presentation").save(packed)
    return packed.getvalue()


def a_zip(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


MP4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + b"\0\0\0\x08free"
M4A = b"\0\0\0\x20ftypM4A \0\0\x02\0isomiso2avc1mp41" + b"\0\0\0\x08free"
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04"
MKV = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska\x42\x87\x81\x04"
WAV = b"RIFF\x24\0\0\0WAVEfmt "
MP3 = (b"\xff\xfb\x90\x00" + b"\0" * 413) * 2
VTT = "\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nДа\n".encode()
SRT = "1\r\n00:00:01,000 --> 00:00:02,000\r\nДа\r\n".encode("cp1251")


@pytest.mark.parametrize(
    ("name", "content", "group", "media_type"),
    [
        ("a.mp4", MP4, "video", "video/mp4"),
        ("a.m4v", MP4, "video", "video/mp4"),
        ("a.webm", WEBM, "video", "video/webm"),
        ("a.m4a", M4A, "audio", "audio/mp4"),
        ("a.m4a", MP4, "audio", "audio/mp4"),
        ("a.wav", WAV, "audio", "audio/wav"),
        ("a.mp3", MP3, "audio", "audio/mpeg"),
        ("a.mp3", b"ID3\x04\0\0" + b"\0" * 20, "audio", "audio/mpeg"),
        ("a.ogg", b"OggS\0\x02", "audio", "audio/ogg"),
        ("A.PDF", a_pdf(), "slides", "application/pdf"),
        ("a.pdf", b"\r\n" + a_pdf(), "slides", "application/pdf"),
        ("a.odp", an_odp(), "slides", "application/vnd.oasis.opendocument.presentation"),
        ("a.vtt", VTT, "transcript", "text/vtt"),
        ("a.srt", SRT, "transcript", "application/x-subrip"),
        ("a.vtt", SRT, "transcript", "application/x-subrip"),
        ("a.srt", SRT.decode("cp1251").encode("utf-16"), "transcript", "application/x-subrip"),
    ],
)
def test_honest_file_is_known(a_file, name, content, group, media_type):
    kind = kind_of(a_file(name, content))

    assert (kind.group, kind.media_type) == (group, media_type)


def test_one_frame_mark_alone_makes_no_sound_file(a_file):
    with pytest.raises(Unreadable) as refused:
        kind_of(a_file("a.mp3", b"\xff\xfb\x90\x00" + b"\0" * 900))

    assert refused.value.reason == "not_what_it_says"


def test_powerpoint_deck_is_known(a_file):
    assert kind_of(a_file("a.pptx", a_pptx())).format == "pptx"


def test_stored_name_without_extension_is_judged_by_the_name_it_came_with(a_file):
    path = a_file("7f3a", a_pdf())

    assert kind_of(path, "Доклад.pdf").format == "pdf"
    with pytest.raises(Unreadable) as refused:
        kind_of(path, "Доклад.mp4")
    assert refused.value.details == {"said": "mp4", "is_": "pdf"}


@pytest.mark.parametrize(
    ("name", "content", "is_"),
    [
        ("a.pdf", b"MZ\x90\0\x03" + b"\0" * 200, "exe"),
        ("a.pdf", b"MZ\x90\0\x03" + b"\0" * 200 + a_pdf(), "exe"),
        ("a.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "m3u8"),
        ("a.mp4", b"\xef\xbb\xbf#EXTM3U\nhttp://127.0.0.1/\n", "m3u8"),
        ("a.mp4", b"ffconcat version 1.0\nfile '/etc/passwd'\n", "ffconcat"),
        ("a.vtt", b"#EXTM3U\n00:01.000 --> 00:02.000\n", "m3u8"),
        ("a.vtt", b"<html><script>x</script>00:01.000 --> 00:02.000\n</html>", "html"),
        ("a.srt", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "svg"),
        ("a.webm", MKV, "mkv"),
        ("a.webm", MP4, "mp4"),
        ("a.mp4", MP4.replace(b"isom\0\0", b"heic\0\0"), "heic"),
        ("a.pptx", a_pdf(), "pdf"),
        ("a.pptx", an_odp(), "odp"),
        ("a.pptx", a_zip({"[Content_Types].xml": b"", "word/document.xml": b""}), "docx"),
        ("a.odp", a_zip({"mimetype": b"application/vnd.oasis.opendocument.text"}), "odt"),
        ("a.pptx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "ppt"),
        ("a.exe", a_pdf(), "pdf"),
    ],
)
def test_file_that_is_not_what_it_says_is_refused(a_file, name, content, is_):
    with pytest.raises(Unreadable) as refused:
        kind_of(a_file(name, content))

    assert refused.value.reason == "not_what_it_says"
    assert refused.value.details == {"said": name[2:], "is_": is_}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", a_zip({"[Content_Types].xml": b"", "word/document.xml": b""})),
        ("a.mkv", MKV),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.txt", "просто слова".encode()),
    ],
)
def test_honest_file_of_another_kind_is_not_accepted(a_file, name, content):
    with pytest.raises(Unreadable) as refused:
        kind_of(a_file(name, content))

    assert (refused.value.reason, refused.value.details) == ("kind_not_accepted", {"is_": name[2:]})


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b" \r\n\t"])
def test_file_without_content_is_empty(a_file, content):
    with pytest.raises(Unreadable) as refused:
        kind_of(a_file("a.mp4", content))

    assert refused.value.reason == "empty"


def test_powerpoint_deck_with_a_password_is_encrypted(a_file):
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    content += "EncryptedPackage".encode("utf-16-le")

    with pytest.raises(Unreadable) as refused:
        kind_of(a_file("a.pptx", content))

    assert refused.value.reason == "encrypted"


def with_link(content: bytes) -> bytes:
    packed = io.BytesIO(content)
    with zipfile.ZipFile(packed, "a") as archive:
        link = zipfile.ZipInfo("ppt/link.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (a_zip({"../evil.xml": b"x"}), "path"),
        (a_zip({"ppt/../../evil.xml": b"x"}), "path"),
        (a_zip({"..\\evil.xml": b"x"}), "path"),
        (a_zip({"/etc/evil.xml": b"x"}), "path"),
        (a_zip({"C:/evil.xml": b"x"}), "path"),
        (a_zip({"ppt/media/more.zip": b"x"}), "archive"),
        (a_zip({"ppt/media/more.pptx": b"x"}), "archive"),
        (with_link(a_pptx()), "link"),
    ],
)
def test_deck_with_a_member_no_office_program_writes_is_refused(a_file, content, what):
    with pytest.raises(Unreadable) as refused:
        kind_of(a_file("a.pptx", content))

    assert (refused.value.reason, refused.value.details["what"]) == ("unsafe_inside", what)


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (ZipLimits(unpacked_bytes=1_000_000), "unpacked_bytes"),
        (ZipLimits(members=3), "members"),
        (ZipLimits(ratio=100), "ratio"),
    ],
)
def test_deck_that_asks_for_too_much_is_refused_by_its_directory(a_file, limits, what):
    members = {f"ppt/slides/slide{n}.xml": b" " * 20_000_000 for n in range(3)}
    path = a_file("a.pptx", a_zip({"[Content_Types].xml": b"", **members}))

    with pytest.raises(Unreadable) as refused:
        kind_of(path, zip_limits=limits)

    assert (refused.value.reason, refused.value.details["what"]) == ("too_big_inside", what)


def test_directory_of_millions_is_refused_without_listing_it(a_file):
    end_record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 400_000_000, 0, 0)

    with pytest.raises(Unreadable) as refused:
        kind_of(a_file("a.pptx", b"PK\x03\x04" + b"\0" * 100 + end_record))

    assert (refused.value.reason, refused.value.details["what"]) == ("too_big_inside", "members")


def test_deck_cut_short_is_damaged(a_file):
    with pytest.raises(Unreadable) as refused:
        kind_of(a_file("a.pptx", a_pptx()[:-500]))

    assert refused.value.reason == "damaged"
