from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions.web import typography
from sessions.web.typography import typo, typo_html


def shown(text: str) -> str:
    """The text with its invisible characters made visible."""
    return text.replace("\u00a0", "~").replace("\u2060", "^")


@pytest.mark.parametrize(
    ("written", "set_in_print"),
    [
        ("и в школе на уроке", "и~в~школе на~уроке"),
        ("При школе, для города без кавычек", "При~школе, для~города без~кавычек"),
        ("хотел бы я знать же", "хотел~бы я~знать~же"),
        ("школы РФ и США", "школы РФ и~США"),
        ("кто-то из них", "кто-то из~них"),
        ("18 412 участников из 123 городов", "18~412~участников из~123~городов"),
        ("с 10 до 11 и 2 в среду", "с~10 до~11 и~2 в~среду"),
        ("в 18412 году 5 000 000 рублей", "в~18412~году 5~000~000~рублей"),
        ("школа №12 и § 5", "школа №~12 и~§~5"),
        ("96,0% и -5 градусов", "96,0~% и~−5~градусов"),
        ("Н. А. Орлова, Самойлова Е. С.", "Н.~А.~Орлова, Самойлова~Е.~С."),
        ("г. Пермь, ул. Мира, в 2026 г. Потом", "г.~Пермь, ул.~Мира, в~2026~г. Потом"),
        ("Наставник - молодой учитель", "Наставник~— молодой учитель"),
        ("Наставник -- учитель", "Наставник~— учитель"),
        ("начало 10:00 - 11:30", "начало 10:00–^11:30"),
        ("классы 5–9", "классы 5–^9"),
        ("в 2024 — 15 городов", "в~2024~— 15~городов"),
        ("из Улан-Удэ в Ростов-на-Дону", "из~Улан-^Удэ в~Ростов-^на-^Дону"),
        ("и так далее...", "и~так далее…"),
    ],
)
def test_russian_text_gets_the_breaks_and_dashes_of_print(written, set_in_print):
    assert shown(typo(written)) == set_in_print


@pytest.mark.parametrize(
    ("written", "set_in_print"),
    [
        ('школа "Росток"', "школа «Росток»"),
        ('"Школа "Росток" и город"', "«Школа „Росток“ и~город»"),
        ("«Школа «Росток»»", "«Школа „Росток“»"),
        ("“Росток” и дом", "«Росток» и~дом"),
        ('экран 5" и школа', 'экран 5" и~школа'),
        ('The "Sprout" school', "The “Sprout” school"),
    ],
)
def test_quotation_marks_follow_the_depth_and_stay_where_they_do_not_pair(written, set_in_print):
    assert shown(typo(written)) == set_in_print


def test_english_text_keeps_its_own_dash_and_percent():
    assert shown(typo("96% of 18 cities - all in")) == "96% of 18~cities - all in"


def test_long_text_is_set_as_short_text_is():
    line = "В 5 школах - 96% учителей. "

    assert typo(line * 20) == typo(line) * 20
    assert typo_html(line * 20) == typo_html(line) * 20


def test_addresses_stay_as_they_are():
    written = "См. https://example.org/на-5?a=1-2...3 или na-5@example.org"

    assert shown(typo(written)) == written.replace("или ", "или~")


def test_markup_keeps_its_tags_entities_and_code():
    written = (
        '<a href="/на 5 дней" title="a - b">на <b>15</b> городов</a> &amp; <code>в 5 "a"</code>'
    )

    assert shown(typo_html(written)) == (
        '<a href="/на 5 дней" title="a - b">на~<b>15</b>~городов</a> &amp; <code>в 5 "a"</code>'
    )


def test_markup_never_gains_a_bare_quotation_mark():
    assert typo_html("школа &#34;Росток&#34; и 5&#34;") == "школа &#34;Росток&#34; и\u00a05&#34;"


def test_paired_entities_in_markup_become_quotation_marks():
    assert typo_html("школа &#34;Росток&#34;") == "школа «Росток»"


russian_like = st.text(alphabet='аяНЁ бжв1 5-–—.,:"«»„“”№%()\u00a0\u2060\n<>&;b/@', max_size=40)


@given(russian_like)
@example("1 234 5678")
@example('"" "а"')
def test_setting_twice_changes_nothing_more(text):
    once = typo(text)

    assert typo(once) == once


@given(russian_like)
def test_setting_markup_twice_changes_nothing_more(text):
    once = typo_html(text)

    assert typo_html(once) == once


def test_the_hour_has_no_leading_zero():
    assert typography.clock(time(9, 0)) == "9:00"
    assert typography.clock(datetime(2026, 10, 15, 0, 5, tzinfo=UTC)) == "0:05"


def test_a_time_range_has_no_spaces():
    assert typography.time_range(time(10, 0), time(11, 30)) == "10:00–11:30"


THURSDAY = date(2026, 10, 15)


