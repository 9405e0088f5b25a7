"""What someone is told of their own part in a session."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from sessions.models.participation import HOLDING


@dataclass(frozen=True)
class Mine:
    """The reader's registration: its state, for how many heads, and what they answered last.

    token: the secret of their join link. answer: empty where they have not answered.
    """

    state: str
    heads: int
    token: str
    answer: str

    @property
    def holds(self) -> bool:
        """Whether the join link lets them in."""
        return self.state in HOLDING and bool(self.token)


def sentence(mine: Mine, *, over: bool) -> str:
    """Where the reader stands; of a session that is over only that they were in it, or nothing."""
    if over:
        took_part = mine.state in ("registered", "confirmed")
        return str(gettext("You were registered for this session.")) if took_part else ""
    if mine.state == "invited" and mine.answer:
        return {
            "accepted": str(gettext("You answered that you will come.")),
            "tentative": str(gettext("You answered that you may come.")),
            "declined": str(gettext("You answered that you will not come.")),
        }[mine.answer]
    return {
        "invited": str(gettext("You are invited and have not answered yet.")),
        "registered": str(gettext("You are registered.")),
        "confirmed": str(gettext("You are registered, your place is confirmed.")),
        "waiting": str(gettext("You are on the waiting list.")),
        "offered": str(gettext("A place is being kept for you: accept it or let it go.")),
        "expired": str(gettext("The place that was kept for you has gone to somebody else.")),
        "withdrawn": str(gettext("You answered that you will not come.")),
        "declined": str(gettext("The hosts could not give you a place.")),
    }[mine.state]
