"""The texts of the long talks are whole, and a flaw in one is told with its line."""

from __future__ import annotations

from collections import Counter

import pytest

from sessions.demo.source_table import SourceError
from sessions.demo.talk_text import Bar, TalkParagraph, read_talk, read_talks

TALK = """\
title: Наставник
title_en: A mentor
language: mixed
format: seminar
mode: online
visibility: public
withheld: no
topic: Молодой педагог
presenting: Пермь; Казань
receiving: Омск
deck: odp
summary: Кратко.
summary_en: In short.

speaker orlova: Наталья Орлова | ведущая | Центр | Москва
speaker guest: Энн Смит | учитель | школа № 1 | Алматы

slide 1: Неделя
| Что | Часов |
| Уроки | 24 |
| Всего | |
slide 2: Остаются
% сейчас | 86

== Открытие
[slide 1]
orlova: Добрый день!
Слышно?
[slide 2]
guest: {en} Yes.
== Конец
orlova: Спасибо.
"""


def test_talk_is_read_whole():
    talk = read_talk("mentor", TALK)

    assert (talk.slug, talk.title_en, talk.withheld) == ("mentor", "A mentor", False)
    assert (talk.presenting, talk.receiving) == (("Пермь", "Казань"), ("Омск",))
    assert talk.speaker("guest").organisation == "школа № 1"
    assert talk.slides[0].rows == (("Что", "Часов"), ("Уроки", "24"), ("Всего", ""))
    assert talk.slides[1].bars == (Bar("сейчас", 86),)
    assert talk.chapters == ("Открытие", "Конец")
    assert talk.paragraphs == (
        TalkParagraph("orlova", 1, 1, "Добрый день!", "ru"),
        TalkParagraph("orlova", 1, 1, "Слышно?", "ru"),
        TalkParagraph("guest", 2, 1, "Yes.", "en"),
        TalkParagraph("orlova", 2, 2, "Спасибо.", "ru"),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("deck: odp\n", "", ": “deck” is missing"),
        ("mode: online", "mode: outdoors", ", line 5: “mode” must be one of"
         " online, in_person, hybrid"),
        ("topic: ", "theme: ", ", line 8: there is no field “theme”"),
        ("summary: Кратко.", "summary:", ", line 12: “summary” is empty"),
        ("summary_en: ", "summary: ", ", line 13: “summary” is said twice"),
        (" | Центр | Москва", " | Москва", ", line 15: a speaker is"
         " “name | post | organisation | city”"),
        ("speaker guest", "speaker orlova", ", line 16: the speaker “orlova” is there twice"),
        ("slide 1: Неделя", "- 24 часа", ", line 18: no slide has begun"),
        ("| Уроки | 24 |", "| Уроки |", ", line 20: the row has 1 cells, the head 2"),
        ("| Всего | |", "| Всего |  ", ", line 21: the row has 1 cells, the head 2"),
        ("| Всего | |", "- Всего", ", line 21: a slide holds lines, a table or bars,"
         " not two of them"),
        ("slide 2", "slide 3", ", line 22: slide 2 is expected here"),
        ("сейчас | 86", "сейчас | много", ", line 23: a bar is “label | whole number”"),
        ("% сейчас | 86", "", ": slide 2 is empty"),
        ("[slide 1]", "[slide 3]", ", line 26: there is no slide 3"),
        ("[slide 1]\n", "", ", line 26: no slide is shown yet"),
        ("orlova: Добрый день!", "Добрый день!", ", line 27: nobody has begun to speak"),
        ("guest: {en}", "stranger: {en}", ", line 30: no speaker has the key “stranger”"),
        ("language: mixed", "language: ru", ", line 30: only a talk whose language is mixed"
         " marks English"),
        ("orlova: Спасибо.", "orlova:", ", line 32: nothing is said here"),
    ],
)  # fmt: skip
def test_a_flaw_is_told_with_its_file_and_line(old, new, told):
    flawed = TALK.replace(old, new, 1)

    with pytest.raises(SourceError) as raised:
        read_talk("mentor", flawed)

    assert str(raised.value) == f"talks/mentor.txt{told}"


def test_fifteen_talks_are_there_in_the_order_of_their_names():
    slugs = [talk.slug for talk in read_talks()]

    assert len(slugs) == 15
    assert slugs == sorted(slugs)


def test_talks_come_in_three_languages_and_three_kinds_of_deck():
    talks = read_talks()

    assert Counter(talk.language for talk in talks) == {"ru": 13, "en": 1, "mixed": 1}
    assert Counter(talk.deck for talk in talks) == {"pdf": 10, "pptx": 2, "odp": 3}


@pytest.mark.parametrize("talk", read_talks(), ids=lambda talk: talk.slug)
def test_everyone_named_speaks_every_slide_is_shown_and_no_chapter_is_empty(talk):
    said = talk.paragraphs

    assert {one.speaker for one in said} == {one.key for one in talk.speakers}
    assert {one.slide for one in said} == set(range(1, len(talk.slides) + 1))
    assert {one.chapter for one in said} == set(range(1, len(talk.chapters) + 1))


@pytest.mark.parametrize("talk", read_talks(), ids=lambda talk: talk.slug)
def test_every_deck_has_a_table_and_bars(talk):
    tables = [slide for slide in talk.slides if slide.rows]
    charts = [slide for slide in talk.slides if slide.bars]

    assert (tables == [], charts == []) == (False, False)
