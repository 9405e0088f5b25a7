"""`vzaimo season`: a plan in and out at the terminal."""

from __future__ import annotations

from pathlib import Path

from tests.sessions.cli.terminal import Terminal
from tests.sheets_made import a_row, a_sheet


def a_plan(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "plan.xlsx"
    file.write_bytes(a_sheet(a_row("Раз", "15.10.2099", "10:00"), a_row("", "16.10.2099", "10:00")))
    return file


def test_importing_shows_and_changes_nothing_until_it_is_told_to(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = a_plan(tmp_path)

    looked = terminal.here("season", "import", file)
    nothing = terminal.ask("SELECT count(*) FROM sessions")
    applied = terminal.here("season", "import", file, "--apply")

    assert (looked.returncode, applied.returncode) == (1, 1)  # a row has no title
    assert looked.stdout.replace("\xa0", " ").splitlines() == [
        "2\tNew\t15 October 2099, 10:00 Moscow time, 1 h 30 min\tРаз",
        "3\tNot taken\t16 October 2099\t",
        "\tThere is no title.",
    ]
    assert nothing == [(0,)]
    assert terminal.ask("SELECT title, state FROM sessions") == [("Раз", "draft")]


def test_what_is_exported_changes_nothing_when_imported(terminal: Terminal, tmp_path: Path) -> None:
    terminal.here("season", "import", a_plan(tmp_path), "--apply")
    out = tmp_path / "out.csv"

    exported = terminal.here("season", "export", out, "--season", "2099/00")
    again = terminal.here("season", "import", out, "--apply")

    assert exported.returncode == 0
    assert (again.returncode, again.stdout) == (0, "")
    assert terminal.ask("SELECT count(*) FROM sessions") == [(1,)]


def test_an_unknown_season_and_an_unknown_kind_are_refused(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.here("season", "import", a_plan(tmp_path), "--apply")

    no_season = terminal.here("season", "export", tmp_path / "a.csv", "--season", "never")
    no_kind = terminal.here("season", "export", tmp_path / "a.pdf")

    assert (no_season.returncode, no_kind.returncode) == (2, 2)
    assert "There is no season never. There are: 2099/00." in " ".join(no_season.stderr.split())
