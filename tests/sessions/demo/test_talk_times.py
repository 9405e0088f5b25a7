"""The long talks' cues can be read, and their times are those of people speaking."""

from __future__ import annotations

from itertools import pairwise

import pytest

from archive.captions import read_captions
from sessions.demo import talk_files
from sessions.demo.sample_talk import ChapterStart
from sessions.demo.talk_cues import MOST_CHARACTERS, cut
from sessions.demo.talk_text import TalkText, read_talk, read_talks
from sessions.demo.talk_times import cues_of, timeline_by_words, transcript, written_cues

TALKS = pytest.mark.parametrize("talk", read_talks(), ids=lambda talk: talk.slug)
HEAD = """\
title: Два слова
title_en: Two words
language: mixed
format: seminar
mode: online
visibility: public
withheld: no
topic: Музей
presenting: Пермь
receiving: Омск
deck: odp
summary: Кратко.
summary_en: In short.
speaker orlova: Наталья Орлова | ведущая | Центр | Москва
speaker guest: Smith & Sons | учитель | школа № 1 | Алматы
slide 1: Неделя
- строка
slide 2: Год
- строка
"""


def a_talk(said: str) -> TalkText:
    return read_talk("words", HEAD + said)


def test_short_paragraph_stays_whole():
    said = "Добрый день! Меня слышно? Напишите в чат."

    assert cut(said) == (said,)


def test_long_paragraph_is_cut_between_its_sentences():
    first = "Мы её переделали: сначала имя, потом что ребёнок умеет, потом чего хочет."
    second = "И только в конце, если нужно, одна строка о том, что мешает."

    assert cut(f"{first} {second}") == (first, second)


def test_preposition_and_number_stay_with_their_word_and_a_dash_with_what_it_follows():
    said = (
        "Каждый понедельник заместитель директора проверяет журнал наставника на 12 страницах —"
        " целиком от первой страницы до последней"
    )

    for cue in cut(said)[:-1]:
        assert not cue.endswith((" на", " от", " до", " 12"))
    assert [cue for cue in cut(said) if cue.startswith("—")] == []


@TALKS
def test_cues_say_all_that_is_written_and_fit_into_two_lines(talk):
    texts = [text for text, _ in written_cues(talk)]

    assert " ".join(texts).split() == " ".join(p.text for p in talk.paragraphs).split()
    assert max(map(len, texts)) <= MOST_CHARACTERS


@TALKS
def test_talk_lasts_as_long_as_a_real_one(talk):
    length_s = talk_files.timeline_of(talk).length_s
    words = sum(len(one.text.split()) for one in talk.paragraphs)

    assert 20 * 60 <= length_s <= 60 * 60
    assert 100 <= words / length_s * 60 <= 150


@TALKS
def test_cues_follow_one_another_no_faster_than_one_reads(talk):
    cues = cues_of(talk)

    assert [pair for pair in pairwise(cues) if pair[0].end_s > pair[1].start_s] == []
    assert max(len(cue.text) / (cue.end_s - cue.start_s) for cue in cues) < 20
    assert cues[-1].end_s < timeline_by_words(talk).length_s


@TALKS
def test_showings_cover_the_talk_and_every_cue_is_heard_over_its_slide(talk):
    timeline = timeline_by_words(talk)
    showings = timeline.showings

    seen = [
        next(s.page for s in showings if s.from_s <= cue.start_s and cue.end_s <= s.to_s)
        for cue in cues_of(talk)
    ]

    assert (showings[0].from_s, showings[-1].to_s) == (0.0, timeline.length_s)
    assert all(before.to_s == after.from_s for before, after in pairwise(showings))
    assert {one.page for one in showings} == set(range(1, len(talk.slides) + 1))
    assert seen == [cue.paragraph.slide for cue in cues_of(talk)]


@TALKS
def test_chapters_begin_with_their_first_cue(talk):
    cues = cues_of(talk)
    firsts = [
        next(cue.start_s for cue in cues if cue.paragraph.chapter == n)
        for n in range(2, len(talk.chapters) + 1)
    ]

    chapters = timeline_by_words(talk).chapters

    assert chapters[0] == ChapterStart(talk.chapters[0], 0.0)
    assert [(one.title, one.start_s) for one in chapters[1:]] == list(
        zip(talk.chapters[1:], firsts, strict=True)
    )


@TALKS
def test_our_own_reader_takes_the_transcript_without_a_warning(talk):
    read = read_captions(transcript(talk).encode(), talk_files.transcript_name(talk))

    assert (read.format, read.encoding, read.warnings) == ("vtt", "utf-8", [])
    assert [(cue.start_s, cue.end_s, cue.speaker, cue.text) for cue in read.cues] == [
        (cue.start_s, cue.end_s, talk.speaker(cue.paragraph.speaker).name, cue.text)
        for cue in cues_of(talk)
    ]


def test_transcript_marks_english_among_russian_and_what_is_no_markup():
    talk = a_talk("== Начало\n[slide 1]\nguest: {en} Tea <& milk>.\n[slide 2]\norlova: Да.\n")

    first, second = (block.split("\n")[1] for block in transcript(talk).split("\n\n")[1:])

    assert first == "<v Smith &amp; Sons><lang en>Tea &lt;&amp; milk&gt;.</lang>"
    assert second == "<v Наталья Орлова>Да."


def test_new_speaker_slide_and_chapter_each_take_their_time():
    def quiet_s(said: str) -> float:
        first, second = cues_of(a_talk(f"== Начало\n[slide 1]\norlova: Первое.\n{said}\n"))
        return second.start_s - first.end_s

    plain_s = quiet_s("Второе.")

    assert plain_s < quiet_s("guest: Второе.")
    assert plain_s < quiet_s("[slide 2]\norlova: Второе.")
    assert plain_s < quiet_s("== Конец\norlova: Второе.")


def test_hesitation_takes_time():
    def said_s(words: str) -> float:
        (cue,) = cues_of(a_talk(f"== Начало\n[slide 1]\norlova: {words}\n"))
        return cue.end_s - cue.start_s

    assert said_s("Это, э-э, шестьдесят процентов.") > said_s("Это, эээ, шестьдесят процентов.")


def test_transcript_is_the_same_byte_for_byte_wherever_it_is_made():
    talk = a_talk("== Начало\n[slide 1]\norlova: Добрый день!\n[slide 2]\nguest: {en} Hello.\n")

    written = transcript(talk)

    assert written == (
        "WEBVTT\n\n"
        "00:00:01.600 --> 00:00:02.500\n<v Наталья Орлова>Добрый день!\n\n"
        "00:00:04.480 --> 00:00:05.380\n<v Smith &amp; Sons><lang en>Hello.</lang>\n"
    )


def test_names_of_transcripts_say_their_language():
    names = {talk.slug: talk_files.transcript_name(talk) for talk in read_talks()}

    assert names["mentors"] == "mentors.ru.vtt"
    assert names["english-exchange"] == "english-exchange.en.vtt"
    assert names["bilingual-museum"] == "bilingual-museum.ru.vtt"
