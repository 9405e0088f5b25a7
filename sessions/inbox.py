"""The mailbox is looked into again and again: each message is taken, then put away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from integrations.mail.inbox_port import Inbox, OpenInbox
from integrations.runtime import clock, jobs, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import OutsideError
from integrations.runtime.jobs import Job
from integrations.runtime.settings import Settings
from sessions.flows import receiving

POLL = "inbox.poll"
# Two keys take turns, so that a look can owe the next one and no row is left behind.
_TURNS = (f"{POLL}:0", f"{POLL}:1")
# A mailbox that is away is asked less and less often, but at least this often.
SLOWEST = timedelta(minutes=10)

log = logging.getLogger(__name__)


@dataclass
class Read:
    """How many messages were taken, and how many of them a person should look at."""

    messages: int = 0
    to_look_at: int = 0


@dataclass(frozen=True)
class State:
    """How the mailbox fares. since: since when it cannot be read, None where all is well."""

    is_read: bool
    last_read_at: datetime | None = None
    since: datetime | None = None
    error: str = ""


def owe_poll() -> None:
    """Owe a look into the mailbox now, and from then on again and again; own transaction."""
    if ports.get(Settings).inbox == "none":
        return
    with transaction():
        look_now()


def look_now() -> None:
    """Have the next look into the mailbox be now, in the caller's transaction."""
    waiting = db.session.scalars(jobs.waiting_or_running(frozenset({POLL}))).first()
    key, payload = (waiting.key, dict(waiting.payload)) if waiting else (_TURNS[0], {})
    jobs.enqueue(POLL, key, payload, run_at=clock.now())


@jobs.handles(POLL)
def poll(running: jobs.Running) -> None:
    """Take what waits, then owe the next look. A mailbox that is away delays, and never breaks."""
    settings = ports.get(Settings)
    if settings.inbox == "none":
        return
    facts, every = dict(running.payload), timedelta(seconds=int(settings.inbox_seconds))
    try:
        read = read_all(lambda done, total: running.progress(stage="inbox", done=done, total=total))
    except OutsideError as away:
        db.session.rollback()
        failures = int(facts.get("failures", 0)) + 1
        facts |= {"failures": failures, "error": away.detail[:500]}
        facts.setdefault("since", clock.now().isoformat())
        every = max(every, min(every * 2 ** min(failures, 10), SLOWEST))
        log.warning("mailbox not read", extra={"error": away.detail, "failures": failures})
    else:
        facts = {"read_at": clock.now().isoformat()}
        if read.messages:
            log.info("mailbox read", extra={"messages": read.messages})
    with transaction():
        turn = _TURNS[1] if running.key == _TURNS[0] else _TURNS[0]
        jobs.enqueue(POLL, turn, facts, run_at=clock.now() + every)


def read_all(tell: Callable[[int, int], None] = lambda _done, _total: None) -> Read:
    """Take every message that waits now; safe beside other readers. Raises OutsideError.

    tell: is told after each how many of how many were taken.
    """
    read = Read()
    with ports.get(Inbox).opened() as inbox:
        keys = inbox.waiting()
        for number, key in enumerate(keys, 1):
            _read_one(inbox, key, read)
            tell(number, len(keys))
    return read


def _read_one(inbox: OpenInbox, key: str, read: Read) -> None:
    message = inbox.fetch(key)
    if message is None:
        return
    try:
        row = receiving.receive(message.raw, message.received_at)
        to_look_at = row.outcome == "quarantined" or row.raw is not None
    except (DBAPIError, OutsideError):
        raise  # not the message's fault: it waits
    except Exception as error:
        # One message over which we stumble must not keep all others from being read.
        db.session.rollback()
        log.exception("message not understood", extra={"key": key})
        receiving.keep(message.raw, message.received_at, f"{type(error).__name__}: {error}")
        to_look_at = True
    db.session.rollback()
    inbox.put_away(key, "quarantine" if to_look_at else "done")
    read.messages += 1
    read.to_look_at += to_look_at


def state() -> State:
    """How the last looks into the mailbox went, as the jobs' rows tell."""
    if ports.get(Settings).inbox == "none":
        return State(is_read=False)
    rows = db.session.scalars(
        select(Job)
        .where(Job.key.in_(_TURNS))
        .order_by(Job.asked_at.desc())
        .execution_options(populate_existing=True)
    ).all()
    facts = next((row.payload for row in rows if row.state in ("waiting", "running")), None)
    if facts is None:
        facts = rows[0].payload if rows else {}
    return State(
        is_read=True,
        last_read_at=_instant(facts.get("read_at")),
        since=_instant(facts.get("since")),
        error=str(facts.get("error", "")),
    )


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
