"""`vzaimo timezones`: sessions follow the rules of the time zones."""

from __future__ import annotations

import click
from flask_babel import gettext, lazy_gettext, ngettext

from integrations.calendaring import tz_database
from sessions.cli.opening import opened
from sessions.flows import following_zones


@click.command(
    help=lazy_gettext(
        "Bring the sessions to come to the rules of the time zones of today, after tzdata was "
        "updated: the hour on the wall stays, those invited get the new one. Every worker does "
        "this when it starts."
    )
)
def timezones() -> None:
    with opened(making=False):
        shifted = following_zones.follow()
        version = tz_database.version() or gettext("without a version")
        click.echo(gettext("Time zone database: %(version)s.", version=version))
        for one in shifted:
            click.echo(
                gettext(
                    "%(title)s, %(wall)s %(tz)s: was %(was)s UTC, is %(now)s UTC.",
                    title=one.title,
                    wall=f"{one.wall_start:%Y-%m-%d %H:%M}",
                    tz=one.tz,
                    was=f"{one.was:%Y-%m-%d %H:%M}",
                    now=f"{one.now:%Y-%m-%d %H:%M}",
                )
            )
        if shifted:
            click.echo(
                ngettext(
                    "%(num)s session has moved to another instant.",
                    "%(num)s sessions have moved to another instant.",
                    len(shifted),
                )
            )
        else:
            click.echo(gettext("Every session to come stands where these rules put it."))
