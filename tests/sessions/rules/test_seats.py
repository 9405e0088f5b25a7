"""Who has a seat, who waits, and to whom a free seat is offered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.rules import seats
from sessions.rules.seats import Hall, Standing

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
START = datetime(2026, 10, 15, 7, tzinfo=UTC)


def a_hall(online: int | None = None, in_person: int | None = None, mode: str = "online") -> Hall:
    return seats.hall(mode, online, in_person, START)


def invited(number: int, **facts: object) -> list[Standing]:
    return [Standing(id_, **facts) for id_ in range(1, number + 1)]  # type: ignore[arg-type]


def accepted(everyone: list[Standing], hall: Hall, *people: int) -> list[Standing]:
    """They accept one after another, a minute apart."""
    for minute, person in enumerate(people):
        everyone = seats.accept(everyone, hall, person, NOW + timedelta(minutes=minute))
    return everyone


def states(everyone: list[Standing]) -> list[str]:
    return [one.state for one in everyone]


class TestAccepting:
    def test_first_come_have_the_seats_and_the_others_wait_in_order(self):
        after = accepted(invited(4), a_hall(2), 3, 1, 4, 2)

        assert states(after) == ["confirmed", "waiting", "confirmed", "waiting"]
        assert [one.id for one in seats.queue(after, a_hall(2), "online")] == [4, 2]
        assert [seats.place_in_queue(after, a_hall(2), one) for one in (1, 4, 2)] == [None, 1, 2]

    def test_where_there_are_seats_for_all_nobody_waits(self):
        assert states(accepted(invited(3), a_hall(), 1, 2, 3)) == ["confirmed"] * 3

    def test_accepting_twice_keeps_the_place_in_the_list(self):
        after = accepted(invited(3), a_hall(1), 1, 2, 3, 2)

        assert [one.id for one in seats.queue(after, a_hall(1), "online")] == [2, 3]

    def test_whoever_has_an_offer_takes_it(self):
        waits = accepted(invited(2), a_hall(1), 1, 2)
        offered = seats.decline(waits, a_hall(1), 1, NOW + timedelta(hours=1))

        after = seats.accept(offered, a_hall(1), 2, NOW + timedelta(hours=2))

        assert states(offered) == ["withdrawn", "offered"]
        assert states(after) == ["withdrawn", "confirmed"]
        assert after[1].offered_until is None

    def test_offer_that_ran_out_is_gone_even_if_nobody_looked_meanwhile(self):
        waits = accepted(invited(3), a_hall(1), 1, 2, 3)
        offered = seats.decline(waits, a_hall(1), 1, NOW + timedelta(hours=1))

        after = seats.accept(offered, a_hall(1), 2, NOW + timedelta(hours=26))

        assert states(after) == ["withdrawn", "waiting", "offered"]

    def test_seat_that_the_host_keeps_is_theirs_when_they_accept(self):
        everyone = [Standing(1, is_kept=True), Standing(2), Standing(3)]

        after = accepted(everyone, a_hall(2), 2, 3, 1)

        assert states(after) == ["confirmed", "confirmed", "waiting"]

    def test_nobody_waits_once_the_session_has_begun_if_a_seat_is_free(self):
        waits = accepted(invited(2), a_hall(1), 1, 2)
        late = seats.hall("online", 2, None, NOW)

        after = seats.accept(waits, late, 2, NOW + timedelta(hours=1))

        assert states(after) == ["confirmed", "confirmed"]


class TestHybrid:
    def test_who_says_nothing_takes_part_online(self):
        hall = a_hall(None, 1, "hybrid")

        after = accepted(invited(2), hall, 1, 2)

        assert [(one.state, one.mode) for one in after] == [("confirmed", "online")] * 2

    def test_each_way_has_a_list_of_its_own(self):
        hall = a_hall(None, 1, "hybrid")
        here = seats.accept(invited(3), hall, 1, NOW, "in_person")
        here = seats.accept(here, hall, 2, NOW, "in_person")

        after = seats.accept(here, hall, 3, NOW, "online")

        assert states(after) == ["confirmed", "waiting", "confirmed"]

    def test_whoever_changes_over_leaves_the_seat_to_the_next(self):
        hall = a_hall(5, 1, "hybrid")
        here = seats.accept(invited(2), hall, 1, NOW, "in_person")
        here = seats.accept(here, hall, 2, NOW, "in_person")

        after = seats.accept(here, hall, 1, NOW, "online")

        assert [(one.state, one.mode) for one in after] == [
            ("confirmed", "online"), ("offered", "in_person"),
        ]  # fmt: skip

    def test_whoever_finds_the_other_way_full_keeps_a_seat_that_is_scarce(self):
        hall = a_hall(5, 1, "hybrid")
        here = seats.accept(invited(2), hall, 1, NOW, "in_person")
        here = seats.accept(here, hall, 2, NOW, "online")

        after = seats.accept(here, hall, 2, NOW, "in_person")

        assert (after[1].state, after[1].mode) == ("confirmed", "online")

    def test_session_that_is_no_longer_hybrid_has_one_way_for_all(self):
        everyone = [Standing(1, "confirmed", "in_person"), Standing(2, "confirmed", "online")]

        assert seats.held(everyone, a_hall(5), "online") == 2


class TestGivingUp:
    def test_declining_frees_the_seat_for_the_next_who_fits(self):
        hall = a_hall(3)
        everyone = [Standing(1, heads=2), Standing(2), Standing(3, heads=3), Standing(4, heads=2)]
        full = accepted(everyone, hall, 1, 2, 3, 4)

        after = seats.decline(full, hall, 1, NOW + timedelta(hours=1))

        assert states(full) == ["confirmed", "confirmed", "waiting", "waiting"]
        assert states(after) == ["withdrawn", "confirmed", "waiting", "offered"]

    def test_perhaps_holds_nothing(self):
        full = accepted(invited(2), a_hall(1), 1, 2)

        after = seats.perhaps(full, a_hall(1), 1, NOW + timedelta(hours=1))

        assert states(after) == ["invited", "offered"]

    def test_whoever_withdrew_may_come_again_behind_the_others(self):
        full = accepted(invited(3), a_hall(1), 1, 2, 3)
        gone = seats.decline(full, a_hall(1), 1, NOW + timedelta(hours=1))

        after = seats.accept(gone, a_hall(1), 1, NOW + timedelta(hours=2))

        assert states(after) == ["waiting", "offered", "waiting"]
        assert [one.id for one in seats.queue(after, a_hall(1), "online")] == [3, 1]


class TestOffers:
    @pytest.mark.parametrize(
        ("before_start", "lasts"),
        [
            (timedelta(days=14), timedelta(hours=24)),
            (timedelta(days=4), timedelta(hours=24)),
            (timedelta(days=2), timedelta(hours=12)),
            (timedelta(hours=4), timedelta(hours=1)),
            (timedelta(hours=1), timedelta(minutes=30)),
            (timedelta(minutes=20), timedelta(minutes=20)),
        ],
    )
    def test_offer_is_shorter_as_the_session_nears_and_never_past_its_start(
        self, before_start, lasts
    ):
        assert seats.offered_until(START - before_start, START) == START - before_start + lasts

    def test_offer_that_ran_out_goes_on_to_the_next(self):
        full = accepted(invited(3), a_hall(1), 1, 2, 3)
        offered = seats.decline(full, a_hall(1), 1, NOW + timedelta(hours=1))

        early = seats.settle(offered, a_hall(1), NOW + timedelta(hours=24))
        after = seats.settle(offered, a_hall(1), NOW + timedelta(hours=25))

        assert states(early) == ["withdrawn", "offered", "waiting"]
        assert states(after) == ["withdrawn", "expired", "offered"]

    def test_more_seats_are_offered_to_those_who_wait(self):
        full = accepted(invited(3), a_hall(1), 1, 2, 3)

        after = seats.settle(full, a_hall(2), NOW + timedelta(hours=1))

        assert states(after) == ["confirmed", "offered", "waiting"]

    def test_where_the_number_is_lifted_whoever_waited_has_a_seat(self):
        full = accepted(invited(3), a_hall(1), 1, 2, 3)

        assert states(seats.settle(full, a_hall(), NOW)) == ["confirmed"] * 3

    def test_fewer_seats_throw_nobody_out(self):
        full = accepted(invited(3), a_hall(3), 1, 2, 3)

        after = seats.settle(full, a_hall(1), NOW + timedelta(hours=1))
        one_left = seats.decline(after, a_hall(1), 1, NOW + timedelta(hours=2))

        assert states(after) == ["confirmed"] * 3
        assert seats.free(one_left, a_hall(1), "online") == 0

    def test_nothing_is_offered_once_the_session_has_begun(self):
        full = accepted(invited(2), a_hall(1), 1, 2)

        after = seats.settle(full, seats.hall("online", 2, None, NOW), NOW + timedelta(hours=1))

        assert states(after) == ["confirmed", "waiting"]

    def test_session_moved_ahead_takes_its_offers_along(self):
        full = accepted(invited(2), a_hall(1), 1, 2)
        offered = seats.decline(full, a_hall(1), 1, NOW)
        soon = NOW + timedelta(hours=2)

        after = seats.settle(offered, seats.hall("online", 1, None, soon), NOW)

        assert after[1].offered_until == soon

    def test_while_the_session_is_off_an_offer_rests_at_its_place_in_the_list(self):
        full = accepted(invited(3), a_hall(1), 1, 2, 3)
        offered = seats.decline(full, a_hall(1), 1, NOW + timedelta(hours=1))

        resting = seats.suspend(offered)
        back = seats.settle(resting, a_hall(1), NOW + timedelta(days=5))

        assert states(resting) == ["withdrawn", "waiting", "waiting"]
        assert states(back) == ["withdrawn", "offered", "waiting"]


class TestTheHost:
    def test_gives_no_seat_that_is_not_there(self):
        full = accepted(invited(2), a_hall(1), 1, 2)

        assert seats.give(full, a_hall(1), 2, NOW) is None
        assert seats.offer(full, a_hall(1), 2, NOW) is None

    def test_keeps_a_seat_for_someone_who_has_not_answered(self):
        after = seats.keep(invited(2), a_hall(1), 1, NOW)

        assert after is not None
        assert states(accepted(after, a_hall(1), 2)) == ["invited", "waiting"]

    def test_seat_no_longer_kept_is_offered(self):
        kept = [Standing(1, is_kept=True), *invited(2)[1:]]
        waits = accepted(kept, a_hall(1), 2)

        assert states(seats.let_go(waits, a_hall(1), 1, NOW)) == ["invited", "offered"]

    def test_gives_the_offered_seat_for_good(self):
        full = accepted(invited(2), a_hall(1), 1, 2)
        offered = seats.decline(full, a_hall(1), 1, NOW)

        after = seats.give(offered, a_hall(1), 2, NOW)

        assert after is not None
        assert states(after) == ["withdrawn", "confirmed"]

    def test_has_someone_wait_again_behind_the_others(self):
        full = accepted(invited(3), a_hall(1), 1, 2, 3)

        after = seats.back_to_queue(full, a_hall(1), 1, NOW + timedelta(hours=1))

        assert after is not None
        assert states(after) == ["waiting", "offered", "waiting"]
        assert [one.id for one in seats.queue(after, a_hall(1), "online")] == [3, 1]

    def test_does_not_send_back_whom_the_seat_would_come_back_to(self):
        full = accepted(invited(1), a_hall(1), 1)

        assert seats.back_to_queue(full, a_hall(1), 1, NOW) is None


# --- whatever happens, in whatever order ---

_PEOPLE = 6
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["accept", "decline", "perhaps", "settle", "offer", "give", "keep", "let_go", "queue"]
        ),
        st.integers(1, _PEOPLE),
        st.sampled_from(["", "online", "in_person"]),
        st.integers(0, 40),
    ),
    max_size=30,
)
_RULES = {
    "decline": seats.decline, "perhaps": seats.perhaps, "offer": seats.offer, "give": seats.give,
    "keep": seats.keep, "let_go": seats.let_go, "queue": seats.back_to_queue,
}  # fmt: skip


def _told(steps, heads, hall):
    """Everyone after each of the steps."""
    everyone = [Standing(id_, heads=size) for id_, size in enumerate(heads, 1)]
    now = NOW
    for what, person, wished, hours in steps:
        now += timedelta(hours=hours, minutes=1)
        if what == "accept":
            after = seats.accept(everyone, hall, person, now, wished)
        elif what == "settle":
            after = seats.settle(everyone, hall, now)
        else:
            after = _RULES[what](everyone, hall, person, now)
        everyone = everyone if after is None else after
        yield what, person, everyone, now


_HEADS = st.lists(st.integers(1, 3), min_size=_PEOPLE, max_size=_PEOPLE)
_HALLS = st.builds(
    a_hall,
    st.none() | st.integers(0, 5),
    st.none() | st.integers(0, 5),
    st.sampled_from(["online", "in_person", "hybrid"]),
)


class TestWhateverHappens:
    @given(_STEPS, _HEADS, _HALLS)
    def test_never_are_more_seats_held_than_there_are(self, steps, heads, hall):
        for _, _, everyone, _ in _told(steps, heads, hall):
            for mode, number in hall.seats.items():
                assert number is None or seats.held(everyone, hall, mode) <= number

    @given(_STEPS, _HEADS, _HALLS)
    def test_nobody_is_lost_and_nobody_else_withdraws(self, steps, heads, hall):
        withdrew = set()
        for what, person, everyone, _ in _told(steps, heads, hall):
            if what == "decline":
                withdrew.add(person)
            assert [one.id for one in everyone] == list(range(1, _PEOPLE + 1))
            assert {one.id for one in everyone if one.state == "withdrawn"} <= withdrew

    @given(_STEPS, _HALLS)
    def test_before_the_start_nobody_waits_while_a_seat_suffices_for_them(self, steps, hall):
        for what, _, everyone, now in _told(steps, [1] * _PEOPLE, hall):
            if now < START and what in ("accept", "settle"):
                for mode in hall.seats:
                    left = seats.free(everyone, hall, mode)
                    assert left == 0 or not seats.queue(everyone, hall, mode)

    @given(_STEPS, _HALLS)
    def test_who_asked_later_is_not_offered_a_seat_before_who_asked_earlier(self, steps, hall):
        before = [Standing(id_) for id_ in range(1, _PEOPLE + 1)]
        for what, person, everyone, _ in _told(steps, [1] * _PEOPLE, hall):
            for mode in hall.seats:
                line = [one.id for one in seats.queue(before, hall, mode)]
                left = {one.id for one in seats.queue(everyone, hall, mode)}
                served = [one for one in line if one not in left]
                if what != "queue" and person not in line:
                    assert served == line[: len(served)]
            before = everyone

    @given(_STEPS, _HEADS, _HALLS)
    def test_no_offer_lasts_longer_than_a_day_or_past_the_start(self, steps, heads, hall):
        for _, _, everyone, now in _told(steps, heads, hall):
            for one in everyone:
                if one.state == "offered":
                    assert one.offered_until is not None
                    assert one.offered_until <= min(START, now + seats.LONGEST_OFFER)
