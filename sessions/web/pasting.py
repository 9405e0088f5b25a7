"""What was pasted to invite people: what is unclear waits in the box while the page reloads."""

from __future__ import annotations

import json
import zlib
from typing import Any

from flask import current_app, request, session
from flask_babel import gettext, ngettext

from sessions.flows.inviting import Invited
from sessions.rules.addresses import Pasted, is_beyond_ascii, read_addresses
from sessions.web import reader
from sessions.web.typography import number

MARK = "unclear"
# A cookie of more than 4096 bytes is dropped by browsers; this leaves room for what else it holds.
_MOST_BYTES = 1_800


def sent() -> tuple[str, Pasted]:
    """What the form that was sent has in its box, as it is and as it was understood.

    Of a text that is too long nothing is understood: a part of it would leave out people, or make
    another address of one that is cut.
    """
    text = request.form.get("addresses", "")
    return text, Pasted() if len(text) > _longest() else read_addresses(text)


def _longest() -> int:
    """In characters."""
    return int(current_app.config["MAX_FORM_MEMORY_SIZE"])


def nobody(text: str, read: Pasted) -> str:
    """What to say of a box of which nobody was taken."""
    if len(text) > _longest():
        return gettext(
            "This list is too long to be taken at once, so nobody is invited. Send it in parts of "
            "at most %(most)s characters.",
            most=number(_longest(), reader.locale()),
        )
    if read.unclear:
        return " ".join(
            filter(None, (gettext("There is no whole address in the box."), beyond(read.unclear)))
        )
    return gettext("Paste at least one address.")


def beyond(pieces: list[str]) -> str:
    """Why a piece is unclear that is an address but for its Cyrillic letters before the @."""
    for piece in pieces:
        if is_beyond_ascii(piece):
            return gettext(
                "Mail servers take only Latin letters before the @: %(address)s is not one.",
                address=piece,
            )
    return ""


def keep(unclear: list[str]) -> bool:
    """Keep the pieces in the reader's cookie until the next pasting.

    False where there are none, or too many for a cookie.
    """
    session.pop(MARK, None)
    if not unclear or len(zlib.compress(json.dumps(unclear).encode())) > _MOST_BYTES:
        return False
    session[MARK] = unclear
    return True


def kept() -> list[str]:
    """The pieces that wait for the page which was asked for."""
    pieces: list[str] = session.get(MARK, []) if MARK in request.args else []
    return pieces


def place(waits: bool, otherwise: str) -> dict[str, Any]:
    """Arguments of the address to go on to: where the box is, if pieces wait in it."""
    return {MARK: 1, "_anchor": "invite"} if waits else {"_anchor": otherwise or None}


def shown(pieces: list[str]) -> dict[str, Any]:
    """What the box of the page shows."""
    return {"pasted": "\n".join(pieces), "unclear": pieces, "beyond": beyond(pieces)}


def said(outcome: Invited) -> str:
    """How many are invited to a session, and how many were before."""
    new, already = len(outcome.new), len(outcome.already)
    invited = ngettext("%(num)s person is invited.", "%(num)s people are invited.", new)
    if outcome.days > 1:
        to_days = ngettext(
            "The invitation is to %(num)s day of the visit.",
            "The invitation is to %(num)s days of the visit.",
            outcome.days,
        )
        invited = f"{invited} {to_days}"
    if not already:
        return str(invited)
    if not new:
        return str(
            ngettext(
                "%(num)s person was invited before; nobody new.",
                "%(num)s people were invited before; nobody new.",
                already,
            )
        )
    before = ngettext(
        "%(num)s was invited before and gets no second letter.",
        "%(num)s were invited before and get no second letter.",
        already,
    )
    return f"{invited} {before}"


def said_of_series(outcomes: list[Invited]) -> str:
    """The same for the sessions of a series that are still to come."""
    new = {address for outcome in outcomes for address in outcome.new}
    before = {address for outcome in outcomes for address in outcome.already} - new
    to_all = ngettext(
        "%(num)s person is invited to all sessions still to come.",
        "%(num)s people are invited to all sessions still to come.",
        len(new),
    )
    if not before:
        return str(to_all)
    had = ngettext(
        "%(num)s person was invited to all of them before.",
        "%(num)s people were invited to all of them before.",
        len(before),
    )
    return f"{to_all} {had}" if new else str(had)
