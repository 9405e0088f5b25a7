"""Which rules of the time zones are in use."""

from __future__ import annotations

from pathlib import Path

import pytest
import tzdata

from integrations.calendaring.tz_database import version_in


def a_database(folder: Path, name: str = "", says: str = "") -> str:
    """A compiled database with a zone in it, and perhaps a file that tells its version."""
    (folder / "Europe").mkdir(parents=True)
    (folder / "Europe" / "Moscow").write_bytes(b"TZif2")
    if name:
        (folder / name).write_text(says)
    return str(folder)


@pytest.mark.parametrize(
    ("name", "says", "version"),
    [
        ("tzdata.zi", "# version 2025b\n# This zic input file is in the public domain.\n", "2025b"),
        ("+VERSION", "2024a\n", "2024a"),
        ("tzdata.zi", "R A 1916 o\n", ""),
        ("", "", ""),
    ],
)
def test_database_of_the_system_tells_its_version_or_none(tmp_path, name, says, version) -> None:
    assert version_in([a_database(tmp_path, name, says)]) == version


def test_first_folder_with_zones_counts(tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    first = a_database(tmp_path / "a", "tzdata.zi", "# version 2020d\n")
    second = a_database(tmp_path / "b", "tzdata.zi", "# version 2025b\n")

    assert version_in([str(tmp_path / "empty"), first, second]) == "2020d"


def test_without_a_database_of_the_system_the_package_counts(tmp_path) -> None:
    assert version_in([str(tmp_path)]) == tzdata.IANA_VERSION
