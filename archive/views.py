"""Pages of the library: the list of talks, and a talk to watch and to read."""

from __future__ import annotations

import math
from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from archive import serving, shelf
from archive.models import MediaFile
from archive.player import Asked, cues_of, marks_in, watch
from archive.views_words import remarks
from integrations.runtime import clock, ports, viewer
from integrations.runtime.settings import Settings

MOST_LETTERS = 2000
# Longer than any recording; a number beyond it is a slip, or somebody playing.
_MOST_SECONDS = 1_000_000.0

pages = Blueprint("library", __name__)
serving.install(pages)


@pages.record_once
def _name_remarks(state: BlueprintSetupState) -> None:
    """Let templates ask what is to be said of a file."""
    state.app.jinja_env.globals["file_remarks"] = _file_remarks


def _file_remarks(file: MediaFile) -> list[str]:
    length: Callable[[float], str] = current_app.jinja_env.filters["duration"]
    return remarks(file, length)


@pages.get("/talks")
def index() -> ResponseReturnValue:
    """The talks this reader may open, newest first."""
    page = shelf.talks(viewer.current())
    ids = [talk.id for talk in page.items]
    return render_template(
        "pages/talks.html",
        talks=page,
        pictures=shelf.pictures(ids),
        kinds=shelf.files_of(ids),
    )


@pages.get("/talks/<int:talk_id>")
def talk(talk_id: int) -> ResponseReturnValue:
    """A talk: its recording, slides, transcript and files, at the second that is asked for."""
    shown = serving.talk_or_abort(talk_id)
    asked = Asked(
        at_s=seconds(request.args.get("t")),
        slide_id=row_id("slide"),
        words=words(),
        file_id=row_id("file"),
        text_id=row_id("text"),
    )
    settings = ports.get(Settings)
    zone = viewer.current().tz or settings.timezone
    return render_template(
        "pages/talk.html",
        watch=watch(shown, asked),
        talk=shown,
        address=f"{settings.base_url.rstrip('/')}/talks/{talk_id}",
        today=clock.now().astimezone(ZoneInfo(zone)).date(),
    )


@pages.get("/talks/<int:talk_id>/find")
def find(talk_id: int) -> ResponseReturnValue:
    """Where words stand: {"lines": [[id of a line, [[start, end], …]], …]}, in characters."""
    shown = serving.talk_or_abort(talk_id)
    cues = cues_of(shown, row_id("text"))
    found = marks_in(cues, words())
    return {"lines": [[cues[place].id, places] for place, places in found.items()]}


def row_id(name: str) -> int | None:
    """The number of a row that the address names, None where no row can have it."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number < 2**31 else None


def words() -> str:
    """What is looked for, as typed, without what no database or browser could show again."""
    typed = request.args.get("q", "")[:MOST_LETTERS]
    return typed.encode("utf-8", "replace").decode().replace("\0", " ").strip()


def seconds(text: str | None) -> float | None:
    """A place in a recording: 872, 872.5 or 14:32; None where it cannot be meant."""
    if not text or len(text) > 20:
        return None
    total = 0.0
    for part in text.split(":"):
        try:
            total = total * 60 + float(part)
        except ValueError:
            return None
    return total if math.isfinite(total) and 0 <= total <= _MOST_SECONDS else None
