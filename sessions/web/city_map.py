"""A map of dots: places on a conic projection that fits them, with the grid of the globe behind.

Pure, and of no country: parallels, meridian and scale follow from the places themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

WIDTH = 1120.0
HIGHEST, LOWEST = 520.0, 260.0
MARGIN = 44.0
MOST_LABELS = 90
# The largest places are named even where their names cover so many small dots.
LARGEST, COVERED = 10, 3
LETTER, LINE = 6.3, 13.0
_STEPS = (20.0, 10.0, 5.0, 2.0, 1.0)


@dataclass(frozen=True)
class Place:
    """Where a dot shall be. weight: its size from 0 to 1."""

    id: int
    name: str
    lat: float
    lon: float
    weight: float


@dataclass(frozen=True)
class Dot:
    """A place on the map, in units of its view box."""

    place: Place
    x: float
    y: float
    r: float


@dataclass(frozen=True)
class Label:
    """A name beside the dot of place `id`. anchor: SVG's text-anchor."""

    id: int
    text: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class CityMap:
    """The finished map: `grid` holds the points of polylines; dots the largest first."""

    height: int
    grid: tuple[str, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]
    width: int = round(WIDTH)


Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Conic:
    """The equidistant conic projection (Snyder, Map Projections, 1987, p. 111), in degrees."""

    south: float
    north: float
    meridian: float

    def __call__(self, lat: float, lon: float) -> Point:
        """Where a place lies, in radii of the globe; y grows downward."""
        first, second = math.radians(self.south), math.radians(self.north)
        away = math.radians((lon - self.meridian + 180) % 360 - 180)
        n = (math.cos(first) - math.cos(second)) / (second - first)
        if abs(n) < 0.05:  # so near the equator the cone is a cylinder
            return away * math.cos(first), -math.radians(lat)
        reach = math.cos(first) / n + first - math.radians(lat)
        return reach * math.sin(n * away), reach * math.cos(n * away)


@lru_cache(maxsize=8)
def drawn(places: tuple[Place, ...]) -> CityMap | None:
    """The map of these places; None where there is none. Kept, as cities seldom change."""
    if not places:
        return None
    west, east = _span([place.lon for place in places])
    south, north = _widened(
        min(place.lat for place in places), max(place.lat for place in places), 4
    )
    rim = (north - south) / 6
    project = Conic(south + rim, north - rim, (west + east) / 2)
    points = [project(place.lat, place.lon) for place in places]
    scale, left, top, height = _fit(points)

    def put(point: Point) -> Point:
        return round(point[0] * scale + left, 1), round(point[1] * scale + top, 1)

    dots = tuple(
        Dot(place, *put(point), round(3.6 + 8 * math.sqrt(place.weight), 1))
        for place, point in sorted(
            zip(places, points, strict=True), key=lambda pair: (-pair[0].weight, pair[0].id)
        )
    )
    grid = tuple(
        " ".join(f"{x:g},{y:g}" for x, y in (put(project(*spot)) for spot in line))
        for line in _grid(south, north, west, east)
    )
    return CityMap(round(height), grid, dots, tuple(_labels(dots, height)))


def _span(longitudes: Sequence[float]) -> tuple[float, float]:
    """From west to east, the wide gap left outside; east may pass 180."""
    around = sorted(lon % 360 for lon in longitudes)
    gaps = [(after - before, after) for before, after in pairwise(around)]
    gaps.append((around[0] + 360 - around[-1], around[0]))
    _, west = max(gaps)
    east = west + max((lon - west) % 360 for lon in around)
    west, east = _widened(west, east, 6)
    return (west - 360, east - 360) if west >= 180 else (west, east)


def _widened(low: float, high: float, least: float) -> tuple[float, float]:
    """At least so many degrees, about the same middle."""
    short = max(0.0, least - (high - low)) / 2
    return low - short, high + short


def _fit(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Scale, left and top so that all points are on the map, and its height."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    wide, high = max(max(xs) - min(xs), 0.05), max(max(ys) - min(ys), 0.02)
    scale = min((WIDTH - 3 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / high)
    height = min(max(high * scale + 2 * MARGIN, LOWEST), HIGHEST)
    left = (WIDTH - (max(xs) + min(xs)) * scale) / 2
    top = (height - (max(ys) + min(ys)) * scale) / 2
    return scale, left, top, height


def _grid(south: float, north: float, west: float, east: float) -> Iterator[list[Point]]:
    """Meridians and parallels as (lat, lon), reaching past the places on every side."""
    step = next((one for one in _STEPS if (east - west) / one >= 5), 1.0)
    across = step / 2
    low, high = max(south - 3 * across, -88.0), min(north + 3 * across, 88.0)
    left, right = west - 3 * step, east + 3 * step
    for lon in _marks(left, right, step):
        yield [(lat, lon) for lat in _marks(low, high, across / 4, both_ends=True)]
    for lat in _marks(low, high, across):
        yield [(lat, lon) for lon in _marks(left, right, step / 4, both_ends=True)]


def _marks(low: float, high: float, step: float, *, both_ends: bool = False) -> list[float]:
    first = math.ceil(low / step)
    inner = [number * step for number in range(first, math.floor(high / step) + 1)]
    return [low, *inner, high] if both_ends else inner


def _labels(dots: Sequence[Dot], height: float) -> Iterator[Label]:
    """Names of the largest places, each where it covers no other name and fewest dots."""
    boxes = [_box_of(dot) for dot in dots]
    names: list[Box] = []
    for order, dot in enumerate(dots):
        bearable = COVERED if order < LARGEST else 0
        best: tuple[int, Label, Box] | None = None
        for label, box in _tries(dot):
            if not _inside(box, height) or any(_overlap(box, name) for name in names):
                continue
            covered = sum(1 for other in boxes if _overlap(box, other))
            if covered <= bearable and (best is None or covered < best[0]):
                best = covered, label, box
            if covered == 0:
                break
        if best is not None:
            names.append(best[2])
            yield best[1]
        if len(names) == MOST_LABELS:
            return


def _box_of(dot: Dot) -> Box:
    return dot.x - dot.r, dot.y - dot.r, dot.x + dot.r, dot.y + dot.r


def _inside(box: Box, height: float) -> bool:
    return box[0] >= 4 and box[2] <= WIDTH - 4 and box[1] >= 4 and box[3] <= height - 4


def _tries(dot: Dot) -> Iterator[tuple[Label, Box]]:
    """The name right of the dot, left of it, above and below, then at its corners."""
    length, gap = len(dot.place.name) * LETTER, dot.r + 3
    corner = 0.75 * gap
    for right, down in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1)):
        reach = corner if right and down else gap
        x, y = dot.x + right * reach, dot.y + 4 + down * (reach + 4)
        anchor = {1: "start", -1: "end", 0: "middle"}[right]
        left = x - {1: 0.0, -1: length, 0: length / 2}[right]
        label = Label(dot.place.id, dot.place.name, round(x, 1), round(y, 1), anchor)
        yield label, (left, y - LINE + 3, left + length, y + 3)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
