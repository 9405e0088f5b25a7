"""The words of sheets for formats, ways of taking part, who may open a session, languages."""

from __future__ import annotations

from collections.abc import Mapping

from sessions.sheets.written import plain

# What export writes comes first, in Russian and in English.
FORMATS: Mapping[str, tuple[str, ...]] = {
    "video_conference": (
        "видеоконференция", "video conference", "конференция", "вкс", "видеоконференцсвязь",
        "videoconference", "conference",
    ),
    "internship": ("стажировка", "internship", "выездная стажировка", "визит", "visit"),
    "seminar": ("семинар", "seminar", "вебинар", "мастер класс", "webinar", "workshop"),
    "project_session": ("проектная сессия", "project session", "проектная встреча", "проектная"),
    "consultation": ("консультация", "consultation", "открытый час", "open hour"),
}  # fmt: skip
MODES: Mapping[str, tuple[str, ...]] = {
    "online": ("онлайн", "online", "дистанционно", "дистанционный", "удаленно", "remote", "вкс"),
    "in_person": ("очно", "in person", "очный", "очная", "офлайн", "оффлайн", "offline", "on site"),
    "hybrid": (
        "очно и онлайн", "in person and online", "гибрид", "гибридно", "гибридный", "смешанный",
        "смешанная", "смешанно", "очно дистанционно", "очно онлайн", "онлайн и очно", "hybrid",
    ),
}  # fmt: skip
VISIBILITIES: Mapping[str, tuple[str, ...]] = {
    "public": ("все", "everyone", "всем", "открыто", "открытая", "для всех", "public", "all"),
    "members": (
        "все кто вошел", "everyone who has signed in", "участники программы", "вошедшие",
        "зарегистрированным", "members",
    ),
    "participants": (
        "только приглашенные", "only those invited", "приглашенные", "по приглашению",
        "участникам", "закрыто", "participants", "invited",
    ),
}  # fmt: skip
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "ru": ("русский", "russian", "рус", "по русски", "на русском", "ru"),
    "en": ("английский", "english", "англ", "по английски", "на английском", "en"),
}
_ALL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "format": FORMATS, "mode": MODES, "visibility": VISIBILITIES, "language": LANGUAGES,
}  # fmt: skip
_CODES = {
    name: {plain(word): code for code, words in table.items() for word in (*words, code)}
    for name, table in _ALL.items()
}
NAMED = frozenset(_ALL)


def code_of(name: str, written: str) -> str | None:
    """The code that a word means in the column of this name, None for a word nobody knows."""
    return _CODES[name].get(plain(written))


def codes(name: str) -> tuple[str, ...]:
    """The codes there are to choose from."""
    return tuple(_ALL[name])


def word(name: str, code: str, locale: str) -> str:
    """The word for a code, as a cell has it; the code itself where there is none."""
    words = _ALL[name].get(code)
    if words is None:
        return code
    said = words[1 if locale == "en" else 0]
    return said[:1].upper() + said[1:]
