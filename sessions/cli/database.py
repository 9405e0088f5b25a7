"""`vzaimo db`: the tables of the database."""

from __future__ import annotations

import click
from flask_babel import gettext, lazy_gettext

from sessions.cli.opening import database_state, put_together, quiet_settings
from sessions.cli.opening import upgrade as bring_up


@click.group(help=lazy_gettext("Look after the tables of the database."))
def db() -> None:
    pass


@db.command(help=lazy_gettext("Bring the database to the tables that this version needs."))
def upgrade() -> None:
    settings = quiet_settings()
    with put_together(settings):
        before = database_state()
        bring_up(settings)
        if before == "current":
            click.echo(gettext("The database is up to date already."))
        elif before == "empty":
            click.echo(gettext("The database is made."))
        else:
            click.echo(gettext("The database is up to date now."))
