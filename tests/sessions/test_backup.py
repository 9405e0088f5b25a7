"""A backup holds everything of one moment, and brings it back."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask

from archive import deposit
from archive.deposit import TalkFacts
from archive.models import MediaFile, Talk
from archive.search import search
from integrations.runtime import ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Misconfigured
from integrations.runtime.language import speaking
from integrations.runtime.settings import Settings
from integrations.runtime.viewer import ANONYMOUS
from integrations.storage.port import Storage
from sessions import backup, restoring
from sessions.app import MIGRATIONS, create_app
from sessions.models.people import Person, PersonEmail
from tests import builders
from tests.postgres import fresh_database

ROOT = Path(__file__).parents[2]
TRANSCRIPT = "WEBVTT\n\n00:00:01.000 --> 00:00:09.000\n<v Анна>Наставник ведёт новичка\n".encode()


@pytest.fixture(autouse=True)
def in_english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sentences are asked for as they stand in the code."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
    with speaking("en"):
        yield


def a_full_house(work_off: Callable[[], int]) -> None:
    """A city, people, a session with an invitation that was sent, a talk that was read."""
    builders.a_city()
    builders.a_session(invited=["anna@example.org"])
    with transaction():
        facts = TalkFacts(title="Встреча", access_keys=["public"])
        talk_id = deposit.open_talk("add:1", facts).id
    deposit.add_file(talk_id, io.BytesIO(TRANSCRIPT), "встреча.vtt")
    work_off()


def tables() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that is kept, as the database gives it."""
    db.session.rollback()
    metadata = sa.MetaData()
    with db.engine.connect() as connection:
        metadata.reflect(connection)
        return {
            table.name: [
                dict(row._mapping)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
            if table.name not in backup.LEFT_OUT
        }


def plain(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """The rows as a backup writes them, but for the zone of instants, which SQLite does not say."""
    return {
        name: [
            json.dumps(
                {key: backup._plain(value) for key, value in row.items()}, sort_keys=True
            ).replace("+00:00", "")
            for row in rows
        ]
        for name, rows in found.items()
    }


def checked(path: Path) -> restoring.Dump:
    return restoring.check(path, ScriptDirectory(str(MIGRATIONS)), lambda *_: None)


@contextmanager
def restored(path: Path, folder: Path, database_url: str = "") -> Iterator[Flask]:
    """The application of another data directory, into which the backup was brought."""
    target = Settings.from_env(
        {}, data=str(folder), database_url=database_url, log_level="ERROR", base_url="http://x.test"
    )
    dump = checked(path)
    restoring.put_secret_back(dump, target)
    app = create_app(target)
    with app.app_context():
        assert restoring.restore(dump, lambda *_: None) == []
        yield app
        db.session.remove()
        db.engine.dispose()


def test_what_is_restored_is_equal_to_what_was_kept(
    app: Flask, settings: Settings, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    a_full_house(work_off)
    kept, secret = plain(tables()), settings.secret()

    saved = backup.save(tmp_path / "all.tar")

    with restored(tmp_path / "all.tar", tmp_path / "elsewhere"):
        assert plain(tables()) == kept
        assert ports.get(Settings).secret() == secret
        key = db.session.scalars(sa.select(MediaFile.key)).one()
        assert ports.get(Storage).path(key).read_bytes() == TRANSCRIPT
        assert [m.title for m in search("наставники", ANONYMOUS).moments] == ["Встреча"]
    assert (saved.rows, saved.files, saved.missing) == (sum(map(len, kept.values())), 1, [])


def test_a_packed_backup_is_restored_like_a_plain_one(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    a_full_house(work_off)
    kept = plain(tables())

    backup.save(tmp_path / "all.tar.gz")

    assert (tmp_path / "all.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    with restored(tmp_path / "all.tar.gz", tmp_path / "elsewhere"):
        assert plain(tables()) == kept


def test_a_backup_taken_while_people_write_is_of_one_moment(app: Flask, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                with transaction():  # a person and two addresses, never one without the others
                    number = len(written)
                    emails = [PersonEmail(address=f"{n}-{number}@example.org") for n in "ab"]
                    db.session.add(Person(family=f"Ф{number}", emails=emails))
                written.append(number)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 20:
        pass
    saved = [backup.save(tmp_path / f"{number}.tar") for number in range(3)]
    stop.set()
    writer.join()

    assert saved[0].rows < saved[2].rows
    for number in range(3):
        with restored(tmp_path / f"{number}.tar", tmp_path / f"to-{number}"):
            people = db.session.scalar(sa.select(sa.func.count(Person.id)))
            addresses = db.session.scalar(sa.select(sa.func.count(PersonEmail.id)))
            assert addresses == 2 * (people or 0)


def test_a_disk_that_is_full_leaves_the_backup_of_yesterday(
    app: Flask, settings: Settings, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    a_full_house(work_off)
    folder = tmp_path / "kept"
    folder.mkdir()
    yesterday = folder / "all.tar"
    yesterday.write_bytes(b"yesterday")

    ended = subprocess.run(
        [sys.executable, "-m", "sessions", "backup", str(yesterday)],
        cwd=ROOT, env={**os.environ, **settings.as_environ(), "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )  # fmt: skip

    assert (ended.returncode, yesterday.read_bytes()) == (1, b"yesterday")
    last = "The disk is full. Make room and start again; what was there is unharmed."
    assert ended.stderr.splitlines()[-1] == last
    assert [file.name for file in folder.iterdir()] == ["all.tar"]


def test_a_backup_is_for_its_owner_only(app: Flask, tmp_path: Path) -> None:
    backup.save(tmp_path / "all.tar")

    assert (tmp_path / "all.tar").stat().st_mode & 0o777 == 0o600


def test_a_damaged_backup_is_refused_before_anything_is_touched(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    a_full_house(work_off)
    backup.save(tmp_path / "all.tar")
    whole = (tmp_path / "all.tar").read_bytes()
    at = whole.index("Наставник ведёт новичка".encode())
    (tmp_path / "bad.tar").write_bytes(whole[:at] + b"\xd0\x9c" + whole[at + 2 :])
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "other.tar").write_bytes(b"no archive at all")

    told = {}
    for name in ("bad", "cut", "other"):
        with pytest.raises(Misconfigured) as refused:
            checked(tmp_path / f"{name}.tar")
        # Where a cut falls, between two parts or in one, differs with the database.
        said = refused.value.what.removeprefix(f"{tmp_path}/{name}.tar ")
        told[name] = said.partition(":")[0] if name == "cut" else said

    assert told == {
        "bad": "is no whole backup: tables/cues.jsonl is damaged",
        "cut": "is no whole backup",
        "other": "is no backup",
    }


def test_a_backup_of_a_newer_version_is_refused(app: Flask, tmp_path: Path) -> None:
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'later'"))
    backup.save(tmp_path / "all.tar")

    with pytest.raises(Misconfigured, match="was made by a newer version"):
        checked(tmp_path / "all.tar")


def test_a_file_that_is_gone_is_named(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    a_full_house(work_off)
    key = db.session.scalars(sa.select(MediaFile.key)).one()
    ports.get(Storage).path(key).unlink()

    saved = backup.save(tmp_path / "all.tar")

    assert (saved.files, saved.missing) == (0, [key])


def test_restoring_again_replaces_everything(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    a_full_house(work_off)
    backup.save(tmp_path / "all.tar")
    kept = plain(tables())

    with restored(tmp_path / "all.tar", tmp_path / "elsewhere"):
        builders.a_person("later@example.org")
        ports.get(Storage).put(io.BytesIO(b"of no row"))
        restoring.restore(checked(tmp_path / "all.tar"), lambda *_: None)

        assert plain(tables()) == kept
        assert len(ports.get(Storage).keys()) == 1


def test_only_what_holds_nothing_counts_as_empty(tmp_path: Path) -> None:
    fresh = Settings.from_env({}, data=str(tmp_path / "new"))
    used = Settings.from_env({}, data=str(tmp_path / "used"))
    (tmp_path / "used" / "files").mkdir(parents=True)

    assert (restoring.is_empty(fresh), restoring.is_empty(used)) == (True, False)


def test_every_column_that_names_a_stored_file_is_known(app: Flask) -> None:
    named_key = {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name == "key" or column.name.endswith("_key")
    }

    others = {(table, "key") for table in ("jobs", "meetings", "incoming_mail")}
    assert named_key - others == set(backup.FILE_COLUMNS)


@pytest.mark.deep
def test_a_backup_moves_to_postgresql_and_numbers_go_on(
    app: Flask, tmp_path: Path, work_off: Callable[[], int]
) -> None:
    a_full_house(work_off)
    kept = plain(tables())
    backup.save(tmp_path / "all.tar")

    with fresh_database() as url, restored(tmp_path / "all.tar", tmp_path / "elsewhere", url):
        assert plain(tables()) == kept
        assert builders.a_person("new@example.org").id == 1 + max(
            row["id"] for row in map(json.loads, kept["people"])
        )
        assert [m.title for m in search("наставники", ANONYMOUS).moments] == ["Встреча"]
        assert db.session.scalars(sa.select(Talk.cities)).one() == []


def test_an_archive_that_writes_outside_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        for name, content in (("../evil", b"x"), ("manifest.json", b"{}")):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))

    with pytest.raises(Misconfigured, match="is no backup"):
        checked(tmp_path / "bad.tar")
    assert not (tmp_path.parent / "evil").exists()