@pytest.mark.parametrize(
    ("words", "russian", "english"),
    [
        (typography.date_long, "15~октября 2026", "15~October 2026"),
        (typography.date_short, "15~октября", "15~October"),
        (typography.date_full, "четверг, 15~октября 2026", "Thursday, 15~October 2026"),
        (typography.weekday, "четверг", "Thursday"),
        (typography.month, "Октябрь 2026", "October 2026"),
    ],
)
def test_a_date_in_both_languages(words, russian, english):
    assert (shown(words(THURSDAY, "ru")), shown(words(THURSDAY, "en"))) == (russian, english)


def test_one_instant_has_the_date_of_the_zone_it_is_said_in():
    moscow = datetime(2026, 10, 15, 23, 30, tzinfo=ZoneInfo("Europe/Moscow"))
    vladivostok = moscow.astimezone(ZoneInfo("Asia/Vladivostok"))

    said = [typography.date_short(at, "en") for at in (moscow, vladivostok, moscow.date())]

    assert moscow == vladivostok
    assert [words.replace("\u00a0", " ") for words in said] == [
        "15 October", "16 October", "15 October",
    ]  # fmt: skip


def test_a_short_weekday():
    assert typography.weekday(THURSDAY, "ru", short=True) == "чт"


@pytest.mark.parametrize(
    ("last", "russian"),
    [
        (date(2026, 10, 15), "15~октября 2026"),
        (date(2026, 10, 17), "15–17~октября 2026"),
        (date(2026, 11, 2), "15~октября~— 2~ноября 2026"),
        (date(2027, 1, 3), "15~октября 2026~— 3~января 2027"),
    ],
)
def test_a_range_of_dates_repeats_only_what_differs(last, russian):
    assert shown(typography.date_range(THURSDAY, last, "ru")) == russian


@pytest.mark.parametrize(
    ("length", "russian"),
    [
        (5280, "1~ч~28~мин"),
        (timedelta(minutes=54), "54~мин"),
        (7200, "2~ч"),
        (3599, "1~ч"),
        (59.6, "1~мин"),
        (20, "20~с"),
        (0, "0~мин"),
    ],
)
def test_a_duration_in_hours_and_minutes(length, russian):
    assert shown(typography.duration(length, "ru")) == russian


def test_a_duration_in_english():
    assert shown(typography.duration(5280, "en")) == "1~h~28~min"


def test_a_timecode_shows_the_second_that_has_begun():
    assert [typography.timecode(s) for s in (7, 247.9, 3760)] == ["0:07", "4:07", "1:02:40"]


def test_numbers_in_both_languages():
    assert shown(typography.number(18412, "ru")) == "18~412"
    assert shown(typography.number(-3.5, "ru")) == "−3,5"
    assert typography.number(18412, "en") == "18,412"
    assert shown(typography.percent(0.96, "ru")) == "96,0~%"
    assert typography.percent(0.96, "en") == "96.0%"


@pytest.mark.parametrize(
    ("size_bytes", "russian"),
    [
        (1, "1~байт"),
        (2, "2~байта"),
        (512, "512~байт"),
        (1024, "1~КБ"),
        (319_488, "312~КБ"),
        (1_048_570, "1~МБ"),
        (4_823_449, "4,6~МБ"),
        (2_254_857_830, "2,1~ГБ"),
        (5_000 * 1024**4, "5~000~ТБ"),
    ],
)
def test_a_file_size_in_the_largest_fitting_unit(size_bytes, russian):
    assert shown(typography.filesize(size_bytes, "ru")) == russian


def test_every_russian_zone_has_its_own_words():
    lines = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text().splitlines()
    zones = {line.split("\t")[2] for line in lines if line.startswith("RU\t")}

    assert set(typography.RUSSIAN_ZONES) == zones
    assert len({typography.zone_words(zone, "ru") for zone in zones}) == 26


SEVEN_UTC = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "russian", "english"),
    [
        ("Europe/Moscow", "10:00~по~Москве", "10:00~Moscow time"),
        ("Asia/Kamchatka", "19:00~по~Камчатке", "19:00~Kamchatka time"),
        ("Europe/Berlin", "9:00~по времени: Берлин (UTC+2)", "9:00~Berlin time (UTC+2)"),
        ("America/St_Johns", "4:30~по времени: Сент-Джонс (UTC−2:30)", None),
        ("UTC", "7:00~по~UTC", "7:00~UTC"),
    ],
)
def test_an_instant_never_stands_without_its_zone(zone, russian, english):
    assert shown(typography.local_time(SEVEN_UTC, zone, "ru")) == russian
    if english:
        assert shown(typography.local_time(SEVEN_UTC, zone, "en")) == english


def test_a_city_of_the_reader_may_stand_for_the_zone():
    said = typography.local_time(SEVEN_UTC, "Asia/Yekaterinburg", "ru", words="по Перми")

    assert shown(said) == "12:00~по Перми"


def test_foreign_summer_time_moves_the_offset():
    winter = datetime(2027, 3, 17, 7, 0, tzinfo=UTC)
    summer = datetime(2027, 4, 21, 7, 0, tzinfo=UTC)

    offsets = [typography.offset(moment, "Europe/Berlin") for moment in (winter, summer)]

    assert offsets == ["UTC+1", "UTC+2"]
