"""A deck as ODP (OpenDocument 1.3): shapes, words and real tables, written straight as XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from sessions.demo import drawing as d
from sessions.demo.deck import MADE_AT, OFFICE_FONT, POINTS
from sessions.demo.drawing import Box, Disc, Grid, Part, Patch, Slide, Words

TYPE = "application/vnd.oasis.opendocument.presentation"
_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = (
    *("office", "style", "text", "table", "presentation", "meta"),
    *("draw=drawing", "fo=xsl-fo-compatible", "svg=svg-compatible"),
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_STYLES = """<office:font-face-decls>
<style:font-face style:name="{font}" svg:font-family="{font}" style:font-family-generic="swiss"/>
</office:font-face-decls>
<office:styles>
<style:default-style style:family="graphic">
<style:graphic-properties draw:stroke="none" draw:shadow="hidden"/>
<style:text-properties style:font-name="{font}"/></style:default-style>
</office:styles>
<office:automatic-styles>
<style:page-layout style:name="wide"><style:page-layout-properties fo:margin="0pt"
 fo:page-width="{wide}" fo:page-height="{high}" style:print-orientation="landscape"/>
</style:page-layout>
<style:style style:name="plain" style:family="drawing-page"/>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="plain" style:page-layout-name="wide"
 draw:style-name="plain"/></office:master-styles>"""
_META = """<office:meta><meta:generator>Vzaimo</meta:generator>
<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">{title}</dc:title>
<meta:creation-date>{made}</meta:creation-date></office:meta>"""


def save_odp(slides: Sequence[Slide], title: str, path: Path) -> None:
    """Write the deck as ODP, the notes with the slides that have them."""
    writing = _Writing()
    pages = "\n".join(writing.page(n, slide) for n, slide in enumerate(slides, start=1))
    fonts = f'<style:font-face style:name="{OFFICE_FONT}" svg:font-family="{OFFICE_FONT}"/>'
    content = (
        f"<office:font-face-decls>{fonts}</office:font-face-decls>"
        f"<office:automatic-styles>{''.join(writing.styles.values())}</office:automatic-styles>\n"
        f"<office:body><office:presentation>\n{pages}\n</office:presentation></office:body>"
    )
    styles = _STYLES.format(font=OFFICE_FONT, wide=_pt(d.WIDTH), high=_pt(d.HEIGHT))
    made = MADE_AT.strftime("%Y-%m-%dT%H:%M:%S")
    members = {
        "content.xml": _document("document-content", content),
        "styles.xml": _document("document-styles", styles),
        "meta.xml": _document("document-meta", _META.format(title=escape(title), made=made)),
    }
    path.write_bytes(_packed(members))


class _Writing:
    """The pages as XML, and the automatic styles they use, by what these say."""

    def __init__(self) -> None:
        self.styles: dict[tuple[str, str], str] = {}

    def page(self, number: int, slide: Slide) -> str:
        ground = (
            f'<style:drawing-page-properties draw:fill="solid" draw:fill-color="{slide.ground}"'
            ' presentation:background-visible="true" draw:background-size="full"/>'
        )
        name = quoteattr(f"{number}. {slide.title}")
        shapes = "\n".join(self._part(part) for part in slide.parts)
        return (
            f'<draw:page draw:name={name} draw:style-name="{self._style("drawing-page", ground)}"'
            f' draw:master-page-name="plain">\n{shapes}\n{self._notes(slide.notes)}</draw:page>'
        )

    def _notes(self, notes: str) -> str:
        if not notes:
            return ""
        return (
            '<presentation:notes><draw:frame presentation:class="notes"'
            f" {_at(60, 760, 900, 500)}><draw:text-box><text:p>{escape(notes)}</text:p>"
            "</draw:text-box></draw:frame></presentation:notes>\n"
        )

    def _part(self, part: Part) -> str:
        match part:
            case Box():
                # A corner has one radius here, and half the lesser side is the most.
                radius = _pt(min(part.radius, part.w / 2, part.h / 2))
                at = _at(part.x, part.y, part.w, part.h)
                style = self._filled(part.fill)
                return f'<draw:rect {style} draw:corner-radius="{radius}" {at}/>'
            case Disc():
                at = _at(part.x - part.r, part.y - part.r, 2 * part.r, 2 * part.r)
                return f"<draw:ellipse {self._filled(part.fill)} {at}/>"
            case Patch():
                return self._patch(part)
            case Words():
                return self._words(part)
            case Grid():
                return self._grid(part)

    def _patch(self, patch: Patch) -> str:
        xs, ys = [x for x, _ in patch.points], [y for _, y in patch.points]
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        points = " ".join(f"{x - min(xs):.0f},{y - min(ys):.0f}" for x, y in patch.points)
        return (
            f"<draw:polygon {self._filled(patch.fill)} {_at(min(xs), min(ys), wide, high)}"
            f' svg:viewBox="0 0 {wide:.0f} {high:.0f}" draw:points="{points}"/>'
        )

    def _words(self, words: Words) -> str:
        wide = words.wide or d.WIDTH - 80 - words.x
        left = {"left": 0.0, "center": wide / 2, "right": wide}[words.align]
        tall = (words.text.count("\n") + 1) * words.size * d.LINE
        lines = [words.text.replace("\n", " ")] if words.wide else words.text.split("\n")
        said = self._paragraph(lines, words.size, words.fill, words.align, bold=words.bold)
        role = ' presentation:class="title"' if words.is_title else ""
        kind = "presentation" if words.is_title else "graphic"
        box = (
            '<style:graphic-properties draw:stroke="none" draw:fill="none" fo:padding-top="0pt"'
            ' fo:padding-bottom="0pt" fo:padding-left="0pt" fo:padding-right="0pt"'
            ' draw:textarea-vertical-align="top" draw:auto-grow-height="false"'
            ' draw:auto-grow-width="false" fo:wrap-option="wrap"/>'
        )
        style = f'{kind if role else "draw"}:style-name="{self._style(kind, box)}"'
        at = _at(words.x - left, words.y, wide, tall)
        return f"<draw:frame {style}{role} {at}><draw:text-box>{said}</draw:text-box></draw:frame>"

    def _grid(self, grid: Grid) -> str:
        columns = "".join(
            f'<table:table-column table:style-name="{self._size("column", "width", width)}"/>'
            for width in grid.widths
        )
        rows = "\n".join(
            f'<table:table-row table:style-name="{self._size("row", "height", tall)}">'
            f"{self._cells(grid, n)}</table:table-row>"
            for n, tall in enumerate(grid.heights())
        )
        at = _at(grid.x, grid.y, sum(grid.widths), sum(grid.heights()))
        return f"<draw:frame {at}><table:table>{columns}\n{rows}</table:table></draw:frame>"

    def _cells(self, grid: Grid, n: int) -> str:
        properties = (
            f'<style:graphic-properties draw:fill="solid" draw:fill-color="{grid.ground(n)}"'
            f' draw:textarea-vertical-align="middle" fo:padding="{_pt(4)}"'
            f' fo:padding-left="{_pt(20)}" fo:padding-right="{_pt(20)}"/>'
            f'<style:paragraph-properties fo:border="none"'
            f' fo:border-bottom="0.75pt solid {d.LINE_GREY}"/>'
        )
        style = self._style("table-cell", properties)
        fill, bold = d.INK if n else d.SURFACE, grid.is_strong(n)
        return "".join(
            f'<table:table-cell table:style-name="{style}">'
            + self._paragraph(
                [text.replace("\n", " ")], grid.size, fill, grid.align(column), bold=bold
            )
            + "</table:table-cell>"
            for column, text in enumerate(grid.rows[n])
        )

    def _paragraph(
        self, lines: Sequence[str], size: float, fill: str, align: str, *, bold: bool
    ) -> str:
        side = {"left": "start", "center": "center", "right": "end"}[align]
        points = f"{size * POINTS:g}pt"
        weight = "bold" if bold else "normal"
        written = (
            f'<style:paragraph-properties fo:text-align="{side}" fo:margin="0pt"'
            f' fo:line-height="{100 * d.LINE / 1.15:.0f}%"/>'
            f'<style:text-properties fo:color="{fill}" fo:font-size="{points}"'
            f' fo:font-weight="{weight}" style:font-name="{OFFICE_FONT}"/>'
        )
        words = "<text:line-break/>".join(escape(line) for line in lines)
        return f'<text:p text:style-name="{self._style("paragraph", written)}">{words}</text:p>'

    def _filled(self, fill: str) -> str:
        properties = (
            '<style:graphic-properties draw:stroke="none" draw:fill="solid"'
            f' draw:fill-color="{fill}" draw:shadow="hidden"/>'
        )
        return f'draw:style-name="{self._style("graphic", properties)}"'

    def _size(self, what: str, side: str, length: float) -> str:
        properties = (
            f'<style:table-{what}-properties style:{what}-{side}="{_pt(length)}"'
            ' style:use-optimal-row-height="false"/>'
        )
        if what == "column":
            properties = properties.replace(' style:use-optimal-row-height="false"', "")
        return self._style(f"table-{what}", properties)

    def _style(self, family: str, properties: str) -> str:
        """The name of the style that says this, made at its first use."""
        key = (family, properties)
        name = f"s{list(self.styles).index(key) if key in self.styles else len(self.styles)}"
        self.styles[key] = (
            f'<style:style style:name="{name}" style:family="{family}">{properties}</style:style>\n'
        )
        return name


def _document(root: str, body: str) -> bytes:
    spaces = "".join(
        f' xmlns:{prefix}="{_NS}{full or prefix}:1.0"'
        for prefix, _, full in (space.partition("=") for space in _SPACES)
    )
    written = f'<office:{root}{spaces} office:version="1.3">\n{body}\n</office:{root}>\n'
    return (_HEAD + written).encode()


def _packed(members: dict[str, bytes]) -> bytes:
    named = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in {"/": TYPE, **dict.fromkeys(members, "text/xml")}.items()
    )
    manifest = (
        f'{_HEAD}<manifest:manifest xmlns:manifest="{_NS}manifest:1.0" manifest:version="1.3">'
        f"{named}</manifest:manifest>"
    )
    stamp = (MADE_AT.year, MADE_AT.month, MADE_AT.day, MADE_AT.hour, MADE_AT.minute, 0)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as new:
        # The type stands first and not compressed, so that one can see it from outside.
        new.writestr(zipfile.ZipInfo("mimetype", stamp), TYPE, zipfile.ZIP_STORED)
        for name, content in {**members, "META-INF/manifest.xml": manifest.encode()}.items():
            new.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED, 9)
    return written.getvalue()


def _at(x: float, y: float, wide: float, high: float) -> str:
    return f'svg:x="{_pt(x)}" svg:y="{_pt(y)}" svg:width="{_pt(wide)}" svg:height="{_pt(high)}"'


def _pt(units: float) -> str:
    return f"{units * POINTS:.2f}pt"
