"""What is to be said of a file, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext, ngettext

from archive.models import MediaFile
from archive.rules import LONGEST_S

# Codes of archive.extract.problems, where a file is kept in spite of them.
_PROBLEMS: Mapping[str, Callable[[], str]] = {
    "empty": lambda: gettext("There is nothing in this file. Send it again from the original."),
    "not_what_it_says": lambda: gettext("The content is not what the name says."),
    "kind_not_accepted": lambda: gettext("Files of this kind cannot be read."),
    "too_big": lambda: gettext("The file is too large for its kind to be read."),
    "too_big_inside": lambda: gettext(
        "The file unpacks to far more than it should and was not read. "
        "Save it anew in your program."
    ),
    "unsafe_inside": lambda: gettext(
        "The file holds something no presentation contains and was not read. "
        "Save it anew in your program."
    ),
    "encrypted": lambda: gettext(
        "The file asks for a password. Save it without one, send it again."
    ),
    "damaged": lambda: gettext("The file is damaged. Send it again from the original."),
    "no_text": lambda: gettext(
        "There are pictures but no text in it, so search cannot find its pages."
    ),
    "timed_out": lambda: gettext("Reading took too long and was stopped."),
    "out_of_memory": lambda: gettext("Reading took too much memory and was stopped."),
    "too_many_pages": lambda: gettext("There are more pages than are read."),
    "wrong_encoding": lambda: gettext(
        "The letters cannot be made out. Save the file as UTF-8 and send it again."
    ),
}


def remarks(file: MediaFile, length: Callable[[float], str]) -> list[str]:
    """What a person should know of the file, in sentences; empty where all is well.

    length: writes a number of seconds in words.
    """
    said = []
    if file.problem is not None and file.problem in _PROBLEMS:
        said.append(_PROBLEMS[file.problem]())
    pages, total = file.details.get("pages"), file.details.get("pages_total")
    if pages and total and pages < total:
        said.append(gettext("%(pages)s of %(total)s pages were read.", pages=pages, total=total))
    if file.state == "unexamined":
        said.append(
            gettext(
                "The recording arrived whole and is played as it came. How long it really is and "
                "whether it is damaged inside was not looked into."
            )
        )
    said += [
        sentence
        for warning in file.details.get("warnings", [])
        if (sentence := _of_recording(str(warning), length))
    ]
    return said + _of_transcript(file)


def _of_recording(warning: str, length: Callable[[float], str]) -> str:
    """Codes of archive.probe."""
    code, _, facts = warning.partition(":")
    if code == "duration_differs":
        claimed, _, real = facts.partition(":")
        if float(claimed) > LONGEST_S:
            return gettext(
                "The length that the file claims cannot be true; there is %(real)s in it.",
                real=length(float(real)),
            )
        return gettext(
            "The file says that it lasts %(claimed)s, but there is only %(real)s in it.",
            claimed=length(float(claimed)),
            real=length(float(real)),
        )
    if code == "length_doubted" and facts:
        return gettext(
            "The file claims a length that cannot be true; what is shown is where the last line "
            "of the transcript ends: %(real)s.",
            real=length(float(facts)),
        )
    return {
        "length_doubted": lambda: gettext(
            "The file claims a length that cannot be true, so how long it is stays unknown."
        ),
        "no_duration": lambda: gettext("The file does not say how long it is."),
        "decode_errors": lambda: gettext("Some places of the recording are damaged."),
        "no_sound": lambda: gettext("There is no sound in it."),
        "index_last": lambda: gettext(
            "Playing begins only after the whole file is loaded: save it with «web optimised»."
        ),
    }.get(code, lambda: "")()


def _of_transcript(file: MediaFile) -> list[str]:
    """Codes of archive.captions: how many lines were mended or left out."""
    if file.kind != "transcript":
        return []
    codes = [str(warning).partition(":")[0] for warning in file.details.get("warnings", [])]
    lost = sum(code in ("bad_time", "no_words", "stray_text") for code in codes)
    mended = sum(code in ("ends_before_start", "stray_blank_line", "unsorted") for code in codes)
    said = []
    if lost:
        said.append(
            ngettext("%(num)s line could not be read.", "%(num)s lines could not be read.", lost)
        )
    if mended:
        said.append(ngettext("%(num)s line was mended.", "%(num)s lines were mended.", mended))
    if "bad_characters" in codes:
        said.append(gettext("Some letters could not be made out."))
    return said
