"""The command `vzaimo`.

Exit codes: 0 all is well; 1 something was refused or did not succeed; 2 wrong use or a setting to
mend; 3 something outside does not answer, later may do; 130 interrupted.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence

import click
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import OperationalError

from archive import cli as library
from archive.cli import House
from integrations.runtime import console
from integrations.runtime.errors import Misconfigured, OutsideError, Refused
from sessions.app import TEMPLATES
from sessions.backup import version
from sessions.cli import (
    accounts,
    database,
    demonstration,
    looking_after,
    mail,
    mailbox,
    running,
    sheets,
    timezones,
)
from sessions.cli.opening import closed, opened
from sessions.rules import permissions
from sessions.web import words

FAILED, MISUSED, UNAVAILABLE, INTERRUPTED = 1, 2, 3, 130
_EVERYTHING = frozenset(
    {
        permissions.PUBLIC,
        permissions.MEMBER,
        permissions.TEAM,
        permissions.EDITOR,
        permissions.ADMIN,
    }
)


@click.group(
    "vzaimo",
    help=lazy_gettext(
        "Plans the online sessions of a programme, invites people, and keeps what was said and "
        "shown. Settings are environment variables VZAIMO_*; VZAIMO_DATA names the directory that "
        "holds everything."
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version(), message="vzaimo %(version)s")
@click.pass_context
def vzaimo(context: click.Context) -> None:
    context.obj = House(
        opened=opened,
        talk_keys=lambda visibility: permissions.talk_keys(None, visibility, withheld=False),
        all_keys=_EVERYTHING,
    )


for _command in (
    running.serve, running.worker, database.db, accounts.user, library.archive, library.search,
    looking_after.reindex, looking_after.backup, looking_after.restore, looking_after.doctor,
    timezones.timezones, demonstration.demo, sheets.season, mail.mail, mailbox.mailbox,
):  # fmt: skip
    vzaimo.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code; what went wrong stands in one sentence."""
    with console.speaking_own_language(TEMPLATES / "locale"):
        code = run(arguments)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command with these arguments."""
    try:
        answer = vzaimo.main(arguments, prog_name="vzaimo", standalone_mode=False)
        return answer if isinstance(answer, int) else 0
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        console.say(gettext("Interrupted."))
        return INTERRUPTED
    except Misconfigured as wrong:
        return _told(f"{wrong.what}. {wrong.advice}", MISUSED)
    except Refused as refused:
        return _told(words.refusal(refused.reason, **refused.details), FAILED)
    except OutsideError as away:
        return _told(_about(away), UNAVAILABLE)
    except OperationalError as away:
        if "readonly database" in str(away.orig):
            return _told(str(closed()), MISUSED)
        return _told(_about_database(away), UNAVAILABLE)
    except OSError as error:
        sentence = _about_file(error)
        if sentence is None:
            raise
        return _told(sentence, FAILED)


def _told(sentence: str, code: int) -> int:
    console.say(sentence)
    return code


def _about(away: OutsideError) -> str:
    if away.temporary:
        return gettext(
            "%(service)s does not answer (%(detail)s). Try again later.",
            service=away.service, detail=away.detail,
        )  # fmt: skip
    return gettext(
        "%(service)s says no: %(detail)s. Check its settings; `vzaimo doctor` tells more.",
        service=away.service, detail=away.detail,
    )  # fmt: skip


def _about_database(away: OperationalError) -> str:
    return gettext(
        "The database does not answer: %(reason)s. Try again; `vzaimo doctor` tells more.",
        reason=str(away.orig).strip().partition("\n")[0],
    )


def _about_file(error: OSError) -> str | None:
    """The sentence for what the operator can mend; None for what only we can."""
    path = error.filename or ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return gettext("The disk is full. Make room and start again; what was there is unharmed.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return gettext(
            "%(path)s may not be read or written. Give this user the right to.", path=path
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR):
        return gettext("There is no such file or folder: %(path)s. Check the name.", path=path)
    return None
