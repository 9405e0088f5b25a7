"""`vzaimo serve` and `vzaimo worker`."""

from __future__ import annotations

import os

import click
from flask_babel import gettext, lazy_gettext

from integrations.runtime.console import Option, say
from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings
from sessions import serving
from sessions.cli.opening import opened


@click.command(
    help=lazy_gettext(
        "Serve the pages, with a worker beside them, until stopped. An empty data directory gets "
        "its database first."
    )
)
@click.option("--host", cls=Option, help=lazy_gettext("Interface to listen on (VZAIMO_HOST)."))
@click.option(
    "--port",
    cls=Option,
    type=click.IntRange(1, 65535),
    help=lazy_gettext("Port to listen on (VZAIMO_PORT)."),
)
@click.option(
    "--no-worker",
    cls=Option,
    is_flag=True,
    help=lazy_gettext("Serve pages only; workers run elsewhere."),
)
def serve(host: str | None, port: int | None, no_worker: bool) -> None:
    given: dict[str, str] = {"host": host} if host else {}
    if port:
        given["port"] = str(port)
    settings = Settings.from_env(os.environ, **given)
    with serving.alone(settings, _serves_already), opened(settings) as app:
        listening = serving.listen(settings)
        say(
            gettext(
                "Vzaimo listens on %(host)s:%(port)s, people reach it at %(url)s. Ctrl-C ends it.",
                host=settings.host,
                port=settings.port,
                url=settings.base_url,
            )
        )
        serving.serve(app, settings, listening, with_worker=not no_worker)


def _serves_already(url: str) -> Misconfigured:
    return Misconfigured(
        gettext("Vzaimo serves this data directory already, at %(url)s", url=url),
        gettext("Open that address, or end that `vzaimo serve` first."),
    )


@click.command(
    help=lazy_gettext(
        "Do the work that is owed (letters, reading of files, search) until stopped. "
        "`vzaimo serve` starts one by itself; more may run, on other machines, too."
    )
)
@click.option("--parent", cls=Option, type=int, hidden=True)
def worker(parent: int | None) -> None:
    with opened(Settings.from_env(), making=False) as app:
        serving.work(app, parent)
