"""Running text set as a careful compositor would: unbroken pairs, dashes, quotation marks.

The rules are those of Russian print; where a text holds no Russian letter, only the rules that
are the same everywhere apply. Nothing here knows a request or a locale.
"""

import re
from collections.abc import Callable
from functools import lru_cache

NBSP = "\u00a0"
# No width, no break: a line may break after a dash, and must not inside 10:00–11:30.
JOINER = "\u2060"

# What must be looked through (a tag) or left alone (an address) is one private character meanwhile.
_TAG, _OPAQUE = "\ue000", "\ue001"
_ADDRESS = r"(?:https?://|www\.|mailto:)[^\s<>\"«»]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\ue000\ue001]"
_GUARDED_TEXT = re.compile(_ADDRESS)
_GUARDED_HTML = re.compile(
    r"<(?P<verbatim>code|pre|kbd|samp|script|style|textarea)\b.*?</(?P=verbatim)\s*>"
    r"|(?P<tag></?[a-zA-Z][^<>]*>|<!--.*?-->)"
    rf"|&(?:\#\d+|\#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);|{_ADDRESS}",
    re.DOTALL | re.IGNORECASE,
)

_LINKING = "и|а|но|да|или|в|во|к|ко|с|со|у|о|об|на|по|за|из|от|до|не|ни|для|при|без|под|над|про"
_PARTICLES = "бы|же|ли|ль|б|ж"
_SPACES = f"[ {NBSP}]"

_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _unspaced(found: re.Match[str]) -> str:
    return found[0].replace(" ", NBSP)


def _unhyphenated(found: re.Match[str]) -> str:
    return found[0].replace("-", f"-{JOINER}")


_RULES: tuple[_Rule, ...] = (
    (re.compile(r"(?<!\.)\.\.\.(?!\.)"), "…"),
    # 10:00-11:30 and 15–17 become one unbroken range; "в 2024 — 15 городов" is none
    (
        re.compile(rf"(\b\d{{1,2}}:\d\d){_SPACES}*[-–—]{JOINER}?{_SPACES}*(?=\d{{1,2}}:\d\d\b)"),
        rf"\1–{JOINER}",
    ),
    (re.compile(rf"(?<=\d)–{JOINER}?(?=\d)"), f"–{JOINER}"),
    (re.compile(r"(?<![^\s(])-(?=\d)"), "−"),
    (re.compile(rf"([№§]){_SPACES}*(?=\ue000*\d)"), rf"\1{NBSP}"),
    # Н. А. Орлова; Орлова Н. А.
    (re.compile(r"(?<![\w.])([A-ZА-ЯЁ]\.) +(?=[A-ZА-ЯЁ])"), rf"\1{NBSP}"),
    (re.compile(rf"(?<=[а-яё]) +(?=[А-ЯЁ]\.{_SPACES}?[А-ЯЁ]\.)"), NBSP),
    # г. Пермь, but not "в 2026 г. Потом"
    (
        re.compile(rf"(?<![\w.\-])(?<!\d{_SPACES})(г|ул|им|д|пос|обл|стр|рис|гл|т)\. +(?=\S)"),
        rf"\1.{NBSP}",
    ),
    # 18 412, then 18 412 участников
    (re.compile(r"(?<![\d.,:])\d{1,3}(?: \d{3})+(?![\d:])"), _unspaced),
    (
        re.compile(rf"(\d\ue000*) +(?=\ue000*(?!(?:{_LINKING})(?!\w))[A-Za-zА-Яа-яЁё])", re.I),
        rf"\1{NBSP}",
    ),
)
_RUSSIAN_RULES: tuple[_Rule, ...] = (
    (re.compile(rf"(?<=\d){_SPACES}*%(?!\w)"), f"{NBSP}%"),
    (re.compile(rf"(?<=\S){_SPACES}+(?:--?|–|—)(?={_SPACES})"), f"{NBSP}—"),
    (re.compile(rf"(?<=[а-яё]) +(?=(?:{_PARTICLES})(?![\w\-]))"), NBSP),
    # Short words lean on the next one; "бы" and "же" leaned on the one before, РФ on none
    (
        re.compile(
            rf"(?<![\w.\-–{JOINER}])(для|при|без|под|над|про|изо|ото|обо|или"
            rf"|(?!(?:{_PARTICLES})\b)(?!(?-i:[А-ЯЁ]{{2}}))[а-яё]{{1,2}}) +(?=[^\s\-–—])",
            re.IGNORECASE,
        ),
        rf"\1{NBSP}",
    ),
    # Улан-Удэ, Ростов-на-Дону
    (re.compile(r"(?<![\w\-])[А-ЯЁ][а-яё]+(?:-(?:на-)?[А-ЯЁ][а-яё]+)+(?![\w\-])"), _unhyphenated),
)
_RUSSIAN_MARKS, _OTHER_MARKS = "«»„“", "“”‘’"
# Which marks are read as quotation marks; in other languages «» and '' are left to the writer.
_FOREIGN = {_RUSSIAN_MARKS: '"«»„“”', _OTHER_MARKS: '"“”'}
_RUSSIAN = re.compile("[А-Яа-яЁё]")


