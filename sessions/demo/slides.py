"""Lays out the slides of the sample talk: from what talk.toml says to boxes and words."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

from sessions.demo import drawing as d
from sessions.demo.drawing import Box, Disc, Grid, Part, Patch, Slide, Words
from sessions.demo.sample_talk import SlideText

LEFT, RIGHT = 80, d.WIDTH - 80
WIDE = RIGHT - LEFT
LIGHTS = (  # on the tree, from the middle of its top
    *((-20, 160), (34, 178), (-66, 196), (70, 200)),
    *((-30, 266), (22, 284), (-84, 304), (88, 312)),
    *((-40, 384), (10, 402), (64, 412), (-96, 426), (120, 436), (-140, 442)),
)


def lay_out(text: SlideText) -> Slide:
    """The slide as drawn. Raises KeyError for a kind that has no drawing."""
    plain = " ".join(text.title.split())
    if text.kind == "cover":
        return Slide(plain, d.NIGHT, tuple(_cover(text)))
    heading = Words(LEFT, 64, text.title, 48, d.INK, bold=True, is_title=True)
    return Slide(plain, d.SURFACE, (heading, *DRAWINGS[text.kind](text)))


def logo(x: float, y: float, side: float, upper: str, lower: str, gap: str) -> list[Part]:
    """The programme's sign: two leaves that overlap."""
    u = side / 32
    return [
        Box(x + 3 * u, y + 3 * u, 23 * u, 16 * u, upper, 8 * u),
        Box(x + 3 * u, y + 3 * u, 12 * u, 16 * u, upper),
        Box(x + 6 * u, y + 13 * u, 23 * u, 16 * u, lower, 8 * u),
        Box(x + 17 * u, y + 13 * u, 12 * u, 16 * u, lower),
        *([Box(x + 10 * u, y + 13 * u, 12 * u, 6 * u, gap, 3 * u)] if gap else []),
    ]


def _cover(text: SlideText) -> list[Part]:
    return [
        Words(96, 92, text.lead, 30, d.ICE),
        Words(96, 248, text.title, 72, d.SURFACE, bold=True, is_title=True),
        Words(96, 590, text.rows[0][0], 34, d.SURFACE),
        *logo(930, 430, 272, "#2d7fa3", d.NOW_LIGHT, ""),
    ]


def _agenda(text: SlideText) -> list[Part]:
    parts: list[Part] = []
    for n, (where, what, who) in enumerate(text.rows):
        y = 180 + n * 160
        parts += [
            Box(LEFT, y, WIDE, 136, d.PAPER, 14),
            Box(LEFT, y, 8, 136, d.BRAND if n < 2 else d.NOW),
            Words(LEFT + 40, y + 48, where, 30, d.BRAND if n < 2 else d.NOW, bold=True),
            Words(LEFT + 290, y + 26, what, 32, d.INK, bold=True),
            Words(LEFT + 290, y + 76, who, 27, d.INK_2),
        ]
    return parts


def _bars(text: SlideText) -> list[Part]:
    foot, tall, wide, step = 600, 360, 150, 205
    parts: list[Part] = [Words(LEFT, 136, text.lead, 28, d.INK_2)]
    for n, (label, share) in enumerate(text.rows):
        x, h = LEFT + n * step, tall * int(share) / 86
        last = n == len(text.rows) - 1
        parts += [
            Box(x, foot - h, wide, h, d.BRAND if last else d.BRAND_MID),
            Words(x + wide / 2, foot - h + 16, share, 40, d.SURFACE if last else d.INK, bold=True,
                  align="center"),
            Words(x + wide / 2, foot + 16, label, 26, d.INK, bold=last, align="center"),
        ]  # fmt: skip
    parts.append(Box(LEFT, foot, 3 * step + wide, 3, d.INK_2))
    return [*parts, *_note_beside(text.note, 330)]


def _table(text: SlideText) -> list[Part]:
    row_h = 440 / len(text.rows)
    grid = Grid(LEFT, 172, (430, 170, 170), row_h, 30, text.rows)
    return [grid, *_note_beside(text.note, 330)]


def _note_beside(note: str, y: float) -> list[Part]:
    lines = note.split("\n")
    height = 44 * d.LINE + (len(lines) - 1) * 30 * d.LINE + 52
    return [
        Box(876, y - 26, RIGHT - 876, height, d.NOW_SOFT, 14),
        Words(902, y, lines[0], 44, d.NOW, bold=True),
        Words(902, y + 60, "\n".join(lines[1:]), 30, d.NOW),
    ]


