"""Whether a talk can really be found: asked of the search, as a reader would."""

from __future__ import annotations

import re

from sqlalchemy import select

from archive.entries import talk_source
from archive.models import Entry, Talk
from archive.search import search
from integrations.runtime.database import db
from integrations.runtime.viewer import Viewer

_WORDS = 6
_TRIES = 5


def is_found(talk_id: int) -> bool:
    """Whether search finds the talk, and something of each kind of thing it consists of."""
    talk = db.session.get_one(Talk, talk_id)
    viewer = Viewer(keys=talk.keys)
    kinds = db.session.scalars(
        select(Entry.kind).where(Entry.source == talk_source(talk_id)).distinct()
    ).all()
    return bool(kinds) and all(_finds(viewer, talk_id, kind) for kind in kinds)


def _finds(viewer: Viewer, talk_id: int, kind: str) -> bool:
    entries = db.session.scalars(
        select(Entry)
        .where(Entry.source == talk_source(talk_id), Entry.kind == kind)
        .order_by(Entry.id)
        .limit(_TRIES)
    ).all()
    asked = [_question(entry.text) or _question(entry.title) for entry in entries]
    # A text may hold nothing one could ask for: figures, or words that are in every sentence.
    worth = [words for words in asked if words]
    return not worth or any(
        search(words, viewer, kinds=frozenset({kind}), talk_id=talk_id).moments for words in worth
    )


def _question(text: str) -> str:
    words = [word for word in re.findall(r"\w+", text) if len(word) > 3]
    return " ".join(words[:_WORDS])
