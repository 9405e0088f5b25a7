"""Somebody wants fewer letters, or the ones they had before."""

from __future__ import annotations

from integrations.runtime.database import db, transaction
from sessions.models.audit import record
from sessions.models.people import REMINDED, Person

NONE = "none"


def stop_reminders(person_id: int) -> str:
    """Send neither reminders nor digests to somebody any more; what they had chosen before.

    They stay invited: letters about a change or a cancellation still come, else their calendar
    would keep an hour that is no longer true. Asking twice is once.
    """
    with transaction():
        person = db.session.get_one(Person, person_id, with_for_update={"of": Person})
        before = person.reminders
        if before != NONE:
            person.reminders = NONE
            record(person_id, "person.reminders", f"person:{person_id}", before=before, now=NONE)
    return before


def resume_reminders(person_id: int, choice: str) -> None:
    """Remind somebody again, as they had chosen it; a word that means nothing counts as "each"."""
    wanted = choice if choice in REMINDED and choice != NONE else "each"
    with transaction():
        person = db.session.get_one(Person, person_id, with_for_update={"of": Person})
        if person.reminders == NONE:
            person.reminders = wanted
            record(person_id, "person.reminders", f"person:{person_id}", before=NONE, now=wanted)
