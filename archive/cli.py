"""`vzaimo archive` and `vzaimo search`: the library from the terminal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import click
from flask import Flask
from flask_babel import gettext, lazy_gettext, ngettext

from archive import deposit, importing, proving, reporting
from archive.deposit import TalkFacts
from archive.indexing import UPDATE
from archive.search import search as search_for
from integrations.runtime import console, ports, waiting
from integrations.runtime.console import Option, ProgressLine, say
from integrations.runtime.database import transaction
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings
from integrations.runtime.viewer import ANONYMOUS, Viewer

WORK = frozenset({deposit.READ, UPDATE})
VISIBILITIES = ("public", "members")


class Opening(Protocol):
    def __call__(
        self, *, making: bool = True, writing: bool = True
    ) -> AbstractContextManager[Flask]: ...


@dataclass(frozen=True)
class House:
    """What the layer above lends these commands: the application, and who may open what."""

    opened: Opening
    talk_keys: Callable[[str], frozenset[str]]
    all_keys: frozenset[str]


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help=lazy_gettext("Put recordings, slides and transcripts into the archive."))
def archive() -> None:
    pass


@archive.command(
    help=lazy_gettext(
        "Put one talk into the archive and wait until it can be found. The same files and title "
        "again make no second talk."
    )
)
@click.option("--title", cls=Option, required=True, help=lazy_gettext("Title of the talk."))
@click.option(
    "--video",
    cls=Option,
    type=_FILE,
    multiple=True,
    help=lazy_gettext("Recording: MP4, WebM, M4A, MP3, OGG, WAV."),
)
@click.option(
    "--slides", cls=Option, type=_FILE, multiple=True, help=lazy_gettext("Slides: PDF, PPTX, ODP.")
)
@click.option(
    "--transcript",
    cls=Option,
    type=_FILE,
    multiple=True,
    help=lazy_gettext("Transcript: VTT, SRT."),
)
@click.option(
    "--held-on",
    cls=Option,
    type=click.DateTime(["%Y-%m-%d"]),
    help=lazy_gettext("Day on which it was held."),
)
@click.option(
    "--language",
    cls=Option,
    default="",
    help=lazy_gettext("Language, such as ru (default: found by itself)."),
)
@click.option(
    "--visibility",
    cls=Option,
    type=click.Choice(VISIBILITIES),
    default="public",
    show_default=True,
    help=lazy_gettext("Who may find and open it."),
)
@click.pass_obj
def add(
    house: House,
    title: str,
    video: tuple[Path, ...],
    slides: tuple[Path, ...],
    transcript: tuple[Path, ...],
    held_on: datetime | None,
    language: str,
    visibility: str,
) -> int:
    files = [*video, *slides, *transcript]
    if not files:
        raise click.UsageError(
            gettext("Nothing to add. Give at least one of --video, --slides, --transcript.")
        )
    facts = TalkFacts(
        title=title, access_keys=house.talk_keys(visibility), language=language,
        held_on=held_on.date() if held_on else None,
    )  # fmt: skip
    with house.opened() as app:
        for path in files:
            deposit.sniff(path, path.name)  # refused as a whole, before anything is made
        talk_id, added = _deposit(facts, files)
        outcome = _wait(app, [deposit.reading_key(talk_id)])
        faults = reporting.faults(added) + reporting.unfinished(outcome)
        if not faults and not proving.is_found(talk_id):
            faults = [gettext("Search does not find it yet. Look at `vzaimo doctor`.")]
        for fault in faults:
            say(fault)
        url = f"{_base_url()}/talks/{talk_id}"
        if faults:
            click.echo(gettext("In the archive, but not complete: %(url)s", url=url))
            return 1
        click.echo(gettext("In the archive, and search finds it: %(url)s", url=url))
        return 0


def _deposit(facts: TalkFacts, files: Sequence[Path]) -> tuple[int, list[int]]:
    """The talk's id and the ids of all its files given here, new or known."""
    digest = hashlib.sha256(facts.title.encode())
    for path in sorted(files):
        with path.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    with transaction():
        talk_id = deposit.open_talk(f"add:{digest.hexdigest()[:32]}", facts).id
    added = []
    for path in files:
        with path.open("rb") as content:
            file, _ = deposit.add_file(talk_id, content, path.name)
            added.append(file.id)
    return talk_id, added


