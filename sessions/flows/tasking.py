"""Tasks: something that only a person near by can mend, such as an address that takes no mail."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from integrations.mail import suppression
from integrations.runtime import clock
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.events import publish
from sessions.events import AddressMended
from sessions.models.audit import record
from sessions.models.correspondence import Task
from sessions.models.people import Person, PersonEmail
from sessions.rules.addresses import read_addresses

ADDRESS = "address"


def ask_for_address(address: str, status: str, detail: str) -> None:
    """Ask the coordinator of the person's city to find out their address; caller's transaction.

    Once for an address: asked again only when the task was done before.
    """
    person = person_at(address)
    task = _of(f"{ADDRESS}:{address.lower()}"[:200])
    if task is None:
        task = Task(kind=ADDRESS, subject=f"{ADDRESS}:{address.lower()}"[:200])
        try:
            with db.session.begin_nested():
                task.made_at, task.details = clock.now(), {}
                db.session.add(task)
        except IntegrityError:  # another bounce of the same address was first
            return
    elif task.done_at is not None:
        task.made_at, task.done_at, task.done_by_id = clock.now(), None, None
    task.city_id = person.city_id if person else None
    task.details = {
        "address": address, "status": status, "why": detail[:500],
        "person_id": person.id if person else None,
    }  # fmt: skip


def _of(subject: str) -> Task | None:
    return db.session.scalars(
        select(Task).where(Task.kind == ADDRESS, Task.subject == subject).with_for_update()
    ).first()


def person_at(address: str) -> Person | None:
    """The person who has this address."""
    return db.session.scalars(
        select(Person).join(PersonEmail).where(PersonEmail.address == address.lower())
    ).first()


def finish(task_id: int, by: int | None, address: str = "") -> bool:
    """Say that a task is done; whether it was open. Letters may leave to the address again.

    address: the person's new one, to which the last letters then go; empty: the old one works
    again. Raises Refused("task.address") for what is no address, "task.address_taken" for that of
    somebody else.
    """
    with transaction():
        task = db.session.get_one(Task, task_id, with_for_update=True, populate_existing=True)
        if task.done_at is not None:
            return False
        task.done_at, task.done_by_id = clock.now(), by
        record(by, "task.done", f"task:{task.id}", about=task.subject)
        if task.kind == ADDRESS:
            _mend(task, address.strip(), by)
        return True


def _mend(task: Task, address: str, by: int | None) -> None:
    old = str(task.details.get("address", ""))
    person = person_at(old)
    new = _plain(address) if address else old
    suppression.lift(old)
    if person is None:
        return
    owner = person_at(new)
    if owner is not None and owner.id != person.id:
        raise Refused("task.address_taken", address=new, name=owner.name)
    if owner is None:
        person.emails.append(PersonEmail(address=new))
        db.session.flush()
    suppression.lift(new)
    task.details = {**task.details, "new": new}
    publish(AddressMended(person.id, old, new, by))


def _plain(address: str) -> str:
    found = read_addresses(address)
    if len(found.people) != 1 or found.unclear:
        raise Refused("task.address", address=address)
    return found.people[0][1]
