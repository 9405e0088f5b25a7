"""Transactions: whole or not at all, and what is counted inside stays true."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import func, select

from integrations.runtime.database import db, transaction
from sessions.models.audit import TakenForm
from sessions.models.programme import City, Season


def forms() -> list[str]:
    return sorted(db.session.scalars(select(TakenForm.token)))


def a_form(token: str) -> TakenForm:
    return TakenForm(token=token, url="/", at=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.usefixtures("app")
def test_an_exception_takes_everything_back() -> None:
    with pytest.raises(ValueError, match="no"), transaction():  # noqa: PT012 the way it is used
        db.session.add(a_form("a"))
        raise ValueError("no")

    assert forms() == []


@pytest.mark.usefixtures("app")
def test_a_block_inside_a_block_belongs_to_the_outer_one() -> None:
    with pytest.raises(ValueError, match="no"), transaction():  # noqa: PT012 the way it is used
        with transaction():
            db.session.add(a_form("inner"))
        raise ValueError("no")

    assert forms() == []


@pytest.mark.usefixtures("app")
def test_changes_made_outside_a_transaction_are_an_error() -> None:
    db.session.add(a_form("loose"))

    with pytest.raises(RuntimeError), transaction():
        pass


@pytest.mark.usefixtures("app")
def test_instants_come_back_in_utc() -> None:
    at = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=12)))
    with transaction():
        db.session.add(TakenForm(token="a", url="/", at=at))
    db.session.expire_all()

    kept = db.session.get_one(TakenForm, "a").at

    assert (kept, kept.tzinfo) == (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), UTC)


@pytest.mark.usefixtures("app")
def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(Exception, match="no zone"), transaction():
        db.session.add(TakenForm(token="a", url="/", at=datetime(2026, 1, 1)))


def test_twenty_threads_after_one_seat_get_it_once(app: Flask) -> None:
    with transaction():
        db.session.add(
            Season(name="one", starts_on=datetime(2026, 9, 1), ends_on=datetime(2027, 8, 31))
        )
    won: list[int] = []
    ready = threading.Barrier(20)

    def reach(number: int) -> None:
        with app.app_context():
            ready.wait()
            with transaction():
                db.session.scalars(select(Season).with_for_update()).one()
                taken = db.session.scalar(select(func.count()).select_from(City))
                if not taken:
                    db.session.add(City(name=f"seat {number}", tz="Europe/Moscow"))
                    won.append(number)

    threads = [threading.Thread(target=reach, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert db.session.scalar(select(func.count()).select_from(City)) == 1


@pytest.mark.usefixtures("app")
def test_the_models_are_what_the_migrations_make() -> None:
    import flask_migrate

    flask_migrate.check()
