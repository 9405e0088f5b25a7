"""`vzaimo demo`: a season to look at, in a data directory of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import sys
import threading
import webbrowser
from functools import partial
from pathlib import Path

import click
from flask import Flask
from flask_babel import gettext, lazy_gettext

from archive.deposit import READ
from archive.indexing import UPDATE
from integrations.runtime import clock, jobs, worker
from integrations.runtime.console import Option, ProgressLine, say
from integrations.runtime.database import db
from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings
from sessions import serving
from sessions.cli.opening import opened
from sessions.demo import accounts, fill, sources
from sessions.flows.meetings import CREATE

MARK = "demo"
PORT, PORTS_TRIED = 8000, 20
# What must be done before it is shown; the letters leave while one looks around.
FIRST = frozenset({READ, CREATE})
THEN = frozenset({UPDATE})
# What a demonstration takes from the environment; the rest would point at real data and mail.
_TAKEN_OVER = (
    "VZAIMO_JITSI_URL", "VZAIMO_THREADS", "VZAIMO_TRUSTED_PROXIES", "VZAIMO_LOG_FORMAT",
    "VZAIMO_LOG_LEVEL",
)  # fmt: skip


@click.command(
    help=lazy_gettext(
        "Show a season with cities, people, invitations and a recording, in a data directory of "
        "its own. Started again, it goes on with what is there."
    )
)
@click.option(
    "--host",
    cls=Option,
    default="127.0.0.1",
    show_default=True,
    help=lazy_gettext("Interface to listen on."),
)
@click.option(
    "--port",
    cls=Option,
    type=click.IntRange(1, 65535),
    help=lazy_gettext("Port to listen on (default: 8000, or the next that is free)."),
)
@click.option(
    "--data",
    cls=Option,
    type=click.Path(file_okay=False, path_type=Path),
    help=lazy_gettext("Data directory (default: ~/.local/share/vzaimo-demo)."),
)
@click.option(
    "--no-browser", cls=Option, is_flag=True, help=lazy_gettext("Do not open the browser.")
)
def demo(host: str, port: int | None, data: Path | None, no_browser: bool) -> None:
    folder = (data or _home()).expanduser().absolute()
    _check_own(folder)
    listening, port = _listen(host, port)
    settings = _settings(host, port, folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    with listening, serving.alone(settings, _runs_already), opened(settings) as app:
        prepare(app)
        _introduce(settings)
        if not no_browser:
            threading.Timer(0.5, webbrowser.open, [settings.base_url]).start()
        serving.serve(app, settings, listening, with_worker=True)


def prepare(app: Flask) -> None:
    """Fill the seasons and have the recordings read and found, saying how far it is."""
    line = ProgressLine()
    fill.fill(partial(line.show, gettext("Preparing the seasons")))
    owed = len(db.session.scalars(jobs.due(clock.now(), FIRST)).all())
    reading = gettext("Reading the recordings")
    line.show(reading, 0, owed)
    worker.work_off(app, FIRST, lambda done: line.show(reading, min(done, owed), owed))
    line.show(gettext("Making it findable"), 0, 0)
    fill.mark_recordings()
    worker.work_off(app, THEN)
    line.clear()


def _runs_already(url: str) -> Misconfigured:
    return Misconfigured(
        gettext("This demonstration runs already, at %(url)s", url=url),
        gettext("Open that address, or end it first with Ctrl-C in its terminal."),
    )


def _home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base, "vzaimo-demo")


def _check_own(folder: Path) -> None:
    """A demonstration never touches what is not its own. Raises Misconfigured."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise Misconfigured(
            gettext("%(path)s holds something that is no demonstration", path=folder),
            gettext("Choose an empty directory with --data."),
        )


def _listen(host: str, port: int | None) -> tuple[socket.socket, int]:
    """A listening socket; without a wish, on the first port that is free from 8000 on."""
    if port is not None:
        return serving.listen(Settings(host=host, port=str(port))), port
    for candidate in range(PORT, PORT + PORTS_TRIED):
        try:
            listening = serving.listen(Settings(host=host, port=str(candidate)))
        except Misconfigured:
            if candidate == PORT + PORTS_TRIED - 1:
                raise
            continue
        if candidate != PORT:
            say(gettext("Port %(busy)s is taken; using %(port)s.", busy=PORT, port=candidate))
        return listening, candidate
    raise AssertionError("unreachable")


def _settings(host: str, port: int, folder: Path) -> Settings:
    programme = sources.read_season().programme
    taken_over = {name: os.environ[name] for name in _TAKEN_OVER if os.environ.get(name)}
    quiet = {"VZAIMO_LOG_LEVEL": "ERROR", "VZAIMO_LOG_FORMAT": "text"}
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 compared, not bound
    return Settings.from_env(
        {**quiet, **taken_over},
        data=str(folder), host=host, port=str(port), demo="1", mail="folder",
        inbox="folder", inbox_seconds="5",
        base_url=f"http://{f'[{shown}]' if ':' in shown else shown}:{port}",
        mail_from="vstrechi@vzaimo.example",
        programme=programme.name, programme_en=programme.name_en,
    )  # fmt: skip


def _own_name() -> str:
    """The command as it was typed: `.venv/bin/vzaimo` where no `vzaimo` is on the path."""
    typed = sys.argv[0]
    if Path(typed).name != "vzaimo" or shutil.which("vzaimo") == typed:
        return "vzaimo"  # found by the shell, or started in another way
    return shlex.quote(typed)


def _introduce(settings: Settings) -> None:
    """Say where it is and who one may be."""
    click.echo()
    click.echo(gettext("The demonstration is at %(url)s", url=settings.base_url))
    click.echo()
    click.echo(gettext("Sign in as:"))
    for label, email, password in accounts.DEMO_ACCOUNTS:
        click.echo(
            "  "
            + gettext(
                "%(who)s: %(email)s, password %(password)s",
                who=str(label),
                email=email,
                password=password,
            )
        )
    click.echo(gettext("Letters that it sends: %(url)s", url=f"{settings.base_url}/demo/mailbox"))
    click.echo(gettext("Search it from another terminal:"))
    url = "" if settings.port == str(PORT) else f"VZAIMO_BASE_URL={settings.base_url} "
    data = shlex.quote(str(settings.data_dir))
    click.echo(f"  VZAIMO_DATA={data} {url}{_own_name()} search учитель")
    click.echo()
    click.echo(gettext("Ctrl-C ends it; the data stays for the next time."))
