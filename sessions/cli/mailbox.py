"""`vzaimo inbox read`: take what came by mail now."""

from __future__ import annotations

import click
from flask_babel import gettext, lazy_gettext, ngettext

from integrations.runtime import ports
from integrations.runtime.console import ProgressLine, say
from integrations.runtime.errors import Misconfigured
from integrations.runtime.settings import Settings
from sessions import inbox
from sessions.cli.opening import opened


@click.group("inbox", help=lazy_gettext("The mailbox to which answers to invitations come."))
def mailbox() -> None:
    return


@mailbox.command(
    "read",
    help=lazy_gettext(
        "Take what waits in the mailbox now. A worker does so by itself every "
        "VZAIMO_INBOX_SECONDS; both may run at once."
    ),
)
def read() -> None:
    line = ProgressLine()
    with opened(making=False):
        if ports.get(Settings).inbox == "none":
            raise Misconfigured(
                gettext("No mailbox is read here"),
                gettext("Set VZAIMO_INBOX to imap, and VZAIMO_IMAP_HOST, _USER and _PASSWORD."),
            )
        stage = gettext("Reading the mailbox")
        try:
            taken = inbox.read_all(lambda done, total: line.show(stage, done, total))
        except KeyboardInterrupt:
            line.clear()
            say(gettext("Stopped. What was taken is kept; the rest waits in the mailbox."))
            raise
        line.clear()
        click.echo(
            ngettext("%(num)s message was taken.", "%(num)s messages were taken.", taken.messages)
        )
        if taken.to_look_at:
            say(
                ngettext(
                    "%(num)s of them waits for a person, on the page /desk/mail.",
                    "%(num)s of them wait for a person, on the page /desk/mail.",
                    taken.to_look_at,
                )
            )
