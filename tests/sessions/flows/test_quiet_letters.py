"""Letters about changes leave when nothing more changes, or at once where it is urgent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.mail import mailing
from integrations.mail.outbox import Letter
from integrations.runtime import ports
from integrations.runtime.database import db
from integrations.runtime.settings import Settings
from sessions.flows import announcing, inviting, scheduling, withdrawing
from sessions.flows.scheduling import Details
from sessions.models.audit import AuditLog
from sessions.models.participation import Registration
from sessions.models.session import Session
from sessions.rules.timetable import WallTime
from tests.builders import FRIDAY_10_MOSCOW, THURSDAY_10_MOSCOW, a_person, a_session

ANNA = "anna@example.org"
NAMES = ("title", "title_en", "summary", "format", "mode", "visibility", "place", "duration_min")


@pytest.fixture
def settings(settings):
    """Five minutes of quiet."""
    return replace(settings, quiet_minutes="5")


@pytest.fixture
def session(app, work_off):
    """A session whose first invitation Anna, who reads English, has."""
    a_person(ANNA, locale="en")
    made = a_session(invited=[ANNA])
    work_off()
    return made


def now(session) -> Session:
    return db.session.get_one(Session, session.id, populate_existing=True)


def edit(session, *, tell: bool = True, **changes) -> None:
    facts = {name: getattr(now(session), name) for name in NAMES} | changes
    scheduling.edit(session.id, Details(**facts), now(session).revision, None, tell=tell)


def move(session, to: WallTime) -> None:
    scheduling.move(session.id, to, now(session).revision, None)


def subjects(outbox) -> list[str]:
    return [str(letter["Subject"]).split(":")[0] for letter in outbox.to(ANNA)]


def test_first_invitation_leaves_at_once(session, outbox):
    assert subjects(outbox) == ["Invitation"]


def test_ten_edits_are_one_letter_with_the_last_state(session, outbox, work_off, clock):
    for number in range(10):
        edit(session, title=f"Title {number}")
        clock.pass_by(minutes=4)
        work_off()
    before = len(outbox.letters())
    clock.pass_by(minutes=1)
    work_off()

    assert (before, subjects(outbox)) == (1, ["Invitation", "Changed"])
    assert str(outbox.calendars_to(ANNA)[-1]["SUMMARY"]) == "Title 9"
    assert now(session).announced_revision == now(session).revision


def test_each_change_begins_the_quiet_anew(session, outbox, work_off, clock):
    edit(session, title="One")
    first = now(session).quiet_until
    clock.pass_by(minutes=4)
    edit(session, title="Two")
    clock.pass_by(minutes=1)
    work_off()

    assert (first, now(session).quiet_until) == (
        datetime(2026, 10, 1, 9, 5, tzinfo=UTC), datetime(2026, 10, 1, 9, 9, tzinfo=UTC),
    )  # fmt: skip
    assert len(outbox.letters()) == 1


def test_silent_edit_keeps_waiting_letters_waiting_and_owes_none_itself(
    session, outbox, work_off, clock
):
    edit(session, summary="A slip of the pen", tell=False)
    alone = now(session).quiet_until
    move(session, FRIDAY_10_MOSCOW)
    clock.pass_by(minutes=3)
    edit(session, summary="Another", tell=False)
    clock.pass_by(minutes=3)
    work_off()

    assert (alone, len(outbox.letters())) == (None, 1)
    assert now(session).quiet_until == datetime(2026, 10, 1, 9, 8, tzinfo=UTC)


def test_two_changes_in_one_second_with_the_worker_paused_send_only_the_last(
    session, outbox, work_off, clock
):
    move(session, FRIDAY_10_MOSCOW)
    move(session, WallTime(datetime(2026, 10, 17, 10, 0), "Europe/Moscow"))
    clock.pass_by(hours=1)
    work_off()

    first, second = outbox.calendars_to(ANNA)
    assert second.decoded("DTSTART") == datetime(2026, 10, 17, 7, 0, tzinfo=UTC)
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second.decoded("DTSTAMP") > first.decoded("DTSTAMP")


def test_older_letter_that_did_not_leave_yet_never_leaves(session, outbox, work_off, clock):
    move(session, FRIDAY_10_MOSCOW)
    announcing.announce(session.id, None)
    edit(session, title="The last word")
    work_off()
    before = subjects(outbox)
    clock.pass_by(minutes=5)
    work_off()

    states = list(db.session.scalars(db.select(Letter.state).order_by(Letter.id)))
    assert (before, states) == (["Invitation"], ["sent", "superseded", "sent"])
    assert str(outbox.calendars_to(ANNA)[-1]["SUMMARY"]) == "The last word"


def test_who_has_heard_nothing_gets_the_first_letter_as_the_session_is_now(
    app, outbox, work_off, clock
):
    a_person(ANNA, locale="en")
    session = a_session(invited=[ANNA])
    move(session, FRIDAY_10_MOSCOW)
    work_off()
    at_once = outbox.calendars_to(ANNA)
    clock.pass_by(minutes=5)
    work_off()

    assert [event.decoded("DTSTART").day for event in at_once] == [16]
    assert subjects(outbox) == ["Invitation"]


def test_whoever_is_invited_while_letters_wait_gets_one_letter(session, outbox, work_off, clock):
    move(session, FRIDAY_10_MOSCOW)
    inviting.invite(session.id, [("", "boris@example.org")], None)
    work_off()
    clock.pass_by(minutes=5)
    work_off()

    assert [len(outbox.to(one)) for one in (ANNA, "boris@example.org")] == [2, 1]


def test_move_that_is_undone_in_the_quiet_is_told_to_nobody(session, outbox, work_off, clock):
    move(session, FRIDAY_10_MOSCOW)
    move(session, THURSDAY_10_MOSCOW)
    clock.pass_by(minutes=5)
    work_off()

    assert subjects(outbox) == ["Invitation"]
    assert (now(session).quiet_until, now(session).announced_revision) == (
        None, now(session).revision,
    )  # fmt: skip


def test_undone_move_is_told_where_someone_was_invited_in_between(session, outbox, work_off, clock):
    move(session, FRIDAY_10_MOSCOW)
    inviting.invite(session.id, [("", "boris@example.org")], None)
    move(session, THURSDAY_10_MOSCOW)
    work_off()
    clock.pass_by(minutes=5)
    work_off()

    last = [outbox.calendars_to(one)[-1] for one in (ANNA, "boris@example.org")]
    assert [event.decoded("DTSTART").day for event in last] == [15, 15]


def test_undone_move_is_told_to_nobody_else_because_somebody_was_invited(
    session, outbox, work_off, clock
):
    move(session, FRIDAY_10_MOSCOW)
    inviting.invite(session.id, [("", "boris@example.org")], None)
    work_off()
    move(session, THURSDAY_10_MOSCOW)
    inviting.invite(session.id, [("", "vera@example.org")], None)
    work_off()
    clock.pass_by(minutes=5)
    work_off()

    letters = [len(outbox.to(one)) for one in (ANNA, "boris@example.org", "vera@example.org")]
    assert letters == [1, 2, 1]


def test_letter_to_one_invited_again_is_no_news_for_those_invited_in_the_quiet(
    session, outbox, work_off, clock
):
    inviting.invite(session.id, [("", "vera@example.org")], None)
    work_off()
    move(session, FRIDAY_10_MOSCOW)
    inviting.invite(session.id, [("", "boris@example.org"), ("", "gleb@example.org")], None)
    work_off()
    boris = db.select(Registration.id).order_by(Registration.id.desc()).limit(1).offset(1)
    boris_id = db.session.scalars(boris).one()
    withdrawing.withdraw(boris_id, None)
    inviting.invite(session.id, [("", "boris@example.org")], None)
    work_off()
    clock.pass_by(minutes=5)
    work_off()

    assert [len(outbox.to(f"{one}@example.org")) for one in ("vera", "gleb", "boris")] == [2, 1, 3]


def test_first_letter_that_still_waits_when_the_quiet_ends_leaves(session, outbox, work_off, clock):
    move(session, FRIDAY_10_MOSCOW)
    inviting.invite(session.id, [("", "boris@example.org")], None)
    mailing.pause()
    clock.pass_by(minutes=5)
    work_off()
    mailing.resume()
    work_off()

    assert [len(outbox.to(one)) for one in (ANNA, "boris@example.org")] == [2, 1]


def test_cancelling_by_mistake_and_bringing_back_is_told_to_nobody(
    session, outbox, work_off, clock
):
    scheduling.cancel(session.id, now(session).revision, None)
    scheduling.reinstate(session.id, now(session).revision, None)
    clock.pass_by(minutes=5)
    work_off()

    assert subjects(outbox) == ["Invitation"]


@pytest.mark.parametrize(
    ("change", "said"),
    [("cancel", "Cancelled"), ("postpone", "Postponed"), ("move", "New time or place")],
)
def test_change_of_a_session_within_a_day_leaves_at_once(
    change, said, session, outbox, work_off, clock
):
    clock.move_to(datetime(2026, 10, 14, 7, 0, tzinfo=UTC))

    if change == "move":
        move(session, FRIDAY_10_MOSCOW)
    else:
        getattr(scheduling, change)(session.id, now(session).revision, None)
    work_off()

    assert subjects(outbox) == ["Invitation", said]


@pytest.mark.parametrize("change", ["cancel", "postpone"])
def test_change_of_a_session_further_away_waits(change, session, outbox, work_off, clock):
    clock.move_to(datetime(2026, 10, 14, 6, 59, tzinfo=UTC))

    getattr(scheduling, change)(session.id, now(session).revision, None)
    work_off()
    at_once = subjects(outbox)
    clock.pass_by(minutes=5)
    work_off()

    assert (len(at_once), len(subjects(outbox))) == (1, 2)


def test_session_moved_to_today_is_told_at_once(session, outbox, work_off):
    move(session, WallTime(datetime(2026, 10, 1, 18, 0), "Europe/Moscow"))
    work_off()

    assert subjects(outbox) == ["Invitation", "New time or place"]


def test_new_place_within_a_day_is_told_at_once_and_a_new_word_waits(
    session, outbox, work_off, clock
):
    clock.move_to(datetime(2026, 10, 15, 5, 0, tzinfo=UTC))

    edit(session, summary="Clearer")
    work_off()
    words = subjects(outbox)
    edit(session, mode="hybrid", place="Perm")
    work_off()

    assert (words, subjects(outbox)) == (["Invitation"], ["Invitation", "New time or place"])
    assert now(session).quiet_until is None


def test_host_may_have_them_leave_now_once(session, outbox, work_off, clock):
    move(session, FRIDAY_10_MOSCOW)

    left = [announcing.announce(session.id, None) for _ in range(2)]
    work_off()
    clock.pass_by(minutes=10)
    work_off()

    assert left == [True, False]
    assert subjects(outbox) == ["Invitation", "New time or place"]
    announced = db.select(AuditLog).where(AuditLog.action == "session.announced")
    assert len(db.session.scalars(announced).all()) == 1


def test_person_taken_off_while_a_cancellation_waits_is_told(session, outbox, work_off, clock):
    scheduling.cancel(session.id, now(session).revision, None)
    withdrawing.withdraw(db.session.scalars(db.select(Registration.id)).one(), None)
    work_off()
    clock.pass_by(minutes=5)
    work_off()

    assert subjects(outbox) == ["Invitation", "No longer invited"]


def test_session_that_was_held_meanwhile_is_not_announced(session, outbox, work_off, clock):
    edit(session, title="Too late")
    scheduling.end(session.id, now(session).revision, None)
    clock.pass_by(minutes=5)
    work_off()

    assert subjects(outbox) == ["Invitation"]


def test_without_a_quiet_time_every_change_is_told_at_once(session, outbox, work_off, settings):
    ports.put(Settings, replace(settings, quiet_minutes="0"))

    edit(session, title="Now")
    work_off()

    assert subjects(outbox) == ["Invitation", "Changed"]
