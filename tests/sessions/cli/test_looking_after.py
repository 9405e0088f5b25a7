"""`vzaimo user`, `db`, `reindex`, `backup`, `restore`, `doctor`: what an operator types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from integrations.runtime import console
from integrations.runtime.settings import Settings
from sessions.app import create_app
from tests.sessions.cli.terminal import Terminal, a_transcript

LINES = ("Наставник ведёт двух новичков", "Потом пили чай")


def a_talk(terminal: Terminal, folder: Path) -> None:
    file = a_transcript(folder / "встреча.vtt", *LINES)
    said = terminal.here("archive", "add", "--title", "Встреча", "--transcript", file)
    assert said.returncode == 0, said.stderr


def test_someone_admitted_with_a_password_has_an_account_and_a_role(terminal: Terminal) -> None:
    said = terminal.here(
        "user", "add", "Anna@Example.org", "--name", "Белова Анна Петровна", "--role", "admin",
        "--password-stdin", typed="long enough\n",
    )  # fmt: skip

    assert (said.returncode, said.stdout) == (
        0,
        "anna@example.org may sign in now (role: admin).\n",
    )
    assert terminal.ask(
        "SELECT family, given, patronymic, role, scope, email, password LIKE '$argon2id$%' "
        "FROM accounts JOIN people ON people.id = accounts.person_id "
        "JOIN role_grants ON role_grants.person_id = people.id"
    ) == [("Белова", "Анна", "Петровна", "admin", "*", "anna@example.org", 1)]


def test_without_a_password_a_link_is_printed_that_signs_in_once(terminal: Terminal) -> None:
    said = terminal.here("user", "add", "anna@example.org", "--link")
    path = said.stdout.splitlines()[-1].removeprefix("http://127.0.0.1:8000")
    settings = Settings.from_env({}, data=str(terminal.data), log_level="ERROR")
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()

    codes = [client.post(path).status_code for _ in range(2)]

    assert codes == [302, 410]


@pytest.mark.parametrize(
    ("words", "typed", "code", "sentence"),
    [
        (("anna",), "", 2, "anna is no e-mail address."),
        (("a@b.org", "--password-stdin"), "", 2, "Standard input held no password."),
        (("a@b.org", "--password-stdin"), "short\n", 1, "The password is too short."),
        (("a@b.org", "--role", "king"), "", 2, "'king' is not one of"),
    ],
)
def test_what_cannot_be_admitted_is_told_and_nothing_is_made(
    terminal: Terminal, words: tuple[str, ...], typed: str, code: int, sentence: str
) -> None:
    said = terminal.here("user", "add", *words, typed=typed)

    assert said.returncode == code
    assert sentence in said.stderr
    assert terminal.ask("SELECT id FROM people") == []


def test_a_known_person_gets_the_role_and_stays_one(terminal: Terminal) -> None:
    for role in ("member", "host", "host"):
        said = terminal.here("user", "add", "anna@example.org", "--role", role, "--link")

    assert said.stdout.splitlines()[0] == "anna@example.org has the role host now."
    assert terminal.ask("SELECT role FROM role_grants ORDER BY id") == [("member",), ("host",)]


def test_upgrading_tells_whether_there_was_anything_to_do(terminal: Terminal) -> None:
    said = [terminal.here("db", "upgrade").stdout for _ in range(2)]

    assert said == ["The database is made.\n", "The database is up to date already.\n"]


def test_an_index_that_was_lost_is_made_anew(terminal: Terminal, tmp_path: Path) -> None:
    a_talk(terminal, tmp_path)
    (terminal.data / "index" / "current").unlink()

    lost = terminal.here("search", "наставник")
    rebuilt = terminal.here("reindex")
    found = terminal.here("search", "наставник")

    assert lost.returncode == 3
    assert "vzaimo reindex" in lost.stderr
    assert (rebuilt.returncode, rebuilt.stdout) == (0, "2 entries are in the index.\n")
    assert found.stdout.startswith("  1. Встреча")


def test_a_backup_is_brought_back_and_searched(terminal: Terminal, tmp_path: Path) -> None:
    a_talk(terminal, tmp_path)
    elsewhere = Terminal(tmp_path / "elsewhere")

    kept = terminal.here("backup", tmp_path / "all.tar.gz")
    back = elsewhere.here("restore", tmp_path / "all.tar.gz")
    again = elsewhere.here("restore", tmp_path / "all.tar.gz")
    forced = elsewhere.here("restore", tmp_path / "all.tar.gz", "--force")

    assert (kept.returncode, back.returncode, again.returncode, forced.returncode) == (0, 0, 2, 0)
    assert re.fullmatch(r".*all\.tar\.gz: \d+ rows, 1 files, 0\.0 MB\.\n", kept.stdout)
    assert "is not empty. Restore into an empty one (VZAIMO_DATA)" in again.stderr
    assert elsewhere.here("search", "наставник").stdout.startswith("  1. Встреча")


def test_a_backup_into_a_folder_that_is_not_there_names_the_folder(
    terminal: Terminal, tmp_path: Path
) -> None:
    said = terminal.here("backup", tmp_path / "nowhere" / "all.tar")

    assert (said.returncode, said.stderr) == (
        2,
        f"There is no folder {tmp_path}/nowhere. Make it, or write the backup elsewhere.\n",
    )


def test_a_file_that_is_no_backup_is_told_in_one_sentence(
    terminal: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "letter.tar").write_text("no archive at all")

    said = terminal.here("restore", tmp_path / "letter.tar")

    assert (said.returncode, said.stderr) == (
        2,
        f"{tmp_path}/letter.tar is no backup. Give a file that `vzaimo backup` made.\n",
    )


def test_files_that_may_only_be_read_are_searched_and_not_changed(
    terminal: Terminal, tmp_path: Path
) -> None:
    a_talk(terminal, tmp_path)
    read_only(terminal.data)

    found = terminal.run_without_power("search", "наставник")
    kept = terminal.run_without_power("backup", tmp_path / "all.tar")
    changed = terminal.run_without_power("user", "add", "anna@example.org", "--link")
    rebuilt = terminal.run_without_power("reindex")

    sentence = (
        f"The files in {terminal.data} cannot be written by this user. Give this user the right "
        "to write there, or choose another VZAIMO_DATA.\n"
    )
    assert found.stdout.startswith("  1. Встреча")
    assert kept.returncode == 0
    assert (changed.returncode, changed.stderr) == (2, sentence)
    assert (rebuilt.returncode, rebuilt.stderr) == (2, sentence)


def read_only(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o500 if path.is_dir() else 0o400)


def test_nothing_is_replaced_under_a_worker(terminal: Terminal, tmp_path: Path) -> None:
    a_talk(terminal, tmp_path)
    terminal.here("backup", tmp_path / "all.tar")
    terminal.change("INSERT INTO workers VALUES ('another:1:1', '2999-01-01 00:00:00')")

    said = terminal.here("restore", tmp_path / "all.tar", "--force")

    assert said.returncode == 2
    assert said.stderr.endswith("A worker is using this database. Stop `vzaimo serve` first.\n")


def test_the_doctor_ends_with_one_where_something_is_wrong(terminal: Terminal) -> None:
    terminal.here("db", "upgrade")

    well = terminal.here("doctor")
    ill = terminal.here("doctor", VZAIMO_MAIL="smtp", VZAIMO_SMTP_PORT="1")

    assert (well.returncode, ill.returncode) == (0, 1)
    assert re.search(r"^problem +Mail +letters cannot leave: ", ill.stdout, re.MULTILINE)
    assert "VZAIMO_SMTP_HOST" in ill.stdout


@pytest.mark.deep  # needs the driver that the extra `postgres` brings
def test_a_database_that_does_not_answer_is_told_without_its_password(terminal: Terminal) -> None:
    said = terminal.here(
        "db", "upgrade", VZAIMO_DATABASE_URL="postgresql+psycopg://u:geheim@127.0.0.1:1/x"
    )

    assert said.returncode == 2
    assert said.stderr.startswith("The database postgresql+psycopg://u:***@127.0.0.1:1/x does not")
    assert "geheim" not in said.stderr


def test_a_part_that_is_not_installed_is_told_with_the_way_to_get_it(terminal: Terminal) -> None:
    said = terminal.here(
        "db", "upgrade", VZAIMO_DATABASE_URL="mysql+nosuchdriver://u:p@127.0.0.1/x"
    )

    assert said.returncode == 2
    assert "nosuchdriver" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_setting_that_cannot_be_meant_is_told_in_a_sentence(terminal: Terminal) -> None:
    said = terminal.here("db", "upgrade", VZAIMO_JOIN_OPENS_MIN="-5")

    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == "VZAIMO_JOIN_OPENS_MIN is '-5'. Give a whole number, 0 or more.\n"


def test_the_doctor_names_all_wrong_settings_at_once(terminal: Terminal) -> None:
    said = terminal.here(
        "doctor", VZAIMO_PORT="many", VZAIMO_JITSI_URL="meet.jit.si", VZAIMO_TIMEZONE="Moscow",
        VZAIMO_SMTP_PROT="25",
    )  # fmt: skip

    told = re.findall(r"^(problem|warning) +Settings +(.+)\n +→ (.+)$", said.stdout, re.MULTILINE)
    assert said.returncode == 2
    assert told == [
        ("problem", "VZAIMO_PORT is 'many'", "Give a whole number, 1 or more."),
        ("problem", "VZAIMO_TIMEZONE is 'Moscow'", "Give an IANA name such as Europe/Moscow."),
        (
            "problem",
            "VZAIMO_JITSI_URL is 'meet.jit.si'",
            "Give an address such as https://meet.jit.si.",
        ),
        (
            "warning",
            "there is no setting VZAIMO_SMTP_PROT",
            "Perhaps VZAIMO_SMTP_PORT is meant.",
        ),
    ]


def test_the_doctor_looks_at_mail_before_there_is_a_database(terminal: Terminal) -> None:
    said = terminal.here("doctor", VZAIMO_MAIL="smtp", VZAIMO_SMTP_PORT="1")

    assert re.search(r"^problem +Mail +letters cannot leave: ", said.stdout, re.MULTILINE)
    assert list(terminal.data.iterdir()) == []


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "ru"}, "ru"),
        ({}, "en"),
    ],
)
def test_the_terminal_says_which_language_it_speaks(environ: dict[str, str], language: str) -> None:
    assert console.locale(environ) == language