# Kept: pages say the same titles, cities and words over and over; long texts are seldom the same.
LONGEST_KEPT = 200


def typo(text: str) -> str:
    """The plain text as print would have it; addresses stay, a second pass changes nothing."""
    return _text_kept(text) if len(text) <= LONGEST_KEPT else _set(text, _GUARDED_TEXT)


def typo_html(html: str) -> str:
    """The same for markup: tags, entities, addresses and verbatim elements stay as they are.

    A quotation mark without a partner comes out as an entity, so that the result may also stand
    inside an attribute.
    """
    return _html_kept(html) if len(html) <= LONGEST_KEPT else _set_html(html)


@lru_cache(maxsize=4096)
def _text_kept(text: str) -> str:
    return _set(text, _GUARDED_TEXT)


@lru_cache(maxsize=4096)
def _html_kept(html: str) -> str:
    return _set_html(html)


def _set_html(html: str) -> str:
    guarded, kept = _guard(html.replace("&#34;", '"').replace("&quot;", '"'), _GUARDED_HTML)
    return _restore(_by_rules(guarded).replace('"', "&#34;"), kept)


def _set(text: str, pattern: re.Pattern[str]) -> str:
    guarded, kept = _guard(text, pattern)
    return _restore(_by_rules(guarded), kept)


def _guard(text: str, pattern: re.Pattern[str]) -> tuple[str, list[str]]:
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return _TAG if "tag" in pattern.groupindex and found["tag"] else _OPAQUE

    return pattern.sub(keep, text), kept


def _restore(text: str, kept: list[str]) -> str:
    rest = iter(kept)
    return re.sub(f"[{_TAG}{_OPAQUE}]", lambda _: next(rest), text)


def _by_rules(text: str) -> str:
    russian = _RUSSIAN.search(text) is not None
    text = _quoted(text, _RUSSIAN_MARKS if russian else _OTHER_MARKS)
    for pattern, becomes in _RULES + (_RUSSIAN_RULES if russian else ()):
        text = pattern.sub(becomes, text)
    return text


def _quoted(text: str, marks: str) -> str:
    """The text with `marks` (outer pair, inner pair) by depth in place of straight quotation marks.

    Unchanged where the marks do not pair up: a wrong guess is worse than a straight mark.
    """
    done: list[str] = []
    depth = 0
    before = " "  # the character on the left, seen through tags; after an opening mark, a space
    for mark in text:
        out = mark
        if mark in _FOREIGN[marks]:
            opens = mark in "«„" or (mark in '"“' and before == " " and (mark, depth) != ("“", 2))
            depth += 1 if opens else -1
            if depth < 0:
                return text
            out = marks[(0 if opens else 1) + (0 if depth - opens == 0 else 2)]
        done.append(out)
        if mark in _FOREIGN[marks]:
            before = " " if opens else out
        elif mark != _TAG:
            before = " " if mark.isspace() or mark in "([—–/" else mark
    return text if depth else "".join(done)
