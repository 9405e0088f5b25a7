"""What people are reminded of follows from what happens to a session; only writes rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archive.events import TalkPublished, TalkRead
from archive.models import Talk
from integrations.runtime.database import db
from integrations.runtime.events import react
from sessions.events import (
    SessionEdited,
    SessionEnded,
    SessionMoved,
    SessionReinstated,
    SessionRescheduled,
    SessionScheduled,
)
from sessions.flows import reminding

Dated = (
    SessionScheduled | SessionMoved | SessionEdited | SessionReinstated | SessionRescheduled
)  # fmt: skip


def install() -> None:
    """Register every reaction; asking twice is once."""
    for fact, reactions in WHAT_FOLLOWS.items():
        for reaction in reactions:
            react(fact, reaction)


def remind_of_it(event: Dated) -> None:
    """People are reminded of the session before the time at which it stands now."""
    reminding.owe(event.session_id)


def tell_of_the_recording(event: TalkPublished | TalkRead) -> None:
    """Those invited to the session hear that its recording is there."""
    origin, _, number = db.session.get_one(Talk, event.talk_id).source.partition(":")
    if origin == "session" and number.isdecimal():
        reminding.owe_recording(int(number))


def tell_of_it_after_all(event: SessionEnded) -> None:
    """The same, for a recording that was there before the session was over."""
    reminding.owe_recording(event.session_id)


WHAT_FOLLOWS: Mapping[type[Any], Sequence[Callable[[Any], None]]] = {
    SessionScheduled: (remind_of_it,),
    SessionMoved: (remind_of_it,),
    SessionEdited: (remind_of_it,),
    SessionReinstated: (remind_of_it,),
    SessionRescheduled: (remind_of_it,),
    SessionEnded: (tell_of_it_after_all,),
    TalkPublished: (tell_of_the_recording,),
    TalkRead: (tell_of_the_recording,),
}
