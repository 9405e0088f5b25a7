"""The demo's sources are whole, and the committed recording agrees with them."""

from __future__ import annotations

import re
import struct
from itertools import pairwise
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from pptx import Presentation

from sessions.demo import sample_talk, sources
from sessions.demo.city_table import read_cities
from sessions.demo.source_table import SourceError

MOST_BYTES = 3_000_000
CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n<v ([^>]+)>(.+)")


def cues() -> list[tuple[float, float, str, str]]:
    """Start and end in seconds, voice and text of every cue of the committed transcript."""
    text = sample_talk.talk_file(sample_talk.TRANSCRIPT).read_text("utf-8")
    found = []
    for h1, m1, s1, h2, m2, s2, voice, said in CUE.findall(text):
        start_s = int(h1) * 3600 + int(m1) * 60 + float(s1)
        found.append((start_s, int(h2) * 3600 + int(m2) * 60 + float(s2), voice, said))
    return found


def atoms() -> dict[str, int]:
    """Name and position of the film's outermost atoms."""
    raw = sample_talk.talk_file(sample_talk.FILM).read_bytes()
    found, at = {}, 0
    while at < len(raw):
        length, name = struct.unpack(">I4s", raw[at : at + 8])
        found[name.decode("ascii")] = at
        at += length
    return found


def film_length_s() -> float:
    raw = sample_talk.talk_file(sample_talk.FILM).read_bytes()
    at = raw.index(b"mvhd") + 16  # past the name, version, flags and two dates
    scale, length = struct.unpack(">II", raw[at : at + 8])
    return float(length / scale)


def plain(text: str) -> str:
    return " ".join(text.split())


def slide_titles() -> list[str]:
    return [plain(slide.title) for slide in sample_talk.read_script().slides]


def test_the_recording_is_whole_and_small_enough_for_the_wheel():
    pictures = [f"slide-{n}.png" for n in range(1, len(slide_titles()) + 1)]

    sizes = [len(sample_talk.talk_file(name).read_bytes()) for name in sample_talk.FILES]
    sizes += [len(sample_talk.talk_file(name).read_bytes()) for name in pictures]

    assert min(sizes) > 0
    assert sum(sizes) <= MOST_BYTES


def test_transcript_says_what_the_script_says_in_the_same_order():
    script = sample_talk.read_script()
    names = {voice.key: voice.name for voice in script.voices}
    written = [(names[p.speaker], p.text) for c in script.chapters for p in c.phrases]

    heard = [(voice, said) for _, _, voice, said in cues()]

    assert heard == written


def test_cues_follow_one_another_within_the_film():
    times = [(start_s, end_s) for start_s, end_s, _, _ in cues()]

    assert all(start_s < end_s for start_s, end_s in times)
    assert all(before[1] <= after[0] for before, after in pairwise(times))
    assert times[-1][1] < film_length_s()


def test_no_cue_is_faster_than_one_reads():
    rates = [len(said) / (end_s - start_s) for start_s, end_s, _, said in cues()]

    assert max(rates) < 20


@pytest.mark.parametrize("word", ["учителями", "ёлка"])
def test_words_that_search_is_shown_with_are_spoken(word):
    words = re.findall(r"\w+", " ".join(said for _, _, _, said in cues()).lower())

    assert word in words


def test_timeline_covers_the_film_without_gap():
    timeline = sample_talk.read_timeline()
    showings = timeline.showings

    assert timeline.length_s == pytest.approx(film_length_s(), abs=0.25)
    assert (showings[0].from_s, showings[-1].to_s) == (0.0, timeline.length_s)
    assert all(before.to_s == after.from_s for before, after in pairwise(showings))
    assert {showing.page for showing in showings} == set(range(1, len(slide_titles()) + 1))


def test_chapters_of_the_timeline_are_those_of_the_script_and_begin_with_their_first_cue():
    script, starts = sample_talk.read_script(), []
    remaining = iter(cues())
    for chapter in script.chapters:
        first, *_ = [next(remaining) for _ in chapter.phrases]
        starts.append(first[0])

    found = sample_talk.read_timeline().chapters

    assert [chapter.title for chapter in found] == [c.title for c in script.chapters]
    assert [chapter.start_s for chapter in found] == pytest.approx([0.0, *starts[1:]])


def test_every_cue_is_heard_over_its_own_slide():
    phrases = [p for chapter in sample_talk.read_script().chapters for p in chapter.phrases]
    showings = sample_talk.read_timeline().showings

    seen = [
        next(s.page for s in showings if s.from_s <= start_s and end_s <= s.to_s)
        for start_s, end_s, _, _ in cues()
    ]

    assert seen == [phrase.slide for phrase in phrases]


