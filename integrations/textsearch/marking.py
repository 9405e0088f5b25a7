"""Shows where in a text the words of a question stand, in whatever inflection."""

from __future__ import annotations

from integrations.textsearch import asking, russian
from integrations.textsearch.asking import Asked, Wanted
from integrations.textsearch.words import Word, words_of

_SHORTEST_MISSPELT = 5
_ELLIPSIS = "…"


def marks(text: str, words: str) -> list[tuple[int, int]]:
    """The places of the words in the text: (start, end), in order, none within another.

    A word spelt nearly so is marked only where no other word of the text is meant by it.
    """
    return [(start, end) for start, end, _ in _places(text, asking.read(words))]


def excerpt(text: str, words: str, width: int) -> list[tuple[str, bool]]:
    """About `width` characters around the most of the different words, as (piece, is a match).

    Joined, the pieces are a part of the text, with an ellipsis where it was cut.
    """
    places = _places(text, asking.read(words))
    start, end = _densest(text, places, width)
    pieces: list[tuple[str, bool]] = []
    at = start
    if start > 0:
        pieces.append((_ELLIPSIS, False))
    for mark_start, mark_end, _ in places:
        if mark_start < start or mark_end > end:
            continue
        pieces += [(text[at:mark_start], False), (text[mark_start:mark_end], True)]
        at = mark_end
    pieces.append((text[at:end], False))
    if end < len(text):
        pieces.append((_ELLIPSIS, False))
    return _joined(pieces)


def _places(text: str, asked: Asked) -> list[tuple[int, int, int]]:
    """Where the words stand: (start, end, which of the words asked for)."""
    quoted = {one for phrase in asked.phrases for one in phrase}
    sought = [one for one in asked.words if one in asked.telling or one in quoted]
    standing = list(words_of(text))
    numbers = _by_term(sought)
    found = [place for word in standing for place in _in_word(word, numbers)]
    met = {number for _, _, number in found}
    missed = [(number, one) for number, one in enumerate(sought) if number not in met]
    found += [place for number, one in missed for place in _nearly(one, number, standing)]
    return _apart(sorted(found))


def _by_term(sought: list[Wanted]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, one in enumerate(sought):
        for term in one.terms:
            numbers.setdefault(term, number)
        for part in one.parts:
            if not part.is_stop_word:
                for term in part.terms:
                    numbers.setdefault(term, number)
    return numbers


def _in_word(word: Word, numbers: dict[str, int]) -> list[tuple[int, int, int]]:
    number = numbers.get(russian.lemma(word.form))
    if number is not None:
        return [(word.start, word.end, number)]
    return [place for part in word.parts for place in _in_word(part, numbers)]


def _nearly(one: Wanted, number: int, standing: list[Word]) -> list[tuple[int, int, int]]:
    if len(one.form) < _SHORTEST_MISSPELT:
        return []
    return [
        (word.start, word.end, number)
        for word in standing
        if is_one_slip(one.form, word.form) or is_one_slip(one.terms[0], russian.lemma(word.form))
    ]


def is_one_slip(one: str, other: str) -> bool:
    """Whether a letter was left out, added, mistaken, or two neighbours were swapped."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return swapped or one[at + 1 :] == other[at + 1 :]


def _apart(places: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    kept: list[tuple[int, int, int]] = []
    for place in places:
        if not kept or place[0] >= kept[-1][1]:
            kept.append(place)
    return kept


def _densest(text: str, places: list[tuple[int, int, int]], width: int) -> tuple[int, int]:
    if len(text) <= width:
        return 0, len(text)
    kept_start, kept_end = _most_words(places, width)
    margin = max(0, width - (kept_end - kept_start)) // 2
    end = min(len(text), max(0, kept_start - margin) + width)
    start = max(0, end - width)
    spaced = "".join(" " if letter.isspace() else letter for letter in text)
    if start > 0 and not spaced[start - 1].isspace():
        space = spaced.find(" ", start, kept_start)
        start = space + 1 if space >= 0 else kept_start
    if end < len(text) and not spaced[end].isspace():
        space = spaced.rfind(" ", kept_end, end)
        end = space if space >= 0 else kept_end or end
    return start, max(end, kept_end)


def _most_words(places: list[tuple[int, int, int]], width: int) -> tuple[int, int]:
    """From where to where the most different words stand within the width; (0, 0) if none do."""
    best, best_score = (0, 0), (0, 0)
    last = 0
    for first, (start, _, _) in enumerate(places):
        last = max(last, first)
        while last + 1 < len(places) and places[last + 1][1] - start <= width:
            last += 1
        within = places[first : last + 1]
        score = (len({number for _, _, number in within}), len(within))
        if score > best_score:
            best, best_score = (start, within[-1][1]), score
    return best


def _joined(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    joined: list[tuple[str, bool]] = []
    for piece, is_match in pieces:
        if joined and joined[-1][1] == is_match:
            joined[-1] = (joined[-1][0] + piece, is_match)
        elif piece:
            joined.append((piece, is_match))
    return joined
