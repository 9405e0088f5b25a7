"""One session of the demo: its cities, agenda and speakers, and everyone who takes part."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random

from sqlalchemy import insert, select

from integrations.runtime import clock, ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.demo.sources import Person as DemoPerson
from sessions.demo.timetabling import HOME, Slot
from sessions.flows import inviting, meetings, replying, scheduling
from sessions.models.audit import record
from sessions.models.participation import Answer, Invitation, Registration
from sessions.models.people import RoleGrant
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker

INVITED_BEFORE = timedelta(days=14)
# Sessions this far ahead have their invitations and rooms.
NEAR = timedelta(days=24)
SERVICE = "jitsi"
SPEAKERS = 2
# (state of the registration, answer, of a hundred).
OUTCOMES = (
    ("confirmed", "accepted", 66), ("invited", "tentative", 8), ("withdrawn", "declined", 10),
    ("invited", "", 16),
)  # fmt: skip
DELEGATIONS = 12  # of a hundred
WAYS_TO_ANSWER: tuple[replying.Source, ...] = ("page", "mail", "mail")
ALWAYS = ("lozhkina",)


@dataclass(frozen=True)
class Made:
    """What is in the database already, by the sources' keys; seasons by their first year."""

    cities: Mapping[str, int]
    people: Mapping[str, int]
    seasons: Mapping[int, int]
    series: Mapping[tuple[int, str], int]
    topics: Mapping[tuple[int, str], int]
    namespace: uuid.UUID
    crowd: Sequence[DemoPerson] = field(repr=False)
    now: datetime

    @cached_property
    def by_city(self) -> dict[str, list[DemoPerson]]:
        """The people of each city, coordinators first."""
        found: dict[str, list[DemoPerson]] = {}
        for person in sorted(self.crowd, key=lambda one: one.role != "coordinator"):
            found.setdefault(person.city, []).append(person)
        return found

    def uid(self, slot: Slot) -> str:
        """The slot's UID: the same in every run over the same database."""
        return f"{uuid.uuid5(self.namespace, slot.key)}@{ports.get(Settings).domain}"

    def session_id(self, slot: Slot) -> int:
        """The session that was made of the slot. Raises NoResultFound."""
        return db.session.scalars(select(Session.id).where(Session.uid == self.uid(slot))).one()


def put(made: Made, slot: Slot) -> None:
    """Make the session as it is by now: held with everyone who came, or announced."""
    owner = _owner(made, slot)
    with clock.standing_at(min(made.now, slot.starts_at) - INVITED_BEFORE):
        session = _session(made, slot, owner)
        db.session.add(session)
        db.session.flush()
        db.session.add(
            RoleGrant(person_id=owner, role="session_host", scope=f"session:{session.id}")
        )
        record(owner, "session.planned", f"session:{session.id}", title=session.title)
    if slot.state == "held":
        _hold(made, slot, session, owner)
    elif slot.state != "draft":
        _announce(made, slot, session, owner)


def _owner(made: Made, slot: Slot) -> int:
    return made.people[slot.owner or made.by_city[slot.presenting[0]][0].key]


def _session(made: Made, slot: Slot, owner: int) -> Session:
    content = slot.content
    is_one_of_many = slot.by_rule is not None
    session = Session(
        series_id=made.series[slot.year, slot.format] if is_one_of_many else None,
        is_moved=is_one_of_many and (slot.by_rule, HOME) != (slot.wall.local, slot.wall.tz),
        holiday=slot.holiday,
        season_id=made.seasons[slot.year], title=content.title, title_en=content.title_en,
        summary=content.summary, summary_en=content.summary_en, language=slot.language,
        format=slot.format, mode=slot.mode, visibility=slot.visibility, place=slot.place,
        topic_id=made.topics.get((slot.year, content.topic)), owner_id=owner,
        capacity_online=slot.capacity_online, capacity_in_person=slot.capacity_in_person,
        duration_min=content.length_min, original_wall_start=slot.by_rule or slot.wall.local,
        uid=made.uid(slot), revised_at=clock.now().replace(microsecond=0),
    )  # fmt: skip
    session.place_at(slot.wall)
    roles = (("presenting", slot.presenting), ("receiving", slot.receiving))
    session.cities = [
        SessionCity(city_id=made.cities[key], role=role)
        for role, keys in roles
        for key in dict.fromkeys(keys)
    ]
    session.agenda = _agenda(made, slot)
    return session


def _agenda(made: Made, slot: Slot) -> list[AgendaItem]:
    """The parts; where the sources name no speaker, people of the presenting cities speak."""
    locals_ = [person.key for city in slot.presenting for person in made.by_city[city][1:]]
    chance = Random(slot.key)  # noqa: S311 a story, no secret
    speakers = chance.sample(locals_, min(SPEAKERS, len(locals_)))
    items = []
    for number, item in enumerate(slot.content.agenda):
        named = item.speakers or speakers[number % SPEAKERS :][:1]
        items.append(
            AgendaItem(
                offset_min=item.after_min,
                duration_min=item.length_min,
                title=item.title,
                title_en=item.title_en,
                speakers=[Speaker(person_id=made.people[key]) for key in dict.fromkeys(named)],
            )
        )
    return items


