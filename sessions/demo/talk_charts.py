"""Bars of a long talk's slide: standing where their names are short, lying where they are long."""

from __future__ import annotations

from sessions.demo import drawing as d
from sessions.demo.drawing import Box, Part, Words
from sessions.demo.talk_text import TalkSlide
from sessions.demo.talk_tints import Tint
from sessions.demo.type_width import TypeWidth

Area = tuple[float, float, float, float]  # left, top, width, height
LABEL, NUMBER = 29, 34
COLUMN_WIDE, COLUMN_STEP, WIDEST_STEP = 150, 216, 280
MOST_COLUMNS = 5
LABEL_WIDE = 460


def bars(slide: TalkSlide, area: Area, tint: Tint, measure: TypeWidth) -> list[Part]:
    """The slide's bars with their names and numbers, as shapes and words."""
    widest = max(measure.of(bar.label, LABEL, bold=True) for bar in slide.bars)
    if len(slide.bars) <= MOST_COLUMNS and widest <= COLUMN_STEP - 16:
        return _standing(slide, area, tint)
    return _lying(slide, area, tint, measure)


def _scale(slide: TalkSlide) -> float:
    """What a whole bar stands for."""
    return 100 if _is_share(slide) else max(bar.value for bar in slide.bars)


def _is_share(slide: TalkSlide) -> bool:
    """Whether the bars are shares, of which the whole can be shown too."""
    return "%" in slide.title and 50 < max(bar.value for bar in slide.bars) <= 100


def _standing(slide: TalkSlide, area: Area, tint: Tint) -> list[Part]:
    x, y, wide, high = area
    foot, tall = y + high - 52, high - 52 - 56
    step = min(WIDEST_STEP, wide / len(slide.bars))
    parts: list[Part] = []
    for n, bar in enumerate(slide.bars):
        left, h = x + n * step, tall * bar.value / _scale(slide)
        last = n == len(slide.bars) - 1
        middle = left + step / 2
        parts += [
            Box(
                middle - COLUMN_WIDE / 2,
                foot - h,
                COLUMN_WIDE,
                h,
                tint.accent if last else tint.mid,
            ),
            Words(middle, foot + 12, bar.label, LABEL, d.INK, bold=last, align="center", wide=step),
            Words(
                middle,
                foot - h - 52,
                number(bar.value),
                38,
                d.INK,
                bold=True,
                align="center",
                wide=step,
            ),
        ]
    return [*parts, Box(x, foot, step * len(slide.bars), 3, d.INK_2)]


def _lying(slide: TalkSlide, area: Area, tint: Tint, measure: TypeWidth) -> list[Part]:
    x, y, wide, high = area
    step = min(108.0, high / len(slide.bars))
    named = [measure.broken(bar.label, LABEL_WIDE, LABEL) for bar in slide.bars]
    label = max(measure.of(name, LABEL) for name in named) + 30
    longest = wide - label - 110
    parts: list[Part] = []
    for n, (bar, name) in enumerate(zip(slide.bars, named, strict=True)):
        middle, thick = y + (n + 0.5) * step, step * 0.54
        long = longest * bar.value / _scale(slide)
        high_of_name = (name.count("\n") + 1) * LABEL * d.LINE
        if _is_share(slide):
            parts.append(Box(x + label, middle - thick / 2, longest, thick, tint.soft, 6))
        if bar.value:
            parts.append(Box(x + label, middle - thick / 2, long, thick, tint.accent, 6))
        parts += [
            Words(x, middle - high_of_name / 2, name, LABEL, d.INK, wide=label - 10),
            Words(
                x + label + (longest if _is_share(slide) else long) + 18,
                middle - NUMBER * d.LINE / 2,
                number(bar.value),
                NUMBER,
                d.INK,
                bold=True,
                wide=92,
            ),
        ]
    return parts


def number(value: int) -> str:
    """The number in groups of three, as tables have it."""
    return f"{value:,}".replace(",", " ")
