"""A folder of older recordings comes in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from archive import importing, proving, reporting
from archive.importing import bundles, take_in
from archive.models import Cue, MediaFile, Talk
from integrations.runtime.database import db
from integrations.runtime.language import speaking

PUBLIC = frozenset({"public"})


@pytest.fixture(autouse=True)
def in_english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sentences are asked for as they stand in the code."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
    with speaking("en"):
        yield


def a_transcript(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cues = [
        f"00:00:{at:02}.000 --> 00:00:{at + 3:02}.000\n{line}\n"
        for at, line in enumerate(lines or (f"Говорим о том, что такое {path.stem}",))
    ]
    path.write_text("WEBVTT\n\n" + "\n".join(cues), "utf-8")
    return path


def a_folder(root: Path, count: int = 3) -> Path:
    for number in range(count):
        a_transcript(root / "spring" / f"talk-{number}.vtt", f"Встреча номер {number}")
    return root


def titles() -> list[str]:
    return list(db.session.scalars(select(Talk.title).order_by(Talk.id)))


def files_of(source: str) -> list[str]:
    return list(
        db.session.scalars(
            select(MediaFile.original_name)
            .join(Talk)
            .where(Talk.source == source)
            .order_by(MediaFile.id)
        )
    )


@pytest.mark.parametrize(
    ("stem", "title", "held_on"),
    [
        ("первый_урок", "Первый урок", None),
        ("день-открытых-дверей", "День открытых дверей", None),
        ("Онлайн-школа для всех", "Онлайн-школа для всех", None),
        ("podcast_the-core-wallet", "Podcast the core wallet", None),
        ("2024-05-17_opening", "Opening", date(2024, 5, 17)),
        ("Встреча 2025.03.01", "Встреча", date(2025, 3, 1)),
        ("2024-13-45 план", "2024-13-45 план", None),
        ("___", "___", None),
    ],
)
def test_a_title_is_made_readable_and_a_date_taken_out_of_it(
    stem: str, title: str, held_on: date | None
) -> None:
    assert importing.title_of(stem) == (title, held_on)


def test_files_of_one_folder_and_stem_make_one_talk(tmp_path: Path) -> None:
    for name in ("a/talk.mp4", "a/talk.pdf", "a/talk.ru.vtt", "a/talk.en.srt", "b/talk.vtt"):
        a_transcript(tmp_path / name)
    a_transcript(tmp_path / ".trash" / "gone.vtt")
    a_transcript(tmp_path / "a" / ".hidden.vtt")

    found = bundles(tmp_path)

    assert [(one.name, [file.name for file in one.files]) for one in found] == [
        ("a/talk", ["talk.en.srt", "talk.mp4", "talk.pdf", "talk.ru.vtt"]),
        ("b/talk", ["talk.vtt"]),
    ]


def test_an_import_is_read_and_found(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    root = a_folder(tmp_path / "old")
    (root / "notes.txt").write_text("a list of what to do")
    (root / "nothing.vtt").write_bytes(b"")

    taken = take_in(root, bundles(root), PUBLIC)
    work_off()

    assert titles() == ["Talk 0", "Talk 1", "Talk 2"]
    assert files_of("import:old/spring/talk-1") == ["talk-1.vtt"]
    assert all(proving.is_found(talk_id) for talk_id in taken.talk_ids)
    assert reporting.import_summary(root, taken) == [
        "3 talks.",
        "Files: 3 read, 1 empty, 1 refused, 0 already there.",
        "  notes.txt: not a kind of file the archive takes",
        "  nothing.vtt: empty",
    ]


def test_the_same_folder_again_changes_nothing(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    root = a_folder(tmp_path / "old")
    take_in(root, bundles(root), PUBLIC)
    work_off()
    before = (titles(), db.session.scalar(select(func.count(Cue.id))))

    again = take_in(root, bundles(root), PUBLIC)
    work_off()

    assert (titles(), db.session.scalar(select(func.count(Cue.id)))) == before
    assert (again.added, again.already) == (0, 3)


def test_a_file_that_came_later_joins_its_talk(app: Flask, tmp_path: Path) -> None:
    root = a_folder(tmp_path / "old", count=1)
    take_in(root, bundles(root), PUBLIC)
    a_transcript(root / "spring" / "talk-0.en.vtt", "Meeting number nought")

    taken = take_in(root, bundles(root), PUBLIC)

    assert (taken.added, taken.already) == (1, 1)
    assert files_of("import:old/spring/talk-0") == ["talk-0.vtt", "talk-0.en.vtt"]


def test_a_folder_that_moved_doubles_no_talk(app: Flask, tmp_path: Path) -> None:
    root = a_folder(tmp_path / "old")
    take_in(root, bundles(root), PUBLIC)
    moved = Path(shutil.move(root, tmp_path / "renamed"))

    taken = take_in(moved, bundles(moved), PUBLIC)

    assert len(titles()) == 3
    assert (taken.added, taken.already) == (0, 3)


def test_the_same_content_under_another_name_is_another_talk(app: Flask, tmp_path: Path) -> None:
    root = a_folder(tmp_path / "old", count=1)
    shutil.copy(root / "spring" / "talk-0.vtt", root / "spring" / "copy.vtt")

    take_in(root, bundles(root), PUBLIC)

    assert titles() == ["Copy", "Talk 0"]


def test_broken_off_and_begun_again_nothing_is_double_and_nothing_missing(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    root = a_folder(tmp_path / "old", count=6)
    seen: list[object] = []

    def until_the_third(bundle: object) -> None:
        seen.append(bundle)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(root, bundles(root), PUBLIC, until_the_third)
    db.session.rollback()
    taken = take_in(root, bundles(root), PUBLIC)
    work_off()

    assert titles() == [f"Talk {number}" for number in range(6)]
    assert db.session.scalar(select(func.count(Cue.id))) == 6
    assert (taken.added, taken.already) == (3, 3)


def test_a_path_too_long_for_a_source_stays_unique() -> None:
    long = "x" * 600

    sources = {importing.source_of("old", long + end) for end in ("a", "b")}

    assert [len(source) for source in sources] == [500, 500]


def test_nothing_to_take_makes_no_talk(app: Flask, tmp_path: Path) -> None:
    root = tmp_path / "old"
    root.mkdir()
    (root / "notes.txt").write_text("a list of what to do")

    taken = take_in(root, bundles(root), PUBLIC)

    assert (titles(), taken.talk_ids) == ([], [])
    assert [refused.reason for refused in taken.refused.values()] == ["file.kind_not_accepted"]
