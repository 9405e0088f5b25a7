"""An index as it stood at one moment: reads its terms, scores documents, filters them.

A snapshot belongs to one thread at a time; Whoosh's readers move a common cursor.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from integrations.textsearch.asking import Wanted
from integrations.textsearch.whoosh_folder import INDEX_NAME, Folder, Version
from integrations.textsearch.whoosh_parts import TOC, FileIndex, Files, positions_in, schema

K1, B = 1.2, 0.4  # BM25; windows are of one length, so length says little
_OTHER_LEMMA = 0.6  # what a less likely lemma of a typed word is worth
_REMEMBERED_FILTERS = 64
Scores = dict[int, float]


class Snapshot:
    """A reader of one version of the index, at one generation."""

    def __init__(self, version: Version, reader: Any) -> None:
        self.version = version
        self._reader = reader
        self._leaves: list[tuple[Any, int]] = list(reader.leaf_readers())
        self._size: int = reader.doc_count_all()
        total_length = sum(leaf.field_length("words") for leaf, _ in self._leaves)
        self._mean_length = max(1.0, total_length / max(1, self._size))
        self._filters: OrderedDict[str, int] = OrderedDict()

    @classmethod
    def open(cls, folder: Folder) -> Snapshot | None:
        """The index as it stands, or None where there is none. Raises whatever a broken file
        makes Whoosh raise.
        """
        with folder.opening():
            version = folder.latest()
            if version is None:
                return None
            files = Files(version.path)
            try:
                contents = TOC.read(files, INDEX_NAME, schema=schema())
                parts = FileIndex._reader(files, contents.schema, contents.segments, None)
                return cls(version, parts)
            except BaseException:
                files.let_go()
                raise

    @property
    def parts(self) -> int:
        """How many parts the index consists of."""
        return len(self._leaves)

    def count(self) -> int:
        """How many documents there are."""
        return int(self._reader.doc_count())

    def close(self) -> None:
        self._reader.close()

    def shown(self, document: int) -> tuple[Any, ...]:
        """What is kept of a document: id, source, kind, start_s, end_s."""
        kept: tuple[Any, ...] = self._reader.stored_fields(document)["shown"]
        return kept

    def frequency(self, term: str) -> int:
        """In how many documents the term stands."""
        return sum(leaf.doc_frequency("words", term) for leaf, _ in self._leaves)

    def frequency_of(self, wanted: Wanted) -> int:
        """In how many documents the word stands, at most."""
        whole = sum(self.frequency(term) for term in wanted.terms)
        if not wanted.parts:
            return whole
        return whole + min(self.frequency_of(part) for part in wanted.parts)

    # Filters

    def allowed(self, *either: Iterable[str]) -> bytearray:
        """For each document, whether it has one filter of every group: 1 or 0."""
        mask = (1 << (8 * self._size)) - 1
        for group in either:
            met = 0
            for one in group:
                met |= self._having(one)
            mask &= met
        return bytearray(mask.to_bytes(self._size, "little"))

    def _having(self, one: str) -> int:
        known = self._filters.get(one)
        if known is None:
            having = bytearray(self._size)
            for leaf, offset in self._leaves:
                if ("filters", one) in leaf:
                    for number in leaf.postings("filters", one).all_ids():
                        having[offset + number] = 1
            known = self._filters[one] = int.from_bytes(having, "little")
            if len(self._filters) > _REMEMBERED_FILTERS:
                self._filters.popitem(last=False)
        return known

    # Words

    def scores(self, wanted: Wanted, allowed: bytearray, among: Scores | None = None) -> Scores:
        """How well the word fits each allowed document it stands in.

        among: looks into these documents only, which is fast where they are few.
        """
        found: Scores = {}
        for rank, term in enumerate(wanted.terms):
            weight = 1.0 if rank == 0 else _OTHER_LEMMA
            for document, score in self._scores_of_term(term, allowed, among):
                found[document] = found.get(document, 0.0) + weight * score
        if wanted.parts:
            telling = [p for p in wanted.parts if not p.is_stop_word] or list(wanted.parts)
            for document, score in self.scores_of_all(telling, allowed, among).items():
                found[document] = max(found.get(document, 0.0), score)
        return found

    def scores_of_all(
        self, words: Iterable[Wanted], allowed: bytearray, among: Scores | None = None
    ) -> Scores:
        """The same for documents that hold every one of the words; the rarest is read first."""
        total = among
        summed: Scores | None = None
        for wanted in sorted(words, key=self.frequency_of):
            found = self.scores(wanted, allowed, total)
            summed = {d: score + (summed[d] if summed else 0.0) for d, score in found.items()}
            total = summed
            if not total:
                break
        return summed or {}

    def _scores_of_term(
        self, term: str, allowed: bytearray, among: Scores | None
    ) -> Iterator[tuple[int, float]]:
        frequency = self.frequency(term)
        if not frequency:
            return
        rarity = math.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5))
        flat, steep = K1 * (1 - B), K1 * B / self._mean_length
        for leaf, document, matcher in self._standing(term, among):
            if allowed[document[0]]:
                weight = matcher.weight()
                length = leaf.doc_field_length(document[1], "words")
                yield document[0], rarity * weight * (K1 + 1) / (weight + flat + steep * length)

    def _standing(
        self, term: str, among: Scores | None
    ) -> Iterator[tuple[Any, tuple[int, int], Any]]:
        """The part, the document (in the index, in the part) and a matcher that stands on it."""
        sought = None if among is None else sorted(among)
        for leaf, offset in self._leaves:
            if ("words", term) not in leaf:
                continue
            matcher = leaf.postings("words", term)
            if sought is None:
                while matcher.is_active():
                    number = matcher.id()
                    yield leaf, (offset + number, number), matcher
                    matcher.next()
                continue
            end = offset + leaf.doc_count_all()
            for document in sought:
                if not offset <= document < end:
                    continue
                if not matcher.is_active():
                    break
                if matcher.id() < document - offset:
                    matcher.skip_to(document - offset)
                if matcher.is_active() and matcher.id() == document - offset:
                    yield leaf, (document, document - offset), matcher

    def standing_together(self, phrase: Iterable[Wanted], among: Scores) -> set[int]:
        """Of these documents, those where the words follow one another."""
        starts: dict[int, set[int]] | None = None
        for step, wanted in enumerate(phrase):
            places = self._places(wanted, among if starts is None else dict.fromkeys(starts, 0.0))
            here = {d: {place - step for place in at} for d, at in places.items()}
            if starts is not None:
                here = {d: starts[d] & at for d, at in here.items()}
            starts = {d: at for d, at in here.items() if at}
        return set(starts or ())

    def _places(self, wanted: Wanted, among: Mapping[int, float]) -> dict[int, set[int]]:
        places: dict[int, set[int]] = {}
        for term in wanted.terms:
            for _, (document, _), matcher in self._standing(term, dict(among)):
                places.setdefault(document, set()).update(positions_in(matcher.value()))
        return places
