"""What the cities would like to speak of, how they voted, and what was decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from integrations.runtime.database import Model
from sessions.models.programme import City, Season

ELECTORATES = ("person", "city")


class Topic(Model):
    """What may be chosen in a season's survey. `city`: who proposed it, where it was a city."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("seasons.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text, default="")
    abstract: Mapped[str] = mapped_column(Text, default="")
    abstract_en: Mapped[str] = mapped_column(Text, default="")
    city_id: Mapped[int | None] = mapped_column(ForeignKey("cities.id"))

    season: Mapped[Season] = relationship(lazy="joined")
    city: Mapped[City | None] = relationship()
    decision: Mapped[TopicDecision | None] = relationship(back_populates="topic", lazy="joined")

    def title_in(self, locale: str) -> str:
        """The title for a reader of this language."""
        return self.title_en if locale == "en" and self.title_en else self.title

    def abstract_in(self, locale: str) -> str:
        """The abstract for a reader of this language."""
        return self.abstract_en if locale == "en" and self.abstract_en else self.abstract


class Ballot(Model):
    """The vote of a season: who votes, between which instants, for how many topics each."""

    __tablename__ = "ballots"
    __table_args__ = (CheckConstraint(f"electorate IN {ELECTORATES}", name="electorate"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("seasons.id"), unique=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    electorate: Mapped[str] = mapped_column(String(10), default="city")
    quota: Mapped[int]

    season: Mapped[Season] = relationship(lazy="joined")


class Vote(Model):
    """One voter, a city or a person, is for one topic."""

    __tablename__ = "votes"
    __table_args__ = (
        UniqueConstraint("topic_id", "city_id"),
        UniqueConstraint("topic_id", "person_id"),
        CheckConstraint("(city_id IS NULL) <> (person_id IS NULL)", name="voter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    city_id: Mapped[int | None] = mapped_column(ForeignKey("cities.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    cast_at: Mapped[datetime]


class TopicDecision(Model):
    """What the vote came to for one topic, written once when the ballot closed.

    votes of electorate: how many were for it, of how many who might have been. place: 1 is most.
    """

    __tablename__ = "topic_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), unique=True)
    votes: Mapped[int]
    electorate: Mapped[int]
    place: Mapped[int]
    is_chosen: Mapped[bool]
    decided_at: Mapped[datetime]

    topic: Mapped[Topic] = relationship(back_populates="decision")
