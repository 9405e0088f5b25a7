"""Subtitle files as people have them become cues."""

from __future__ import annotations

import pytest

from archive.captions import CueText, read_captions
from archive.extract.problems import Unreadable


def cues_of(text: str, name: str = "meeting.vtt") -> list[tuple[float, float, str | None, str]]:
    captions = read_captions(text.encode(), name)
    return [(cue.start_s, cue.end_s, cue.speaker, cue.text) for cue in captions.cues]


def words_of(text: str) -> list[str]:
    return [cue.text for cue in read_captions(text.encode(), "meeting.vtt").cues]


def warnings_of(text: str) -> list[str]:
    return read_captions(text.encode(), "meeting.vtt").warnings


def test_plain_webvtt_gives_its_cues_and_no_warning():
    text = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nДобрый день\nвсем\n"

    captions = read_captions(text.encode(), "meeting.vtt")

    assert captions.cues == [CueText(1.0, 2.5, None, "Добрый день всем")]
    assert (captions.format, captions.encoding, captions.warnings) == ("vtt", "utf-8", [])


def test_subrip_is_known_by_its_commas_whatever_its_name():
    text = "1\n00:00:01,000 --> 00:00:02,500\nРаз\n\n2\n00:00:03,000 --> 00:00:04,000\nДва\n"

    captions = read_captions(text.encode(), "meeting.vtt")

    assert captions.format == "srt"
    assert [cue.text for cue in captions.cues] == ["Раз", "Два"]


@pytest.mark.parametrize(
    ("line", "start_s", "end_s"),
    [
        ("00:01.000 --> 00:02.000", 1.0, 2.0),
        ("00:00:01,5 --> 00:00:02,25", 1.5, 2.25),
        ("00:01.000-->00:02.000", 1.0, 2.0),
        ("00:00:01 --> 00:00:02", 1.0, 2.0),
        ("00: 00: 01, 500 -> 00: 00: 02, 000", 1.5, 2.0),
        ("00:00:01:500 --> 00:00:02:000", 1.5, 2.0),
        ("00:00:01.000 – > 00:00:02.000", 1.0, 2.0),
        ("100:00:01.000 --> 100:00:02.000", 360001.0, 360002.0),
        ("00:01.000 --> 00:02.000 align:start position:10%,line-left", 1.0, 2.0),
        ("\t00:01.000\t-->\t00:02.000  X1:63 X2:223 Y1:43", 1.0, 2.0),
    ],
)
def test_times_are_read_however_they_are_written(line, start_s, end_s):
    assert cues_of(f"WEBVTT\n\n{line}\nСлова") == [(start_s, end_s, None, "Слова")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\r\r\n"])
def test_any_line_ending_gives_the_same_cues(ending):
    lines = ["1", "00:00:01,000 --> 00:00:02,000", "Раз", "", "2", "00:00:03,000 --> 00:00:04,000"]

    assert words_of(ending.join([*lines, "Два", ""])) == ["Раз", "Два"]


def test_blank_line_after_every_line_loses_nothing():
    lines = ["1", "00:00:01,000 --> 00:00:02,000", "Раз", "2", "00:00:03,000 --> 00:00:04,000"]

    assert words_of("\n\n".join([*lines, "Два"])) == ["Раз", "Два"]


def test_missing_blank_lines_between_numbered_cues_lose_nothing():
    lines = ["1", "00:00:01,000 --> 00:00:02,000", "Раз", "2", "00:00:03,000 --> 00:00:04,000"]

    assert words_of("\n".join([*lines, "Два"])) == ["Раз", "Два"]


def test_number_that_is_spoken_stays_a_word():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n2027\n\n00:03.000 --> 00:04.000\n5\n"

    assert words_of(text) == ["2027", "5"]


def test_comments_styles_regions_and_header_lines_are_not_speech():
    text = (
        "\ufeffWEBVTT Запись\nKind: captions\nLanguage: ru\n"
        "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
        "NOTE не для показа\nвторая строка\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:fred\n\n"
        "00:01.000 --> 00:02.000\nПервая\n\nNOTE ещё\n\n00:03.000 --> 00:04.000\nNOTE это слова\n"
    )

    assert words_of(text) == ["Первая", "NOTE это слова"]
    assert warnings_of(text) == []


def test_names_of_cues_are_not_speech():
    text = (
        "WEBVTT\n\n0c5d7e1a-3b1f-4a52-9d7e-0f5c8a8a1b2c/12-0\n00:01.000 --> 00:02.000\nРаз\n\n"
        "Вступление и приветствие\n00:03.000 --> 00:04.000\nДва\n"
    )

    assert words_of(text) == ["Раз", "Два"]


def test_words_after_a_stray_blank_line_belong_to_the_cue_above():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nНачало\n\nи конец\n\n00:03.000 --> 00:04.000\nДва\n"

    assert words_of(text) == ["Начало и конец", "Два"]
    assert warnings_of(text) == ["stray_blank_line:6"]


def test_cue_with_unreadable_times_is_left_out_with_the_number_of_its_line():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nРаз\n\n00:xx:03 --> 00:04.000\nЛишнее\n"

    assert words_of(text) == ["Раз"]
    assert warnings_of(text) == ["bad_time:6", "stray_text:7"]


def test_arrow_in_speech_is_speech():
    assert words_of("WEBVTT\n\n00:01.000 --> 00:02.000\nиз A --> в Б\n") == ["из A --> в Б"]


def test_markup_goes_and_words_stay():
    text = (
        "WEBVTT\n\n00:05.000 --> 00:09.000\n<c.yellow>Мы<00:00:06.000><c> едем</c></c> "
        '<i>в</i> <font color="red">Тверь</font> {\\an8}<br>&amp; дальше&nbsp;&lt;там&gt;\n'
        "<ruby>по<rt>слог</rt></ruby> адресу <example.org>\n"
    )

    assert words_of(text) == ["Мы едем в Тверь & дальше <там> послог адресу <example.org>"]


def test_hostile_markup_loses_its_tags():
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n"
        '<v "><img src=x onerror=alert(1)>Смотрите <script>alert(2)</script> сюда\n'
    )

    assert cues_of(text) == [(1.0, 2.0, '"', "Смотрите alert(2) сюда")]


