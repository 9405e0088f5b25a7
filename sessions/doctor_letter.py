"""A letter to ourselves: whether answers arrive, and whether sub-addresses do."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Set
from email.parser import BytesHeaderParser
from email.policy import compat32

from flask_babel import gettext
from sqlalchemy import select

from integrations.mail.inbox_port import Inbox
from integrations.mail.message import Draft, compose
from integrations.mail.port import Mailer
from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.errors import OutsideError
from integrations.runtime.settings import Settings
from sessions.doctor import Finding
from sessions.models.correspondence import IncomingMail
from sessions.rules.addresses import organizer_address

PATIENCE_S = 60.0
_LOOK_S = 2.0
_NEWEST = 20


def letter(settings: Settings, patience_s: float = PATIENCE_S) -> Iterator[Finding]:
    """Send ourselves one letter to the plain address and one to a sub-address; say which arrive."""
    what = gettext("Answers by mail")
    if settings.inbox != "imap" or settings.mail != "smtp":
        yield Finding(
            "warning",
            what,
            gettext("no letter was sent: it takes VZAIMO_MAIL=smtp and VZAIMO_INBOX=imap"),
        )
        return
    token = uuid.uuid4().hex
    sub = organizer_address(settings.mail_from, token)
    plain_id, plain_error = _sent(settings, settings.mail_from)
    sub_id, sub_error = _sent(settings, sub)
    sent = {one for one in (plain_id, sub_id) if one}
    try:
        found = _arrived(sent, patience_s) if sent else set()
    except OutsideError as away:
        yield Finding(
            "problem",
            what,
            gettext("the mailbox cannot be read: %(detail)s", detail=away.detail),
            gettext("Check VZAIMO_IMAP_HOST, _PORT, _USER, _PASSWORD and _TLS."),
        )
        return
    yield _finding(
        settings, what, sub, plain_id in found, sub_id in found, plain_error or sub_error
    )


def _finding(
    settings: Settings, what: str, sub: str, plain: bool, has_sub: bool, error: str
) -> Finding:
    if has_sub and settings.mail_subaddress == "yes":
        return Finding("ok", what, gettext("a letter to %(address)s arrived", address=sub))
    if has_sub:
        return Finding(
            "warning",
            what,
            gettext("a letter to %(address)s arrived, though sub-addresses are off", address=sub),
            gettext("Set VZAIMO_MAIL_SUBADDRESS=yes: answers are then known by their address."),
        )
    if plain and settings.mail_subaddress == "no":
        return Finding("ok", what, gettext("a letter to %(address)s arrived",
                                           address=settings.mail_from))  # fmt: skip
    if plain:
        return Finding(
            "problem",
            what,
            gettext("only the letter to %(address)s arrived", address=settings.mail_from),
            gettext(
                "Set VZAIMO_MAIL_SUBADDRESS=no, or have the mail server deliver %(address)s.",
                address=sub,
            ),
        )
    how = gettext("no letter to %(address)s arrived", address=settings.mail_from)
    return Finding(
        "problem",
        what,
        f"{how} ({error})" if error else how,
        gettext("Check that VZAIMO_MAIL_FROM is the address of the mailbox that is read."),
    )


def _sent(settings: Settings, address: str) -> tuple[str, str]:
    """(Message-ID, what the other side said where it refused)."""
    message_id = f"{uuid.uuid4()}@{settings.domain}"
    text = gettext("Vzaimo looks whether answers arrive. Nothing needs to be done.")
    raw = compose(
        Draft(
            to_address=address, to_name="", from_address=settings.mail_from,
            from_name=settings.programme, subject=gettext("Vzaimo looks whether answers arrive"),
            text=text, html=f"<p>{text}</p>", message_id=message_id, written_at=clock.now(),
        )
    )  # fmt: skip
    try:
        ports.get(Mailer).send(raw, settings.mail_from, address)
    except OutsideError as refused:
        return "", refused.detail
    return message_id, ""


def _arrived(sent: Set[str], patience_s: float) -> set[str]:
    """Which of the letters arrived before patience ends; a worker may have taken them meanwhile."""
    give_up = time.monotonic() + patience_s
    found: set[str] = set()
    while True:
        found |= _in_ledger(sent) | _in_mailbox(sent - found)
        if found == sent or time.monotonic() > give_up:
            return found
        time.sleep(min(_LOOK_S, max(give_up - time.monotonic(), 0.05)))


def _in_ledger(sent: Set[str]) -> set[str]:
    rows = db.session.scalars(
        select(IncomingMail.message_id).where(IncomingMail.message_id.in_(sent))
    )
    found = set(rows)
    db.session.rollback()
    return found


def _in_mailbox(sent: Set[str]) -> set[str]:
    found = set()
    with ports.get(Inbox).opened() as inbox:
        for key in inbox.waiting()[-_NEWEST:]:
            message = inbox.fetch(key)
            if message is None:
                continue
            headers = BytesHeaderParser(policy=compat32).parsebytes(message.raw[:64_000])
            message_id = str(headers["Message-ID"] or "").strip("<> \r\n")
            if message_id in sent:
                found.add(message_id)
                inbox.put_away(key, "done")
    return found