@archive.command(
    "import",
    help=lazy_gettext(
        "Put a whole folder into the archive: files that share folder and name, but for the "
        "extension, make one talk. Broken off, it goes on where it was when started again."
    ),
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--visibility",
    cls=Option,
    type=click.Choice(VISIBILITIES),
    default="public",
    show_default=True,
    help=lazy_gettext("Who may find and open the talks."),
)
@click.pass_obj
def import_(house: House, folder: Path, visibility: str) -> int:
    with house.opened() as app:
        found = importing.bundles(folder)
        if not found:
            say(gettext("There are no files in %(folder)s.", folder=folder))
            return 1
        line, done = ProgressLine(), 0

        def one_more(_: object) -> None:
            nonlocal done
            done += 1
            line.show(gettext("Keeping the files"), done, len(found))

        taken = importing.take_in(folder, found, house.talk_keys(visibility), one_more)
        line.clear()
        outcome = _wait(app, [deposit.reading_key(talk_id) for talk_id in taken.talk_ids])
        for sentence in reporting.import_summary(folder, taken):
            click.echo(sentence)
        unfinished = reporting.unfinished(outcome)
        for sentence in unfinished:
            say(sentence)
        return 1 if unfinished else 0


def _wait(app: Flask, reading: Collection[str]) -> waiting.Outcome:
    """Have everything read and indexed, here or by a worker, and show how far it is."""
    line = ProgressLine()
    try:
        outcome = waiting.wait_for(app, reading, WORK, lambda look: reporting.show(line, look))
        indexed = waiting.wait_for(app, [UPDATE], WORK, lambda look: reporting.show(line, look))
    except KeyboardInterrupt:
        line.clear()
        say(
            gettext(
                "Stopped. What is kept stays; `vzaimo serve` or the same command goes on with it."
            )
        )
        raise
    line.clear()
    outcome.failed.update(indexed.failed)
    outcome.put_off.update(indexed.put_off)
    return outcome


@click.command(
    help=lazy_gettext(
        "Find the moments where these words were said or shown, in any inflection. Finds what "
        "everyone may see, unless --all is given."
    )
)
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--json", "as_json", cls=Option, is_flag=True, help=lazy_gettext("One JSON object a line.")
)
@click.option(
    "--limit",
    cls=Option,
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help=lazy_gettext("How many at most."),
)
@click.option(
    "--all",
    "everything",
    cls=Option,
    is_flag=True,
    help=lazy_gettext("Find what is not public, too."),
)
@click.pass_obj
def search(
    house: House, words: tuple[str, ...], as_json: bool, limit: int, everything: bool
) -> int:
    with house.opened(making=False, writing=False):
        viewer = Viewer(keys=house.all_keys, locale=console.locale()) if everything else ANONYMOUS
        found = search_for(" ".join(words), viewer, limit=limit)
        if not found.available:
            raise OutsideError("index", temporary=False, detail=gettext("run `vzaimo reindex`"))
        for place, moment in enumerate(found.moments, start=1):
            if as_json:
                click.echo(json.dumps(reporting.as_json(moment, _base_url()), ensure_ascii=False))
            else:
                click.echo(reporting.in_words(place, moment, _base_url()))
        if not found.moments:
            say(gettext("Nothing found. Try fewer words."))
        elif not as_json:
            say(_count(found.total, found.total_is_exact, len(found.moments)))
        return 0


def _count(total: int, is_exact: bool, shown: int) -> str:
    if shown >= total:
        return ngettext("%(num)s place found.", "%(num)s places found.", shown)
    if is_exact:
        return gettext(
            "%(shown)s of %(total)s shown; --limit shows more.", shown=shown, total=total
        )
    return gettext(
        "%(shown)s of at most %(total)s shown; --limit shows more.", shown=shown, total=total
    )


def _base_url() -> str:
    return ports.get(Settings).base_url.rstrip("/")
