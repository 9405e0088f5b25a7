"""Files come in whole, once, under names of ours; what is refused leaves nothing behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from archive import deposit
from archive.models import MediaFile
from integrations.runtime import jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.storage.port import Storage
from tests.archive.talks import AN_EXE, AN_MP4, a_pdf, a_talk, a_vtt, add, an_srt, fresh
from tests.conftest import Clock


def kept() -> set[str]:
    return ports.get(Storage).keys()


def count_of_files() -> int:
    return db.session.scalar(select(func.count(MediaFile.id))) or 0


def test_a_new_file_is_kept_whole_and_its_reading_is_owed(app: Flask) -> None:
    talk = a_talk()

    file = add(talk, "Встреча.vtt", a_vtt())

    assert (file.kind, file.state, file.original_name) == ("transcript", "waiting", "Встреча.vtt")
    assert ports.get(Storage).path(file.key).read_bytes() == a_vtt()
    job = jobs.find(deposit.reading_key(talk.id))
    assert job is not None
    assert (job.state, fresh(talk).state) == ("waiting", "fetched")


def test_the_same_bytes_again_change_nothing(app: Flask) -> None:
    talk = a_talk()
    first = add(talk, "one.vtt", a_vtt())

    second, is_new = deposit.add_file(talk.id, io.BytesIO(a_vtt()), "another name.vtt")

    assert (second.id, second.original_name, is_new) == (first.id, "one.vtt", False)
    assert (count_of_files(), len(kept())) == (1, 1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("talk.mp4", AN_EXE, "file.not_what_it_says"),
        ("setup.exe", AN_EXE, "file.kind_not_accepted"),
        ("empty.vtt", b"", "file.empty"),
        ("picture.svg", b"<svg onload='alert(1)'></svg>", "file.kind_not_accepted"),
        ("page.pdf", b"<html><script>alert(1)</script></html>", "file.not_what_it_says"),
        ("list.mp4", b"#EXTM3U\nfile:///etc/passwd\n", "file.not_what_it_says"),
    ],
)
def test_what_is_not_accepted_is_refused_with_its_reason_and_nothing_is_kept(
    app: Flask, name: str, content: bytes, reason: str
) -> None:
    talk = a_talk()

    with pytest.raises(Refused) as refused:
        add(talk, name, content)

    assert (refused.value.reason, refused.value.details["name"]) == (reason, name)
    assert (kept(), count_of_files()) == (set(), 0)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.vtt", "passwd.vtt"),
        ("..\\..\\windows\\talk.vtt", "talk.vtt"),
        ("C:\\Users\\Анна\\Встреча.vtt", "Встреча.vtt"),
        ("bad\0name\r\n.vtt", "badname.vtt"),
        ("\u202egpj.vtt", "gpj.vtt"),
        ("Щ" * 300 + ".vtt", "Щ" * 196 + ".vtt"),
        ("con.vtt", "con.vtt"),
    ],
)
def test_a_name_is_only_shown_and_the_content_lies_under_its_hash(
    app: Flask, sent: str, shown: str
) -> None:
    file = add(a_talk(), sent, a_vtt())

    root = Path(ports.get(Storage).path(file.key)).parents[1]
    lying = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    assert file.original_name == shown
    assert lying == [f"{file.sha256[:2]}/{file.sha256}"]


def test_a_talk_of_a_known_source_is_not_opened_twice(app: Flask) -> None:
    first = a_talk("Первое название")

    second = a_talk("Второе название")

    assert (second.id, second.title) == (first.id, "Первое название")


def test_a_removed_file_goes_with_all_that_was_read_from_it(
    app: Flask, work_off: Callable[[], int], clock: Clock
) -> None:
    talk = a_talk()
    going = add(talk, "talk.vtt", a_vtt())
    staying = add(talk, "deck.pdf", a_pdf("Two hours a week"))
    work_off()

    with transaction():
        deposit.remove_file(fresh(talk), going.id)
    clock.pass_by(minutes=11)
    db.session.expire_all()

    assert [file.id for file in fresh(talk).files] == [staying.id]
    assert fresh(talk).duration_s is None


def test_a_content_that_is_handed_in_again_meanwhile_is_not_dropped(
    app: Flask, work_off: Callable[[], int], clock: Clock
) -> None:
    talk, other = a_talk(), a_talk(source="import:two")
    file = add(talk, "talk.vtt", a_vtt())
    with transaction():
        deposit.remove_file(fresh(talk), file.id)

    add(other, "talk.vtt", a_vtt())
    clock.pass_by(minutes=11)
    work_off()

    assert kept() == {file.sha256}


def test_length_is_that_of_the_recording_else_of_the_transcript(app: Flask) -> None:
    def with_details(kind: str, **details: float) -> MediaFile:
        return MediaFile(kind=kind, details=details)

    transcript = with_details("transcript", length_s=500.0)
    recording = with_details("video", duration_s=300.0)

    assert deposit.length_s([transcript, recording]) == 300.0
    assert deposit.length_s([transcript, with_details("video")]) == 500.0
    assert deposit.length_s([]) is None


def test_a_film_is_taken_by_its_first_bytes(app: Flask) -> None:
    file = add(a_talk(), "Запись встречи.MP4", AN_MP4)

    assert (file.kind, file.media_type) == ("video", "video/mp4")


def test_a_transcript_in_windows_letters_is_taken(app: Flask) -> None:
    assert add(a_talk(), "talk.srt", an_srt(encoding="cp1251")).kind == "transcript"