def test_film_can_be_played_before_it_has_arrived_whole():
    found = atoms()

    assert found["ftyp"] == 0
    assert found["moov"] < found["mdat"]


def test_pdf_deck_gives_back_its_titles_as_text():
    with sample_talk.talk_file(sample_talk.DECK_PDF).open("rb") as file:
        pages = [plain(page.extract_text()) for page in pypdf.PdfReader(file).pages]

    assert [title in page for title, page in zip(slide_titles(), pages, strict=True)] == [True] * 9


def test_pptx_deck_has_the_same_titles_and_a_real_table():
    with sample_talk.talk_file(sample_talk.DECK_PPTX).open("rb") as file:
        slides = list(Presentation(file).slides)
    tables = [shape.table for slide in slides for shape in slide.shapes if shape.has_table]

    assert [plain(slide.shapes.title.text) for slide in slides] == slide_titles()
    assert [cell.text for cell in tables[0].rows[5].cells] == ["Всего", "35", "27"]


def test_sums_on_the_slides_are_right():
    tables = [slide.rows for slide in sample_talk.read_script().slides if slide.kind == "table"]
    week, budget = tables

    def column(rows, n):
        return [int(row[n].replace(" ", "")) for row in rows[1:]]

    assert [sum(column(week, n)[:-1]) - column(week, n)[-1] for n in (1, 2)] == [0, 0]
    assert sum(column(budget, 2)[:-1]) == column(budget, 2)[-1]


def test_slide_pictures_have_the_size_of_the_film():
    sizes = []
    for n in range(1, len(slide_titles()) + 1):
        with sample_talk.talk_file(f"slide-{n}.png").open("rb") as file:
            sizes.append(Image.open(file).size)

    assert sizes == [(1280, 720)] * 9


def test_addresses_of_people_are_their_own_and_can_reach_nobody():
    emails = [person.email for person in sources.read_season().people]

    assert len(set(emails)) == 20
    assert [email for email in emails if not email.endswith(".example")] == []


def test_host_and_participant_of_the_demo_are_there():
    people = {person.key: person for person in sources.read_season().people}

    host, participant = people["orlova"], people["lozhkina"]

    assert (host.family, host.given, host.role) == ("Орлова", "Наталья", "host")
    assert (participant.family, participant.given, participant.city) == (
        "Ложкина",
        "Марина",
        "perm",
    )


def test_speakers_of_the_recording_are_people_of_the_season_with_the_same_posts():
    season = sources.read_season()
    cities = {city.key: city.name for city in read_cities()}
    people = {p.key: (f"{p.given} {p.family}", p.post, cities[p.city]) for p in season.people}

    voices = sample_talk.read_script().voices

    assert [(v.name, v.post, v.city) for v in voices] == [people[v.key] for v in voices]


def test_agenda_of_each_session_fits_into_it():
    demo = sources.read_season()

    for gathering in (demo.past, *demo.coming):
        agenda = gathering.content.agenda
        ends = [item.after_min + item.length_min for item in agenda]
        starts = [item.after_min for item in agenda]
        assert [end > start for end, start in zip(ends, starts[1:], strict=False)] == [False] * (
            len(starts) - 1
        )
        assert ends[-1] == gathering.content.length_min


def test_every_mode_and_format_of_the_programme_is_shown():
    coming = sources.read_season().coming

    formats = set(sources.FORMATS) - {"video_conference"}
    assert {gathering.format for gathering in coming} == formats
    assert {gathering.mode for gathering in coming} == set(sources.MODES)


def source_text(name: str) -> str:
    return (Path(sources.__file__).parent / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'motto_en = "A school',
            'motto_fr = "A school',
            "season.toml, current: “motto_en” is missing",
        ),
        (
            'owner = "stein"',
            'owner = "nobody"',
            "season.toml, session small-school: nothing has the key “nobody”",
        ),
        (
            'start = "16:00"',
            'start = "four"',
            "season.toml, coming 5: “start” must be a time such as 9:00",
        ),
    ],
)
def test_a_flaw_in_the_season_is_told_with_its_place(old, new, told):
    flawed = source_text("season.toml").replace(old, new)

    with pytest.raises(SourceError) as raised:
        sources.read_season(flawed)

    assert str(raised.value) == told


def test_a_phrase_of_nobody_is_refused():
    flawed = source_text("talk.toml").replace('key = "zuev"', 'key = "zimin"')

    with pytest.raises(SourceError) as raised:
        sample_talk.read_script(flawed)

    assert str(raised.value) == "talk.toml: no speaker has the key “zuev”"


def test_a_file_that_was_not_made_is_told_by_name():
    with pytest.raises(SourceError) as raised:
        sample_talk.talk_file("talk.ogg")

    assert str(raised.value) == "sessions/demo/files/talk.ogg is missing"
