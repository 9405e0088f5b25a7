"""The terminal: its language, commands whose help is translated, and a line that shows progress."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from gettext import bindtextdomain
from pathlib import Path
from typing import Any, TextIO

import click
from flask import Flask
from flask_babel import Babel

from integrations.runtime.language import speaking

_BAR_WIDTH = 28


def locale(environ: Mapping[str, str] = os.environ) -> str:
    """The language of the terminal: "ru" where it says so, else "en" (POSIX, 8.2: LC_ALL first)."""
    said = next(
        (environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), ""
    )
    return "ru" if said.lower().startswith("ru") else "en"


@contextmanager
def speaking_own_language(translations: Path) -> Iterator[None]:
    """Have gettext answer in the terminal's language before there is any application."""
    # Click's own words are asked of the standard library, in the domain of the same name as ours.
    bindtextdomain("messages", translations)
    nobody = Flask("vzaimo-terminal")
    nobody.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations)
    Babel(nobody)
    with nobody.app_context(), speaking(locale()):
        yield


class Option(click.Option):
    """An option whose help is looked up when it is shown: the language is not known before."""

    def __init__(self, *args: Any, help: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._help = help

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = str(self._help) if self._help is not None else None
        return super().get_help_record(ctx)


def say(text: str = "") -> None:
    """A line for the person at the terminal, beside what a program reads from standard output."""
    click.echo(text, err=True)


class ProgressLine:
    """A line that is drawn anew in a terminal; elsewhere one line a stage."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._drawn = 0
        self._stage = ""
        self._at = 0.0
        self._told: set[str] = set()

    def show(self, stage: str, done: int, total: int) -> None:
        """Say what is going on; total: 0 where it is not known."""
        if not self._out.isatty():
            if stage not in self._told:
                self._told.add(stage)
                self._out.write(f"{stage}\n")
                self._out.flush()
        elif stage != self._stage or time.monotonic() - self._at > 0.1 or done == total:
            self._draw(stage, done, total)
            self._at = time.monotonic()
        self._stage = stage

    def _draw(self, stage: str, done: int, total: int) -> None:
        text = stage
        if total:
            filled = _BAR_WIDTH * min(done, total) // total
            text = f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {done}/{total}  {stage}"
        text = text[: max(shutil.get_terminal_size().columns - 1, 20)]
        self._out.write("\r" + text.ljust(self._drawn))
        self._out.flush()
        self._drawn = len(text)

    def clear(self) -> None:
        """Take the line away, so that the next words start at the left."""
        if self._out.isatty() and self._drawn:
            self._out.write("\r" + " " * self._drawn + "\r")
            self._out.flush()
        self._drawn, self._stage = 0, ""
