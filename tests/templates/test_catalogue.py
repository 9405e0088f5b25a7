"""The catalogue: every sentence has its Russian, and the compiled file is the written one."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "templates" / "locale"
PO = LOCALE / "ru" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "pgettext": ((1, "c"), 2),
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
Id = str | tuple[str, ...]


@cache
def sources() -> set[Id]:
    """Every sentence that the sources mark for translation."""
    with (LOCALE / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    return {
        message if isinstance(message, str) else tuple(message)
        for _, _, message, _, _ in extract_from_dir(
            ROOT, methods, options, KEYWORDS, directory_filter=_of_ours
        )
    }


def _of_ours(folder: object) -> bool:
    name = Path(str(folder)).name
    return not name.startswith(".") and name not in ("tests", "static", "__pycache__", "locale")


@cache
def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="ru")


def translated() -> dict[Id, tuple[str, ...]]:
    return {
        message.id if isinstance(message.id, str) else tuple(message.id): (
            (message.string,) if isinstance(message.string, str) else tuple(message.string)
        )
        for message in catalogue()
        if message.id
    }


def words(catalogue: Catalog) -> dict[str, object]:
    return {str(message.id): message.string for message in catalogue if message.id}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text))


def test_every_sentence_stands_in_the_catalogue_and_no_other() -> None:
    assert len(sources()) > 300
    assert sources() - set(translated()) == set()
    assert set(translated()) - sources() == set()


def test_every_sentence_has_its_russian() -> None:
    bare = {key for key, forms in translated().items() if not all(forms)}
    fuzzy = {message.id for message in catalogue() if message.fuzzy and message.id}

    assert (bare, fuzzy) == (set(), set())


def test_plurals_have_their_three_forms() -> None:
    wrong = {
        key for key, forms in translated().items() if isinstance(key, tuple) and len(forms) != 3
    }

    assert wrong == set()


def test_placeholders_are_the_same_on_both_sides() -> None:
    wrong = {}
    for key, forms in translated().items():
        wanted = placeholders(key if isinstance(key, str) else key[-1])
        for form in forms:
            if not placeholders(form) <= wanted | {"num"}:
                wrong[key] = form
        if isinstance(key, str) and placeholders(forms[0]) != wanted:
            wrong[key] = forms[0]

    assert wrong == {}


def test_the_compiled_catalogue_is_the_written_one() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)

    with PO.with_suffix(".mo").open("rb") as file:
        kept = read_mo(file)
    fresh = read_mo(compiled)
    assert words(kept) == words(fresh)


def test_russian_quotes_are_russian() -> None:
    wrong = {
        form
        for forms in translated().values()
        for form in forms
        if '"' in form or ("“" in form and "„" not in form)
    }

    assert wrong == set()
