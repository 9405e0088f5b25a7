"""The rules of the layout, read from the sources: who may import whom, how long things grow."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("sessions", "archive", "integrations")
BELOW = {
    "integrations": {"integrations"},
    "archive": {"archive", "integrations"},
    "sessions": {"sessions", "archive", "integrations"},
}
SERVICES = {
    folder.name
    for folder in (ROOT / "integrations").iterdir()
    if folder.is_dir() and (folder / "__init__.py").exists() and folder.name != "runtime"
}
ROOT_ENTRIES = {
    "sessions", "integrations", "archive", "templates", "tests", "pyproject.toml", "README.md",
    "LICENSE", "CHANGELOG.md", "Dockerfile", "compose.yaml",
}  # fmt: skip
LONG_WITH_REASON: dict[str, str] = {}
PURE = ("rules",)
NO_REQUEST = ("models", "flows", "rules")
FLASK_REQUEST_NAMES = {"request", "session", "g", "current_app"}


def modules(*packages: str) -> list[Path]:
    return [
        path
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations/versions" not in path.as_posix()
    ]


def name_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, set[str], int]]:
    """Every import, also inside functions: (module, names taken from it, dots if relative)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, set(), 0
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", {alias.name for alias in node.names}, node.level


def imported_modules(path: Path) -> set[str]:
    """Dotted names of what a module imports; `from a import b` counts as a and a.b."""
    found = set()
    for module, names, _ in imports(path):
        found.add(module)
        found.update(f"{module}.{name}" for name in names)
    return found


def ours(path: Path) -> set[str]:
    return {name for name in imported_modules(path) if name.split(".")[0] in PACKAGES}


def test_there_is_something_to_look_at() -> None:
    assert len(modules()) > 60
    assert {"mail", "storage", "textsearch", "calendaring", "conferencing"} <= SERVICES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_from_the_layers_below(package: str) -> None:
    upward = {
        f"{name_of(path)} imports {name}"
        for path in modules(package)
        for name in ours(path)
        if name.split(".")[0] not in BELOW[package]
    }

    assert upward == set()


def test_imports_are_absolute() -> None:
    relative = {name_of(path) for path in modules() for _, _, dots in imports(path) if dots}

    assert relative == set()


def test_a_service_package_imports_only_the_runtime_beside_itself() -> None:
    wrong = {
        f"{name_of(path)} imports {name}"
        for service in SERVICES
        for path in modules(f"integrations/{service}")
        for name in ours(path)
        if name not in ("integrations", f"integrations.{service}", "integrations.runtime")
        and not name.startswith(("integrations.runtime.", f"integrations.{service}."))
    }

    assert wrong == set()


def test_the_runtime_imports_no_service() -> None:
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in modules("integrations/runtime")
        for name in ours(path)
        if name.startswith("integrations.") and not name.startswith("integrations.runtime")
    }

    assert wrong == set()


def test_choose_is_imported_by_the_application_alone() -> None:
    choosing = {
        name_of(path)
        for path in modules()
        for name in ours(path)
        if name.startswith("integrations.") and name.endswith(".choose")
    }

    assert choosing <= {"sessions.app", "sessions.web.mailbox"}


def test_a_driver_is_imported_by_its_choose_alone() -> None:
    drivers = {
        "integrations.mail.smtp", "integrations.mail.folder", "integrations.storage.local",
        "integrations.mail.imap_inbox", "integrations.mail.folder_inbox",
        "integrations.conferencing.jitsi", "integrations.textsearch.whoosh_index",
    }  # fmt: skip
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in modules()
        for name in ours(path) & drivers
        if name_of(path) != name.rpartition(".")[0] + ".choose"
    }

    assert wrong == set()


def test_flows_do_not_import_one_another() -> None:
    wrong = {
        f"{name_of(path)} imports {name}"
        for path in modules("sessions/flows")
        for name in ours(path)
        if name.startswith("sessions.flows.") and not name.startswith(name_of(path))
    }

    assert wrong == set()


@pytest.mark.parametrize("part", NO_REQUEST)
def test_models_flows_and_rules_know_no_request(part: str) -> None:
    wrong = {
        name_of(path)
        for path in modules(f"sessions/{part}")
        for module, names, _ in imports(path)
        if module == "flask" and names & FLASK_REQUEST_NAMES
    }

    assert wrong == set()


@pytest.mark.parametrize(
    "path", [*modules("sessions/rules"), ROOT / "archive" / "rules.py"], ids=name_of
)
def test_rules_are_arithmetic(path: Path) -> None:
    allowed = {"sessions.rules", "dateutil"}
    wrong = {
        name
        for name in imported_modules(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("sessions.rules")
        and name.split(".")[0] not in allowed
    }
    doing = {"os", "pathlib", "socket", "subprocess", "sqlite3", "random", "time"}

    assert wrong == set()
    assert imported_modules(path) & doing == set()
    assert ".now(" not in path.read_text()


def test_no_module_bears_the_name_of_a_library() -> None:
    taken = set(sys.stdlib_module_names) | set(packages_distributions())
    roots = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}

    assert roots & (taken - set(PACKAGES)) == set()
    assert {"utils", "helpers", "manager"} & {path.stem for path in modules()} == set()


def test_the_archive_has_no_foreign_key_upward() -> None:
    from integrations.runtime.database import db

    own = {
        mapper.local_table.name
        for mapper in db.Model.registry.mappers
        if mapper.class_.__module__.startswith(("archive.", "integrations."))
    }
    upward = {
        f"{table.name} -> {key.column.table.name}"
        for table in db.metadata.tables.values()
        if table.name in own
        for key in table.foreign_keys
        if key.column.table.name not in own
    }

    assert {"talks", "cues", "entries", "jobs"} <= own
    assert upward == set()


def test_the_root_holds_the_cards_entries_only() -> None:
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        entries = {path.name for path in ROOT.iterdir()} & ROOT_ENTRIES
    else:
        entries = {line.split("/")[0] for line in listed.stdout.splitlines()}

    assert {entry for entry in entries if not entry.startswith(".")} <= ROOT_ENTRIES


def test_a_module_stays_readable() -> None:
    long = {
        name_of(path): len(path.read_text().splitlines())
        for path in modules()
        if len(path.read_text().splitlines()) > 300 and name_of(path) not in LONG_WITH_REASON
    }

    assert long == {}


def test_a_function_stays_readable() -> None:
    long = {
        f"{name_of(path)}.{node.name}": node.end_lineno - node.lineno + 1
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 50
    }

    assert long == {}


def test_keys_are_interpreted_by_the_permissions_alone() -> None:
    wrong = {
        name_of(path)
        for path in modules()
        for text in (":participant", ':host"')
        if text in path.read_text() and name_of(path) != "sessions.rules.permissions"
    }

    assert wrong == set()