def _roles(text: SlideText) -> list[Part]:
    wide, gap = 354, 29
    parts: list[Part] = []
    for n, (role, does, so) in enumerate(text.rows):
        x = LEFT + n * (wide + gap)
        parts += [
            Box(x, 180, wide, 420, d.PAPER, 14),
            Disc(x + 62, 246, 32, (d.BRAND, d.NOW, d.OK)[n]),
            *bust(x + 62, 246, 0.52, d.SURFACE),
            Words(x + 30, 304, role, 32, d.INK, bold=True),
            Words(x + 30, 364, does, 27, d.INK),
            Box(x + 30, 458, wide - 60, 2, d.LINE_GREY),
            Words(x + 30, 482, so, 27, d.INK_2),
        ]
    return parts


def bust(x: float, y: float, k: float, fill: str) -> list[Part]:
    """A head and shoulders about 70·k high around (x, y)."""
    return [
        Disc(x, y - 15 * k, 18 * k, fill),
        Box(x - 32 * k, y + 8 * k, 64 * k, 44 * k, fill, 22 * k),
    ]


def _tree(text: SlideText) -> list[Part]:
    parts: list[Part] = [Words(LEFT, 136, text.lead, 30, d.INK_2)]
    for n, (what, how) in enumerate(text.rows):
        y = 210 + n * 124
        parts += [
            Disc(LEFT + 26, y + 44, 26, (d.NOW, d.BRAND, d.OK)[n]),
            Words(LEFT + 26, y + 25, str(n + 1), 28, d.SURFACE, bold=True, align="center"),
            Words(LEFT + 84, y, what, 34, d.INK, bold=True),
            Words(LEFT + 84, y + 48, how, 29, d.INK_2),
        ]
    parts.append(Words(LEFT, 598, text.note, 30, d.NOW, bold=True))
    return [*parts, *_fir(950, 92)]


def _fir(x: float, top: float) -> list[Part]:
    """The tree, its lights and its star; x is the middle of the trunk."""
    parts: list[Part] = [
        Box(730, top - 20, 470, 560, d.BRAND_SOFT, 24),
        Box(x - 24, top + 440, 48, 70, "#7a5233"),
        Box(x - 110, top + 498, 220, 14, "#b9cdd6", 7),
    ]
    for y, half, h in ((300, 190, 155), (180, 150, 150), (70, 108, 140)):
        tip, foot = top + y, top + y + h
        parts.append(Patch(((x, tip), (x + half, foot), (x - half, foot)), d.OK))
        parts.append(Patch(((x, tip), (x + half, foot), (x, foot)), d.OK_DARK))
    colours = (d.MARK, d.NOW_LIGHT, "#74c3e3", d.SURFACE)
    for n, (dx, dy) in enumerate(LIGHTS):
        parts.append(Disc(x + dx, top + dy, 10, colours[n % 4]))
    points = [
        (x + r * sin(n * pi / 5), top + 62 - r * cos(n * pi / 5))
        for n, r in enumerate((36, 15) * 5)
    ]
    return [*parts, Patch(tuple(points), d.NOW_LIGHT)]


def _steps(text: SlideText) -> list[Part]:
    wide = WIDE / len(text.rows)
    parts: list[Part] = [Box(LEFT + wide / 2, 276, WIDE - wide, 6, d.BRAND_MID)]
    for n, (week, what, how) in enumerate(text.rows):
        x = LEFT + (n + 0.5) * wide
        last = n == len(text.rows) - 1
        parts += [
            Disc(x, 279, 46, d.NOW if last else d.BRAND),
            Words(x, 252, week, 42, d.SURFACE, bold=True, align="center"),
            Words(x, 350, what, 31, d.INK, bold=True, align="center"),
            Words(x, 402, how, 26, d.INK_2, align="center"),
        ]
    parts.append(Words(LEFT, 180, "Неделя", 26, d.INK_2))
    return [*parts, Box(LEFT, 540, WIDE, 84, d.NOW_SOFT, 14),
            Words(d.WIDTH / 2, 562, text.note, 32, d.NOW, bold=True, align="center")]  # fmt: skip


def _summary(text: SlideText) -> list[Part]:
    parts: list[Part] = []
    for n, (number, what) in enumerate(text.rows):
        y = 176 + n * 130
        lines = what.count("\n") + 1
        parts += [
            Disc(LEFT + 44, y + 55, 44, d.BRAND),
            Words(LEFT + 44, y + 28, number, 42, d.SURFACE, bold=True, align="center"),
            Words(LEFT + 124, y + 55 - lines * 34 * d.LINE / 2, what, 34, d.INK, bold=True),
        ]
    return [*parts, Box(LEFT, 580, WIDE, 2, d.LINE_GREY), Words(LEFT, 602, text.note, 28, d.INK_2)]


DRAWINGS: dict[str, Callable[[SlideText], list[Part]]] = {
    "agenda": _agenda,
    "bars": _bars,
    "table": _table,
    "roles": _roles,
    "tree": _tree,
    "steps": _steps,
    "summary": _summary,
}
