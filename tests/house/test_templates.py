"""What holds for every template: no inline style or script, a token in every form, words marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGES = [path for path in sorted(TEMPLATES.rglob("*.html")) if "letters" not in path.parts]


def ids(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def without_comments(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)


def test_there_are_pages() -> None:
    assert len(PAGES) > 20


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_nothing_inline_that_the_policy_would_stop(page: Path) -> None:
    text = without_comments(page)

    assert re.findall(r"\sstyle=", text) == []
    assert re.findall(r"\son(?:click|load|change|submit|input|error)=", text) == []
    assert re.findall(r"<style\b|<script(?![^>]*\bsrc=)[^>]*>", text) == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_form_that_posts_carries_a_token(page: Path) -> None:
    forms = re.findall(
        r"<form\b[^>]*method=\"post\".*?</form>", without_comments(page), re.S | re.I
    )

    bare = [form for form in forms if not re.search(r"csrf\(\)|hidden_tag\(\)|csrf_token", form)]
    assert bare == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_no_words_are_left_unmarked(page: Path) -> None:
    text = without_comments(page)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"<(script|kbd|code|svg)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "\n", text)
    text = re.sub(r"&\w+;", " ", text)

    words = [line.strip() for line in text.splitlines() if re.search(r"[A-Za-zА-Яа-яё]{3}", line)]
    assert [word for word in words if word not in ("Vzaimo",)] == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_nothing_is_loaded_from_another_host(page: Path) -> None:
    loading = (
        r"<(?:script|link|img|iframe|video|audio|source|use)\b[^>]*(?:src|href)=\"(?:https?:)?//"
    )

    assert re.findall(loading, without_comments(page)) == []


def test_no_style_or_script_file_loads_from_another_host() -> None:
    wrong = {
        path.name
        for pattern in ("*.css", "*.js")
        for path in (TEMPLATES / "static").rglob(pattern)
        if re.search(r"url\(\s*['\"]?(?:https?:)?//|import\s+['\"]https?:", path.read_text())
    }

    assert wrong == set()
