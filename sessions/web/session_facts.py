"""What the page of a session tells, read with as many queries however much there is to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import joinedload, lazyload

from archive.models import MediaFile, Slide, Talk
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer
from sessions.models.participation import Answer, Invitation, Registration
from sessions.models.people import Person
from sessions.models.poll import Ballot, Topic
from sessions.models.programme import City
from sessions.models.session import AgendaItem, Session, SessionCity, Speaker
from sessions.web import reader, visible
from sessions.web.hours import Place
from sessions.web.taking_part import Mine
from sessions.web.voting import Won

# Who comes, as far as we know; an invitation alone is a hope.
COMING = ("registered", "confirmed")


@dataclass(frozen=True)
class Facts:
    """A session with its talk in the archive, whoever may open that, and who takes part.

    heads: people who come, a room counted with all its heads; cities: how many they come from;
    mine: the viewer's own part; won: what its topic won, once that was decided.
    """

    session: Session
    talk: Talk | None
    has_slides: bool
    heads: int
    cities: int
    mine: Mine | None
    won: Won | None


@dataclass(frozen=True)
class Part:
    """A city and its role in the session."""

    id: int
    name: str
    role: str


@dataclass(frozen=True)
class Neighbour:
    """The session before or after this one, of the same series or else of the same format."""

    id: int
    title: str
    starts_at: datetime
    is_after: bool


def of(session_id: int, viewer: Viewer) -> Facts | None:
    """All that stands in one row; None where there is no such session."""
    row = db.session.execute(_one_row(session_id, viewer)).unique().first()
    if row is None:
        return None
    session, talk, heads, cities, topics, electorate, has_slides, state, count, token, answer = row
    decision = session.topic.decision if session.topic else None
    return Facts(
        session=session,
        talk=talk,
        has_slides=bool(has_slides),
        heads=heads or 0,
        cities=cities or 0,
        mine=Mine(state, count, token or "", answer or "") if state else None,
        won=Won(
            topic=session.topic, votes=decision.votes, electorate=decision.electorate,
            place=decision.place, topics=topics, by_cities=electorate != "person",
            is_chosen=decision.is_chosen,
        ) if decision else None,
    )  # fmt: skip


def _one_row(session_id: int, viewer: Viewer) -> Select[*tuple[Any, ...]]:
    coming = and_(Registration.session_id == session_id, Registration.state.in_(COMING))
    heads = select(func.sum(Registration.head_count)).where(coming).scalar_subquery()
    cities = (
        select(func.count(Person.city_id.distinct()))
        .join(Registration, Registration.person_id == Person.id)
        .where(coming)
        .scalar_subquery()
    )
    topics = select(func.count(Topic.id)).where(Topic.season_id == Session.season_id)
    electorate = select(Ballot.electorate).where(Ballot.season_id == Session.season_id).limit(1)
    slides = select(1).where(Slide.talk_id == Talk.id, Slide.picture_key.is_not(None)).exists()
    answer = (
        select(Answer.answer)
        .where(Answer.invitation_id == Invitation.id)
        .order_by(Answer.sequence.desc(), Answer.answered_at.desc())
        .limit(1)
    )
    mine = and_(
        Registration.session_id == Session.id, Registration.person_id == (viewer.person_id or 0)
    )
    return (
        select(
            Session, Talk, heads, cities,
            topics.correlate(Session).scalar_subquery(),
            electorate.correlate(Session).scalar_subquery(),
            slides.correlate(Talk), Registration.state, Registration.head_count,
            Invitation.token, answer.correlate(Invitation).scalar_subquery(),
        )
        .select_from(Session)
        .outerjoin(Talk, Talk.source == f"session:{session_id}")
        .outerjoin(Registration, mine)
        .outerjoin(Invitation, Invitation.registration_id == Registration.id)
        .where(Session.id == session_id)
        .options(joinedload(Session.topic).lazyload(Topic.season))
    )  # fmt: skip


def cities_of(session_id: int) -> tuple[list[Part], list[Place]]:
    """The cities of a session in their order, and all member cities, the largest first."""
    rows = db.session.execute(
        select(City.id, City.name, City.name_en, City.tz, SessionCity.id, SessionCity.role)
        .outerjoin(
            SessionCity,
            and_(SessionCity.city_id == City.id, SessionCity.session_id == session_id),
        )
        .order_by(City.population.desc().nulls_last(), City.id)
    ).all()
    english = reader.locale() == "en"
    parts, places = [], []
    for id_, name, name_en, tz, place, role in rows:
        said = name_en if english and name_en else name
        places.append(Place(said, tz))
        if role is not None:
            parts.append((place, Part(id_, said, role)))
    return [part for _, part in sorted(parts, key=lambda pair: pair[0])], places


def agenda_of(session_id: int) -> Sequence[AgendaItem]:
    """What is shown, in order, with its speakers and their cities."""
    speakers = joinedload(AgendaItem.speakers).joinedload(Speaker.person)
    return (
        db.session.scalars(
            select(AgendaItem)
            .where(AgendaItem.session_id == session_id)
            .options(speakers.joinedload(Person.city))
            .order_by(AgendaItem.offset_min, AgendaItem.id)
        )
        .unique()
        .all()
    )


def speakers_of(item: AgendaItem, *, asked_too: bool) -> list[Speaker]:
    """Who shows an item: never those who said no; those who have yet to say only if asked_too."""
    shown = ("named", "asked", "confirmed") if asked_too else ("named", "confirmed")
    return [speaker for speaker in item.speakers if speaker.state in shown]


def files_of(talk: Talk) -> Sequence[MediaFile]:
    """The files of a talk that are worth opening: not those that were refused."""
    return db.session.scalars(
        select(MediaFile)
        .where(MediaFile.talk_id == talk.id, MediaFile.state != "refused")
        .options(lazyload(MediaFile.talk))
        .order_by(MediaFile.id)
    ).all()


def neighbours(session: Session, viewer: Viewer) -> list[Neighbour]:
    """The sessions before and after, as far as the viewer may open them."""
    place = (Session.starts_at, Session.id)
    is_before = or_(
        Session.starts_at < session.starts_at,
        and_(Session.starts_at == session.starts_at, Session.id < session.id),
    )
    is_after = or_(
        Session.starts_at > session.starts_at,
        and_(Session.starts_at == session.starts_at, Session.id > session.id),
    )
    same = _of_the_same(session)
    before = _beside(same, is_before, viewer).order_by(*(one.desc() for one in place)).limit(1)
    after = _beside(same, is_after, viewer).order_by(*place).limit(1)
    rows = db.session.execute(
        select(before.add_columns(literal(0).label("side")).subquery()).union_all(
            select(after.add_columns(literal(1).label("side")).subquery())
        )
    ).all()
    english = reader.locale() == "en"
    found = [
        Neighbour(id_, title_en if english and title_en else title, starts_at, bool(side))
        for id_, title, title_en, starts_at, side in rows
    ]
    return sorted(found, key=lambda one: one.is_after)


def _of_the_same(session: Session) -> ColumnElement[bool]:
    if session.series_id is not None:
        return Session.series_id == session.series_id
    return and_(Session.season_id == session.season_id, Session.format == session.format)


def _beside(
    same: ColumnElement[bool], side: ColumnElement[bool], viewer: Viewer
) -> Select[int, str, str, datetime]:
    return select(Session.id, Session.title, Session.title_en, Session.starts_at).where(
        same, side, Session.state.not_in(("draft", "cancelled")), visible.may_open(viewer)
    )
