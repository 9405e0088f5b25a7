"""`vzaimo mail`: how far letters are, and stopping them."""

from __future__ import annotations

import time

import click
from flask_babel import gettext, lazy_gettext, ngettext

from integrations.mail import mailing, outbox
from integrations.mail.mailing import Progress
from integrations.runtime.console import Option, ProgressLine, say
from integrations.runtime.database import db
from sessions.cli.opening import opened

_LOOK_S = 1.0


@click.group(help=lazy_gettext("The letters that leave: how far they are, and stopping them."))
def mail() -> None:
    pass


@mail.command(
    help=lazy_gettext(
        "Let no further letter leave, but links to sign in with; or none of one mailing, by its "
        "name from `vzaimo mail status`."
    )
)
@click.argument("batch", default=outbox.ALL)
def pause(batch: str) -> None:
    with opened(making=False):
        mailing.pause(batch)
        say(gettext("Paused. `vzaimo mail resume` lets the letters go on."))


@mail.command(help=lazy_gettext("Let letters leave again, all or those of one mailing."))
@click.argument("batch", default=outbox.ALL)
def resume(batch: str) -> int:
    with opened(making=False):
        mailing.resume(batch)
        if batch != outbox.ALL and outbox.is_stopped(batch):
            say(gettext("All letters are stopped: `vzaimo mail resume` lets them go on."))
            return 1
        say(gettext("The letters leave again."))
        return 0


@mail.command(help=lazy_gettext("Show the mailings that are under way."))
@click.option(
    "--follow", "follows", is_flag=True, cls=Option,
    help=lazy_gettext("Stay and show how far they are until all letters have left."),
)  # fmt: skip
def status(follows: bool) -> None:
    with opened(making=False):
        if follows:
            _follow()
        found = mailing.under_way()
        for one in found:
            click.echo(f"{one.batch}  {_words(one)}")
        if outbox.is_stopped(outbox.ALL):
            say(gettext("All letters are stopped: `vzaimo mail resume` lets them go on."))
        elif not found:
            say(gettext("No mailing is under way."))


def _follow() -> None:
    """Draw the line until nothing moves any more."""
    line = ProgressLine()
    while found := [one for one in mailing.under_way() if not one.is_paused]:
        done, total = sum(one.done for one in found), sum(one.total for one in found)
        line.show(_left(found[0]) or gettext("letters"), done, total)
        db.session.rollback()
        time.sleep(_LOOK_S)
    line.clear()


def _words(one: Progress) -> str:
    if one.is_paused:
        said = gettext("paused, %(done)s of %(total)s letters have left",
                       done=one.sent, total=one.total)  # fmt: skip
    else:
        said = gettext("%(done)s of %(total)s letters have left", done=one.sent, total=one.total)
    refused = gettext("%(num)s refused", num=one.refused) if one.refused else ""
    return ", ".join(filter(None, (said, refused, _left(one))))


def _left(one: Progress) -> str:
    if one.seconds_left is None:
        return ""
    minutes = max(round(one.seconds_left / 60), 1)
    return ngettext("about %(num)s minute left", "about %(num)s minutes left", minutes)