def _hold(made: Made, slot: Slot, session: Session, owner: int) -> None:
    """It took place: everyone answered, or did not, before it began."""
    invited_at = slot.starts_at - INVITED_BEFORE
    with clock.standing_at(invited_at):
        record(owner, "session.schedule", f"session:{session.id}", was="draft", now="scheduled")
    with clock.standing_at(slot.ends_at):
        record(owner, "session.end", f"session:{session.id}", was="scheduled", now="held")
    session.state, session.revision, session.announced_revision = "held", 2, 2
    guests = _guests(made, slot, owner)
    chance = Random(f"{slot.key} answers")  # noqa: S311
    outcomes = [_outcome(chance) for _ in guests]
    registrations = db.session.scalars(
        insert(Registration).returning(Registration.id, sort_by_parameter_order=True),
        [
            {
                "session_id": session.id, "person_id": made.people[guest.key], "state": state,
                "head_count": _heads(chance, slot), "made_at": invited_at,
            }
            for guest, (state, _) in zip(guests, outcomes, strict=True)
        ],
    ).all()  # fmt: skip
    invitations = db.session.scalars(
        insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True),
        [
            {
                "registration_id": one,
                "token": secrets.token_urlsafe(24),
                "attendee_email": guest.email,
            }
            for one, guest in zip(registrations, guests, strict=True)
        ],
    ).all()
    answers = [
        {
            "invitation_id": invitation, "answer": answer,
            "source": chance.choice(("page", "mail")),
            "answered_at": (invited_at + INVITED_BEFORE * chance.random()).replace(microsecond=0),
        }
        for invitation, (_, answer) in zip(invitations, outcomes, strict=True)
        if answer
    ]  # fmt: skip
    db.session.execute(insert(Answer), answers)


def _announce(made: Made, slot: Slot, session: Session, owner: int) -> None:
    """It is to come: announced, and where it is near people are invited and a room is made."""
    is_near = slot.starts_at - made.now <= NEAR
    if is_near and slot.mode != "in_person":
        meetings.use_service(session.id, SERVICE, owner)
    if is_near:
        guests = _guests(made, slot, owner)
        inviting.invite(session.id, [("", guest.email) for guest in guests], owner)
    scheduling.schedule(session.id, 1, owner)
    if is_near:
        _answer(made, slot, session)


def change(made: Made, slot: Slot) -> None:
    """Call off or postpone what was announced, as its state has it."""
    step = {"cancelled": scheduling.cancel, "postponed": scheduling.postpone}.get(slot.state)
    if step is not None:
        session_id = made.session_id(slot)
        session = db.session.get_one(Session, session_id)
        step(session_id, session.revision, _owner(made, slot))


def _answer(made: Made, slot: Slot, session: Session) -> None:
    """Half of those invited have answered by now, more where seats are few; some wait for one."""
    chance = Random(f"{slot.key} answers")  # noqa: S311
    invitations = db.session.scalars(
        select(Invitation)
        .join(Registration, Registration.id == Invitation.registration_id)
        .where(Registration.session_id == session.id)
        .order_by(Invitation.id)
    ).all()
    given = []
    for invitation in invitations:
        _, answer = _outcome(chance)
        heads = _heads(chance, slot)
        if answer and chance.random() < (0.9 if _is_sought(slot) else 0.5):
            invitation.registration.head_count = heads
            at = made.now - timedelta(hours=chance.randrange(1, 100), minutes=invitation.id % 60)
            given.append((at, invitation.id, answer, chance.choice(WAYS_TO_ANSWER)))
    for at, invitation_id, answer, source in sorted(given):
        with clock.standing_at(at):
            replying.answer(
                invitation_id, answer, source=source, sequence=session.sequence, answered_at=at
            )


def _is_sought(slot: Slot) -> bool:
    """Whether more people wish to come than there are seats: a day in another city's school."""
    return bool(slot.told) and slot.mode == "in_person"


def _guests(made: Made, slot: Slot, owner: int) -> list[DemoPerson]:
    """Who is invited: a conference concerns every city, the others those that take part."""
    chance = Random(f"{slot.key} guests")  # noqa: S311
    if slot.format == "video_conference":
        own = [one for city in slot.presenting for one in made.by_city[city]]
        others = [people[0] for city, people in made.by_city.items() if city]
        guests = own + chance.sample(others, min(60, len(others)))
    else:
        cities = (*slot.presenting, *slot.receiving)
        near = [one for city in cities for one in made.by_city[city]]
        most = 3 * (slot.capacity_in_person or 0) if _is_sought(slot) else 12
        guests = chance.sample(near, min(most, len(near)))
    always = [one for one in made.crowd if one.key in ALWAYS] if slot.talk or slot.told else []
    found = {one.key: one for one in [*guests, *always] if made.people[one.key] != owner}
    return list(found.values())


def _outcome(chance: Random) -> tuple[str, str]:
    weights = [weight for _, _, weight in OUTCOMES]
    state, answer, _ = chance.choices(OUTCOMES, weights)[0]
    return state, answer


def _heads(chance: Random, slot: Slot) -> int:
    """One person, or a delegation in one room; where seats are few everyone comes alone."""
    if slot.capacity_in_person is not None and slot.format != "video_conference":
        return 1
    return chance.randrange(3, 21) if chance.randrange(100) < DELEGATIONS else 1
