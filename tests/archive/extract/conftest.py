"""Decks made on the spot, honest and hostile."""

from __future__ import annotations

import io
import os
import stat
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from fpdf import FPDF
from pptx import Presentation

from archive.extract.decks import read_deck
from archive.kinds import KINDS


@pytest.fixture
def a_file(tmp_path):
    def make(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


@pytest.fixture
def read(a_file, pictures):
    """Reads bytes as a deck of the given format."""

    def read_bytes(content: bytes, format_: str, **rest):
        return read_deck(a_file(f"deck.{format_}", content), KINDS[format_], pictures, **rest)

    return read_bytes


@pytest.fixture
def without_office(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))


@pytest.fixture
def office(monkeypatch, tmp_path):
    """Puts a `soffice` on the PATH that shows any deck as so many pages; 0 writes nothing."""

    def install(pages: int) -> None:
        folder = tmp_path / "programs"
        folder.mkdir()
        program = folder / "soffice"
        program.write_text(
            f"#!{sys.executable}\n"
            "import sys\n"
            "from fpdf import FPDF\n"
            "pdf = FPDF(unit='pt', format=(960, 540))\n"
            f"for _ in range({pages}):\n"
            "    pdf.add_page()\n"
            f"if {pages}:\n"
            "    pdf.output(sys.argv[sys.argv.index('--outdir') + 1] + '/shown.pdf')\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


@pytest.fixture
def a_pdf():
    """A PDF of slides, each with a heading in large letters and a line in small ones."""

    def make(*slides: tuple[str, str]) -> bytes:
        pdf = FPDF(unit="pt", format=(960, 540))
        for heading, line in slides:
            pdf.add_page()
            pdf.set_font("Helvetica", size=12)
            pdf.text(60, 40, "Exchange of cities")
            pdf.set_font("Helvetica", size=40)
            pdf.text(60, 120, heading)
            pdf.set_font("Helvetica", size=18)
            pdf.text(60, 200, line)
        return bytes(pdf.output())

    return make


@pytest.fixture
def raw_pdf():
    """A PDF written by hand: one content stream a page, given as dictionary entries and bytes."""

    def make(streams: list[tuple[str, bytes]], font: str = "", extra: bytes = b"") -> bytes:
        count = len(streams)
        kids = " ".join(f"{10 + 2 * n} 0 R" for n in range(count))
        objects: list[tuple[int, bytes]] = [
            (1, b"<< /Type /Catalog /Pages 2 0 R >>"),
            (2, f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode()),
            (3, f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica {font} >>".encode()),
        ]
        if extra:
            objects.append((4, b"<< /Length %d >>\nstream\n%b\nendstream" % (len(extra), extra)))
        for n, (entries, content) in enumerate(streams):
            page = (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 960 540] /Contents {11 + 2 * n} 0 R "
            )
            page += "/Resources << /Font << /F1 3 0 R >> >> >>"
            objects.append((10 + 2 * n, page.encode()))
            head = f"<< /Length {len(content)} {entries} >>\nstream\n".encode()
            objects.append((11 + 2 * n, head + content + b"\nendstream"))
        return _with_table(objects)

    return make


def _with_table(objects: list[tuple[int, bytes]]) -> bytes:
    written = b"%PDF-1.4\n"
    at = {}
    for number, body in objects:
        at[number] = len(written)
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(written)
    last = max(at) + 1
    written += b"xref\n0 %d\n0000000000 65535 f \n" % last
    for number in range(1, last):
        line = b"%010d 00000 n \n" % at[number] if number in at else b"0000000000 65535 f \n"
        written += line
    return written + b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (last, table)


@pytest.fixture(scope="session")
def bomb() -> tuple[str, bytes]:
    """A content stream of a few kilobytes that unpacks to 600 MB."""
    packer = zlib.compressobj(9)
    block = b"0 " * 500_000
    once = b"".join(packer.compress(block) for _ in range(600)) + packer.flush()
    return "/Filter [/FlateDecode /FlateDecode]", zlib.compress(once, 9)


@pytest.fixture
def a_pptx():
    """A PowerPoint deck with a title and a line on each slide; `change` may add to it."""

    def make(*slides: tuple[str, str], change=None) -> bytes:
        deck = Presentation()
        for title, line in slides:
            slide = deck.slides.add_slide(deck.slide_layouts[1])
            slide.shapes.title.text = title
            slide.placeholders[1].text = line
        if change:
            change(deck)
        packed = io.BytesIO()
        deck.save(packed)
        return packed.getvalue()

    return make


@pytest.fixture
def repacked():
    """The archive with some members' content changed by a function from bytes to bytes."""

    def change(content: bytes, **changes) -> bytes:
        packed = io.BytesIO()
        old = zipfile.ZipFile(io.BytesIO(content))
        with old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                wanted = name.rsplit("/", 1)[-1].replace(".", "_")
                kept = changes.get(wanted, lambda whole: whole)
                new.writestr(name, kept(old.read(name)))
        return packed.getvalue()

    return change
