from __future__ import annotations

import math

import pytest

from sessions.web.city_map import Conic, Place, drawn


def a_place(name: str, lat: float, lon: float, weight: float = 0.1) -> Place:
    return Place(len(name), name, lat, lon, weight)


RUSSIA = (
    a_place("Калининград", 54.71, 20.51),
    a_place("Москва", 55.75, 37.62, 1.0),
    a_place("Мурманск", 68.97, 33.08),
    a_place("Грозный", 43.31, 45.69),
    a_place("Анадырь", 64.73, 177.51),
    a_place("Провидения", 64.42, -173.23),
)


def test_north_is_up_and_east_is_right_even_past_the_date_line() -> None:
    made = drawn(RUSSIA)

    assert made is not None
    at = {dot.place.name: (dot.x, dot.y) for dot in made.dots}
    eastward = [at[name][0] for name in ("Москва", "Анадырь", "Провидения")]
    assert eastward == sorted(eastward)
    assert at["Мурманск"][1] < at["Москва"][1] < at["Грозный"][1]


@pytest.mark.parametrize(
    "places",
    [
        RUSSIA,
        RUSSIA[:1],
        (a_place("Quito", -0.2, -78.5), a_place("Cali", 3.45, -76.5)),
        (a_place("Hobart", -42.9, 147.3), a_place("Perth", -31.95, 115.86)),
        (a_place("Hilo", 19.7, -155.1), a_place("Suva", -18.1, 178.4)),
    ],
    ids=["a wide country", "one city", "the equator", "the south", "an ocean"],
)
def test_every_dot_is_on_the_map(places: tuple[Place, ...]) -> None:
    made = drawn(places)

    assert made is not None
    outside = [
        dot.place.name
        for dot in made.dots
        if not (dot.r < dot.x < made.width - dot.r and dot.r < dot.y < made.height - dot.r)
    ]
    assert outside == []
    numbers = " ".join(made.grid).replace(",", " ").split()
    assert [one for one in numbers if not math.isfinite(float(one))] == []


def test_distances_along_the_meridian_are_true() -> None:
    conic = Conic(47, 64, 90)

    (_, north), (_, middle), (_, south) = (conic(lat, 90) for lat in (65, 55, 45))

    assert middle - north == pytest.approx(south - middle) == pytest.approx(math.radians(10))


def test_the_larger_city_has_the_larger_dot_and_lies_below_the_others() -> None:
    made = drawn(RUSSIA)

    assert made is not None
    first, *others = made.dots
    assert first.place.name == "Москва"
    assert {dot.r < first.r for dot in others} == {True}


def test_names_cover_neither_one_another_nor_the_edge() -> None:
    crowd = tuple(Place(n, f"Город {n}", 50 + n % 12, 35 + n // 3, 0.1) for n in range(120))

    made = drawn(crowd)

    assert made is not None
    boxes = []
    for label in made.labels:
        length = len(label.text) * 6.3
        left = label.x - {"start": 0, "middle": length / 2, "end": length}[label.anchor]
        boxes.append((left, label.y - 10, left + length, label.y + 3))
    assert len(boxes) > 5
    assert [box for box in boxes if box[0] < 0 or box[2] > made.width] == []
    assert [
        (one, other)
        for order, one in enumerate(boxes)
        for other in boxes[:order]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ] == []


def test_without_places_there_is_no_map() -> None:
    assert drawn(()) is None
