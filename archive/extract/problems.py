"""What can be wrong with a file that someone hands in."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """Stable codes for why a file was refused or read in part; the page finds the words.

    EMPTY: nothing inside: no byte, no cue, no page.
    NOT_WHAT_IT_SAYS: the content is of another kind than the extension says (`said`, `is_`).
    KIND_NOT_ACCEPTED: an honest file of a kind that the archive does not take (`is_`).
    TOO_BIG: more bytes than the caller allows (`size_bytes`, `limit_bytes`).
    TOO_BIG_INSIDE: small outside, but it unpacks to too much (`what`, `found`, `limit`).
    UNSAFE_INSIDE: what an honest program never writes: member names that climb out of the
        archive, links, archives within archives, document type definitions (`what`, `member`).
    ENCRYPTED: a password is needed.
    DAMAGED: cut off or broken; what could be read before that is kept.
    TOO_MANY_PAGES: the first pages up to the limit were read.
    NO_TEXT: there are pages, but no text in any of them (a scan, or fonts without a code table).
    TIMED_OUT: the allowed time ran out; the pages read until then are kept.
    OUT_OF_MEMORY: the allowed memory was not enough; the pages read until then are kept.
    WRONG_ENCODING: text, but in no encoding that we can make out.
    """

    EMPTY = "empty"
    NOT_WHAT_IT_SAYS = "not_what_it_says"
    KIND_NOT_ACCEPTED = "kind_not_accepted"
    TOO_BIG = "too_big"
    TOO_BIG_INSIDE = "too_big_inside"
    UNSAFE_INSIDE = "unsafe_inside"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_MANY_PAGES = "too_many_pages"
    NO_TEXT = "no_text"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    WRONG_ENCODING = "wrong_encoding"


class Unreadable(Exception):  # noqa: N818 - says what is the matter, as Refused does
    """A file from which nothing could be taken. `reason` is a `Problem`, `details` its facts."""

    def __init__(self, reason: str, **details: object) -> None:
        self.reason = Problem(reason)
        self.details = details
        super().__init__(f"{self.reason.value} {details}" if details else self.reason.value)
