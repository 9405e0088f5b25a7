"""The colours of a deck: each format of the programme has its own, as on the site."""

from __future__ import annotations

from dataclasses import dataclass

from sessions.demo import drawing as d


@dataclass(frozen=True)
class Tint:
    """Shades of one colour; `night` is the cover's ground, `leaf` and `ice` stand on it."""

    accent: str
    soft: str
    mid: str
    night: str
    leaf: str
    ice: str


TINTS = {
    "video_conference": Tint(d.BRAND, d.BRAND_SOFT, d.BRAND_MID, d.NIGHT, "#2d7fa3", d.ICE),
    "internship": Tint("#4a6510", "#ecf1df", "#b3c48f", "#23300c", "#7f9c3a", "#d3e0b4"),
    "seminar": Tint("#653a97", "#efe8f7", "#bda6d8", "#2b1a42", "#8a5fbd", "#d9c8ee"),
    "project_session": Tint("#874520", "#f8ebe3", "#d8b39c", "#3d2011", "#a9683f", "#f0d3c1"),
    "consultation": Tint("#962a5b", "#f9e7ef", "#dba5bf", "#43142a", "#b9537f", "#f3c9dc"),
}