def test_voices_are_speakers_and_two_in_one_cue_become_two():
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v.loud Анна &amp; Ко>Да</v>\n<v Пётр Ильин>Нет</v>\n"
    )

    assert cues_of(text) == [(1.0, 2.0, "Анна & Ко", "Да"), (1.0, 2.0, "Пётр Ильин", "Нет")]


def test_zoom_names_before_the_words_are_speakers():
    text = (
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nАнна Петрова: Добрый день\n\n"
        "2\n00:00:03.000 --> 00:00:04.000\nМария К. (Тверь): Здравствуйте: рады видеть\n"
    )

    assert cues_of(text) == [
        (1.0, 2.0, "Анна Петрова", "Добрый день"),
        (3.0, 4.0, "Мария К. (Тверь)", "Здравствуйте: рады видеть"),
    ]


def cues_saying(*texts: str) -> str:
    cues = [f"00:{n:02}:01.000 --> 00:{n:02}:02.000\n{text}" for n, text in enumerate(texts)]
    return "\n\n".join(["WEBVTT", *cues])


def test_colon_in_speech_makes_no_speaker():
    said = [
        "10:30 Meeting: room 5",
        "Например: школа номер три",
        "Итак: начинаем",
        "https://example.org",
        "мы говорим вот о чём: о детях",
        "Москва: там иначе",
    ]

    assert cues_of(cues_saying(*said)) == [
        (60.0 * n + 1, 60.0 * n + 2, None, text) for n, text in enumerate(said)
    ]


def test_full_name_that_recurs_is_a_speaker_where_few_cues_bear_one():
    text = cues_saying("Ольга Юрьевна: да", "раз", "два", "три", "Ольга Юрьевна: нет", "Вот: так")

    assert [cue[2] for cue in cues_of(text)] == [
        "Ольга Юрьевна",
        *[None] * 3,
        "Ольга Юрьевна",
        None,
    ]


def test_end_before_the_start_is_set_by_the_length_of_the_words():
    text = "WEBVTT\n\n00:05.000 --> 00:01.000\n" + "а" * 30 + "\n"

    assert cues_of(text) == [(5.0, 7.0, None, "а" * 30)]
    assert warnings_of(text) == ["ends_before_start:3"]


def test_cues_come_by_their_start_and_may_overlap():
    text = cues_saying("первая", "вторая") + "\n\n00:00:00.500 --> 00:00:03.000\nраньше\n"

    assert words_of(text) == ["раньше", "первая", "вторая"]
    assert warnings_of(text) == ["unsorted:9"]


def test_lines_that_roll_are_taken_once():
    text = (
        "WEBVTT\n\n00:00.000 --> 00:02.000\n \nмы<00:00:01.000><c> едем</c>\n\n"
        "00:02.000 --> 00:02.010\nмы едем\n \n\n00:02.010 --> 00:04.000\nмы едем\nв Тверь\n\n"
        "00:04.000 --> 00:04.010\nв Тверь\n \n\n00:04.010 --> 00:06.000\nв Тверь\nзавтра\n"
    )

    assert cues_of(text) == [
        (0.0, 2.01, None, "мы едем"),
        (2.01, 4.01, None, "в Тверь"),
        (4.01, 6.0, None, "завтра"),
    ]
    assert warnings_of(text) == ["rolling:0"]


def test_words_said_twice_are_kept_where_nothing_rolls():
    assert words_of(cues_saying("Да.", "Да.", "Нет.", "Едем.", "Хорошо.")) == [
        "Да.",
        "Да.",
        "Нет.",
        "Едем.",
        "Хорошо.",
    ]


@pytest.mark.parametrize("raw", [b"", b"   \n\n", b"WEBVTT\n\n", b"just words\nand more\n"])
def test_file_without_cues_is_empty(raw):
    with pytest.raises(Unreadable) as refused:
        read_captions(raw, "meeting.vtt")

    assert refused.value.reason == "empty"


def test_file_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(Unreadable) as refused:
        read_captions(b"WEBVTT" + b" " * 100, "meeting.vtt", max_bytes=100)

    assert refused.value.reason == "too_big"
    assert refused.value.details == {"size_bytes": 106, "limit_bytes": 100}
