"""Settings: named, described, checked."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from integrations.runtime import settings as module
from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings

README = Path(__file__).parents[3] / "README.md"


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    text = README.read_text()
    told = re.findall(r"^\| `(VZAIMO_\w+)` \| (.*?) \| (.*?) \|$", text, re.MULTILINE)

    assert told == [
        (name, f"`{default}`" if default else "", help) for name, default, help in module.table()
    ]


def test_every_name_begins_the_same_and_none_is_read_elsewhere() -> None:
    names = {name for name, _, _ in module.table()}
    root = README.parent
    read_elsewhere = {
        f"{path.relative_to(root)}: {name}"
        for package in ("sessions", "archive", "integrations")
        for path in (root / package).rglob("*.py")
        for name in re.findall(r"environ[^\n]*[\"'](VZAIMO_\w+)", path.read_text())
        if name not in names
    }

    assert all(name.startswith("VZAIMO_") for name in names)
    assert read_elsewhere == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VZAIMO_PORT", "eighty"),
        ("VZAIMO_MAIL", "pigeon"),
        ("VZAIMO_TIMEZONE", "Moscow"),
        ("VZAIMO_BASE_URL", "meet.example.org"),
        ("VZAIMO_BASE_URL", "http://["),
        ("VZAIMO_JITSI_URL", "meet.jit.si"),
        ("VZAIMO_PORT", "70000"),
        ("VZAIMO_THREADS", "0"),
        ("VZAIMO_TRUSTED_PROXIES", "-1"),
        ("VZAIMO_EXTRACT_SECONDS", "²"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        Settings.from_env({name: value})


def test_all_that_is_wrong_is_known_though_the_first_is_raised() -> None:
    environ = {"VZAIMO_THREADS": "none", "VZAIMO_MAIL": "pigeon", "VZAIMO_JITSI_URL": "ftp://x"}

    told = [wrong.what for wrong in Settings.as_told(environ).problems()]

    assert told == [
        "VZAIMO_THREADS is 'none'",
        "VZAIMO_MAIL is 'pigeon'",
        "VZAIMO_JITSI_URL is 'ftp://x'",
    ]
    with pytest.raises(Misconfigured, match="THREADS"):
        Settings.from_env(environ)


def test_names_that_mean_nothing_are_found_with_what_they_resemble() -> None:
    environ = {"VZAIMO_BASEURL": "x", "VZAIMO_MOON": "x", "VZAIMO_PORT": "1", "HOME": "/"}

    assert module.unknown_names(environ) == {"VZAIMO_BASEURL": "VZAIMO_BASE_URL", "VZAIMO_MOON": ""}


def test_a_child_process_gets_the_same_settings() -> None:
    mine = Settings.from_env({"VZAIMO_PORT": "8123", "VZAIMO_TIMEZONE": "Asia/Omsk"}, data="/srv/x")

    assert Settings.from_env(mine.as_environ()) == mine


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = Settings.from_env({}, data=str(tmp_path))

    first, second = settings.secret(), settings.secret()

    assert first == second
    assert len(first) >= 40
    assert os.stat(tmp_path / "secret.key").st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
