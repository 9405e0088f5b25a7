"""`vzaimo user`: who may sign in."""

from __future__ import annotations

import sys

import click
from flask_babel import gettext, lazy_gettext

from integrations.runtime.console import Option
from integrations.runtime.database import db
from sessions.cli.opening import opened
from sessions.flows import admitting
from sessions.models.people import Account
from sessions.rules.addresses import read_addresses
from sessions.web import signing_in

ROLES = ("admin", "host", "editor", "member")


@click.group(help=lazy_gettext("Look after the people who sign in."))
def user() -> None:
    pass


@user.command(
    help=lazy_gettext(
        "Let someone sign in. Asks for a password; without one, a link that signs in once is "
        "printed. Someone known already gets the role, and a new password or link."
    )
)
@click.argument("email")
@click.option(
    "--name", cls=Option, default="", help=lazy_gettext("Family name, given name, patronymic.")
)
@click.option(
    "--role", cls=Option, type=click.Choice(ROLES), default="member", show_default=True,
    help=lazy_gettext("What they may do."),
)  # fmt: skip
@click.option(
    "--password-stdin", cls=Option, is_flag=True,
    help=lazy_gettext("Read the password from standard input."),
)  # fmt: skip
@click.option(
    "--link", cls=Option, is_flag=True, help=lazy_gettext("Print a link instead of asking.")
)
def add(email: str, name: str, role: str, password_stdin: bool, link: bool) -> None:
    address = _address(email)
    password = None if link else _password(password_stdin)
    with opened():
        kept = signing_in.hashed(password) if password else None
        account_id, is_new = admitting.admit(address, name=name, role=role, password_hash=kept)
        if is_new:
            click.echo(
                gettext("%(email)s may sign in now (role: %(role)s).", email=address, role=role)
            )
        else:
            click.echo(gettext("%(email)s has the role %(role)s now.", email=address, role=role))
        if not password:
            account = db.session.get_one(Account, account_id)
            minutes = signing_in.LINK_MINUTES
            click.echo(
                gettext("This link signs in once, within %(minutes)s minutes:", minutes=minutes)
            )
            click.echo(signing_in.link_for(account))


def _address(email: str) -> str:
    pasted = read_addresses(email)
    if len(pasted.people) != 1 or pasted.unclear:
        raise click.BadParameter(
            gettext("%(email)s is no e-mail address. It looks like name@example.org.", email=email)
        )
    return pasted.people[0][1]


def _password(from_stdin: bool) -> str | None:
    """The password typed or piped; None where there is neither, or nothing was typed."""
    if from_stdin:
        piped = sys.stdin.readline().rstrip("\r\n")
        if not piped:
            raise click.UsageError(
                gettext(
                    "Standard input held no password. Write it there, or leave out "
                    "--password-stdin."
                )
            )
        return piped
    if not sys.stdin.isatty():
        return None
    typed: str = click.prompt(
        gettext("Password (empty: a link)"), default="", show_default=False, hide_input=True
    )
    if typed and typed != click.prompt(
        gettext("Once more"), hide_input=True, default="", show_default=False
    ):
        raise click.UsageError(gettext("The two passwords differ. Start again."))
    return typed or None
