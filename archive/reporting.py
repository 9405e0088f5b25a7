"""What the terminal says of talks: progress, faults, counts, and moments that were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import select

from archive.importing import Taken
from archive.models import MediaFile
from archive.search import Moment
from integrations.runtime.console import ProgressLine
from integrations.runtime.database import db
from integrations.runtime.errors import Refused
from integrations.runtime.waiting import Look, Outcome

GOOD = ("read", "partial", "unexamined")


def show(line: ProgressLine, look: Look) -> None:
    """Draw how far the work is: by jobs where there are many, else by what the one job says."""
    if not look.progress and look.total <= 1:
        return
    stage = stage_in_words(str(look.progress.get("stage", "")))
    if look.total > 1:
        line.show(stage, look.done, look.total)
        return
    total = int(look.progress.get("total") or 0)
    line.show(stage, int(look.progress.get("done") or 0), total)


def stage_in_words(stage: str) -> str:
    """What is being done, for the person who waits."""
    words = {
        "reading": gettext("Reading the files"),
        "slides": gettext("Reading the slides"),
        "entries": gettext("Writing down what may be found"),
        "index": gettext("Taking it into the search"),
    }
    return words.get(stage, gettext("Working"))


def faults(file_ids: Collection[int]) -> list[str]:
    """A sentence for each of these files that could not be read as a whole."""
    files = db.session.scalars(
        select(MediaFile).where(MediaFile.id.in_(file_ids)).order_by(MediaFile.id)
    ).all()
    return [
        gettext(
            "%(name)s: nothing could be read (%(why)s).", name=file.original_name, why=problem(file)
        )
        for file in files
        if file.state not in GOOD
    ]


def problem(file: MediaFile) -> str:
    """Why a file was not read, in the fewest words."""
    return in_short(file.problem or file.state)


def in_short(code: str) -> str:
    """The code of a refusal as a few words."""
    words = {
        "empty": gettext("empty"),
        "waiting": gettext("not read yet"),
        "not_what_it_says": gettext("not what its name says"),
        "kind_not_accepted": gettext("not a kind of file the archive takes"),
        "too_big": gettext("too large for its kind"),
        "too_big_inside": gettext("unpacks to far too much"),
        "unsafe_inside": gettext("holds what no presentation contains"),
        "encrypted": gettext("asks for a password"),
        "damaged": gettext("damaged"),
        "wrong_encoding": gettext("its letters cannot be made out"),
        "no_room": gettext("the disk is full"),
        "no_access": gettext("may not be read"),
    }
    return words.get(code, code)


def unfinished(outcome: Outcome) -> list[str]:
    """A sentence for each job that did not end well."""
    sentences = [
        gettext("The work %(key)s failed: %(error)s", key=key, error=error)
        for key, error in sorted(outcome.failed.items())
    ]
    return sentences + [
        gettext(
            "The work %(key)s did not succeed yet (%(error)s); a worker tries it again later.",
            key=key,
            error=error,
        )
        for key, error in sorted(outcome.put_off.items())
    ]


def import_summary(root: Path, taken: Taken) -> list[str]:
    """How the import ended: counts, and every file that was refused, with the reason."""
    files = [
        file
        for start in range(0, len(taken.added_ids), 500)
        for file in db.session.scalars(
            select(MediaFile).where(MediaFile.id.in_(taken.added_ids[start : start + 500]))
        )
    ]
    states = Counter("read" if file.state in GOOD else file.state for file in files)
    refused = [(str(path.relative_to(root)), _reason(why)) for path, why in taken.refused.items()]
    empty = sum(reason == in_short("empty") for _, reason in refused) + states["empty"]
    unread = [
        (file.original_name, problem(file)) for file in files if file.state in ("refused", "empty")
    ]
    counted = {
        "read": states["read"],
        "empty": empty,
        "refused": len(refused) + len(unread) - empty,
        "already": taken.already,
    }
    lines = [
        ngettext("%(num)s talk.", "%(num)s talks.", len(set(taken.talk_ids))),
        gettext(
            "Files: %(read)s read, %(empty)s empty, %(refused)s refused, "
            "%(already)s already there.",
            **counted,
        ),
    ]
    return lines + [f"  {name}: {reason}" for name, reason in sorted(refused + unread)]


def _reason(refused: Refused) -> str:
    said, is_ = refused.details.get("said"), refused.details.get("is_")
    code = refused.reason.removeprefix("file.")
    if code == "not_what_it_says" and is_:
        return gettext("not what its name says (%(said)s), inside: %(is_)s", said=said, is_=is_)
    return in_short(code)


def as_json(moment: Moment, base_url: str) -> dict[str, Any]:
    """A moment as a program reads it; times in seconds, the address whole."""
    return {
        "title": moment.talk.title if moment.talk else moment.title,
        "file": moment.file.original_name if moment.file else None,
        "kind": moment.kind,
        "start_s": moment.start_s,
        "end_s": moment.end_s,
        "slide": moment.slide.page if moment.slide else None,
        "text": text_of(moment),
        "url": base_url + moment.url,
        "score": round(moment.score, 4),
    }


def in_words(place: int, moment: Moment, base_url: str) -> str:
    """A moment for a person: where it is, what stands there, how to get there."""
    where = [time_code(moment.start_s)] if moment.start_s is not None else []
    if moment.slide is not None:
        where.append(gettext("slide %(page)s", page=moment.slide.page))
    if moment.speaker:
        where.append(moment.speaker)
    title = moment.talk.title if moment.talk else moment.title
    lines = [f"{place:>3}. {title}", f"     {', '.join(where)}" if where else ""]
    lines += [f"     {text_of(moment)}", f"     {base_url}{moment.url}", ""]
    return "\n".join(line for line in lines[:-1] if line.strip()) + "\n"


def text_of(moment: Moment) -> str:
    """The stretch of text around what was looked for, on one line."""
    return " ".join("".join(piece for piece, _ in moment.pieces).split())


def time_code(second: float) -> str:
    """Hours, minutes and seconds as players show them."""
    minutes, seconds = divmod(int(second), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
