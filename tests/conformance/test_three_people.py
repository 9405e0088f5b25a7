"""Three people hear of everything, and of one another nothing."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr

from sqlalchemy import select

from integrations.runtime.database import db
from sessions.flows import feed_tokens, handing_over, meetings, replying, scheduling
from sessions.models.participation import Invitation
from sessions.models.session import Session
from tests.builders import FRIDAY_10_MOSCOW
from tests.conformance.stage import ANNA, GOLDEN, JOHN, VERA, Stage, parsed
from tests.conformance.stories import ENGLISH, a_recording

ALL = sorted([ANNA, JOHN, VERA])
NAMES = {ANNA: "Белова", VERA: "Лунина", JOHN: "Smith"}
PASSCODE = "pass-4711"
COMMENT = "My telephone is 555-0100"


def marks() -> dict[str, list[str]]:
    """What must stay each person's own: address, name, the token of their links."""
    tokens = {one.attendee_email: one.token for one in db.session.scalars(select(Invitation))}
    return {who: [who, NAMES[who], tokens[who]] for who in ALL}


def unfolded(calendar: bytes) -> str:
    return calendar.replace(b"\r\n ", b"").decode()


def whole(letter: EmailMessage) -> str:
    """Headers and parts of a letter, decoded."""
    headers = [f"{name}: {value}" for name, value in letter.items()]
    parts = [one.get_payload(decode=True) for one in letter.walk() if not one.is_multipart()]
    return "\n".join([*headers, *(unfolded(part) for part in parts if isinstance(part, bytes))])


def reader(letter: EmailMessage) -> str:
    return parseaddr(str(letter["To"]))[1]


def found_in(text: str) -> list[str]:
    """The people of whom something stands in the text."""
    return [who for who, theirs in marks().items() if any(mark in text for mark in theirs)]


def a_session_of_three(stage: Stage) -> Session:
    """Announced to Anna, John and Vera, with a room; Anna answered with a comment."""
    session = stage.session(ANNA, JOHN, VERA, presenting=stage.perm, **ENGLISH)
    meetings.use_link(session.id, f"https://room.example.org/r?pwd={PASSCODE}", None)
    replying.answer(
        stage.invitation(session, ANNA).id, "accepted", source="mail", sequence=0,
        answered_at=stage.clock.at, comment=COMMENT,
    )  # fmt: skip
    return session


def test_create_update_move_remind_cancel_and_return_tell_nobody_of_the_others(stage: Stage):
    session = a_session_of_three(stage)
    told = {"created": stage.heard()}
    stage.edit(session, summary="Другие слова")
    told["updated"] = stage.heard()
    scheduling.move(session.id, FRIDAY_10_MOSCOW, stage.now(session.id).revision, None)
    told["moved"] = stage.heard()
    start = stage.now(session.id).starts_at
    for near in (timedelta(days=7), timedelta(days=1), timedelta(hours=1)):
        stage.until(start - near)
        told[f"reminded {near} before"] = stage.heard()
        stage.clock.move_to(start - near)
    scheduling.cancel(session.id, stage.now(session.id).revision, None)
    told["cancelled"] = stage.heard()
    scheduling.reinstate(session.id, stage.now(session.id).revision, None)
    told["back"] = stage.heard()
    stage.until(start + timedelta(hours=2))
    handing_over.hand_over(session.id, [a_recording()], None)
    told["recording"] = stage.heard()

    readers = {step: sorted(reader(one) for _, one in letters) for step, letters in told.items()}
    every = [letter for letters in told.values() for _, letter in letters]

    assert readers == dict.fromkeys(told, ALL)
    assert [found_in(whole(letter)) for letter in every] == [[reader(letter)] for letter in every]
    assert [step for step, letters in told.items() for _, letter in letters
            if PASSCODE in whole(letter) or COMMENT in whole(letter)] == []  # fmt: skip


def test_public_feeds_hold_nobody_and_personal_ones_their_owner_alone(stage: Stage):
    session = a_session_of_three(stage)
    stage.heard()
    own = {who: feed_tokens.make(stage.invitation(session, who).registration.person_id)
           for who in ALL}  # fmt: skip
    public = [
        "/feeds/programme.ics", "/feeds/programme.ics?lang=en",
        f"/feeds/season/{session.season_id}.ics", f"/feeds/city/{stage.perm.id}.ics",
        f"/feeds/format/{session.format}.ics", f"/sessions/{session.id}.ics",
    ]  # fmt: skip

    shared = {path: unfolded(stage.client.get(path).data) for path in public}
    personal = {
        who: unfolded(stage.client.get(f"/feeds/my/{token}.ics").data) for who, token in own.items()
    }

    assert [text.count("BEGIN:VEVENT") for text in [*shared.values(), *personal.values()]] == [
        1
    ] * 9
    assert {path: found_in(text) for path, text in shared.items()} == {path: [] for path in public}
    assert {who: found_in(text) for who, text in personal.items()} == {who: [who] for who in ALL}
    everything = "".join([*shared.values(), *personal.values()])
    secrets = [PASSCODE, COMMENT, "@example.org", "ATTENDEE", "ORGANIZER", *own.values()]
    assert [word for word in secrets if word in everything] == []


def test_no_published_file_holds_an_address_besides_its_readers() -> None:
    people = [*ALL, "oleg@example.org"]
    letters = {path: parsed(path.read_bytes()) for path in GOLDEN.rglob("*.eml")}
    feeds = {path: unfolded(path.read_bytes()) for path in (GOLDEN / "feeds").glob("*.ics")}

    held = {path: [one for one in people if one in whole(letter)]
            for path, letter in letters.items()}  # fmt: skip

    assert held == {path: [reader(letter)] for path, letter in letters.items()}
    assert [path.name for path, text in feeds.items() for one in people if one in text] == []
