from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from integrations.runtime.database import db, transaction
from sessions.models.audit import AuditLog, TakenForm, record
from sessions.web import once


def a_change(name: str, url: str) -> Callable[[], str]:
    def change() -> str:
        record(None, "test.changed", name)
        return url

    return change


def changes() -> list[str]:
    return list(db.session.scalars(select(AuditLog.subject).order_by(AuditLog.id)))


def test_two_forms_have_two_tokens() -> None:
    first, second = once.token(), once.token()

    assert (len(first), len(second), first == second) == (32, 32, False)


def test_a_form_sent_twice_leads_to_what_it_made_the_first_time(app: Flask) -> None:
    form = once.token()

    first = once.only(form, a_change("first", "/one"))
    second = once.only(form, a_change("second", "/two"))

    assert (first, second, changes()) == ("/one", "/one", ["first"])


def test_a_form_not_sent_yet_leads_nowhere(app: Flask) -> None:
    once.only(once.token(), a_change("another", "/another"))

    assert once.done(once.token()) is None


def test_forms_without_a_token_are_all_taken(app: Flask) -> None:
    once.only("", a_change("first", "/one"))
    once.only("", a_change("second", "/two"))

    assert changes() == ["first", "second"]


def test_a_token_longer_than_ours_is_told_by_its_beginning(app: Flask) -> None:
    once.only("x" * 500, a_change("first", "/one"))

    assert once.only("x" * 500, a_change("second", "/two")) == "/one"


def test_a_form_that_comes_back_with_other_words_is_another_one(app: Flask) -> None:
    form = once.token()

    def send(number: int, **written: str) -> str:
        with app.test_request_context(method="POST", data={once.FIELD: form, **written}):
            return once.only(form, a_change(written["title"], f"/{number}"))

    led_to = [
        send(1, title="first", csrf_token="a"),
        send(2, title="first", csrf_token="b"),
        send(3, title="second", csrf_token="c"),
    ]

    assert (led_to, changes()) == (["/1", "/1", "/3"], ["first", "second"])


def test_a_change_that_fails_leaves_the_form_to_be_sent_again(app: Flask) -> None:
    form = once.token()

    def fails() -> str:
        record(None, "test.changed", "half")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        once.only(form, fails)

    assert (once.done(form), changes()) == (None, [])
    assert once.only(form, a_change("whole", "/one")) == "/one"


def test_a_token_taken_meanwhile_undoes_the_change(app: Flask) -> None:
    form = once.token()
    once.only(form, a_change("first", "/one"))

    def second() -> None:
        with transaction():
            record(None, "test.changed", "second")
            once.take(form, "/two")

    with pytest.raises(IntegrityError):
        second()

    assert (changes(), once.done(form)) == (["first"], "/one")


def test_of_two_forms_sent_at_the_same_moment_one_makes_the_change(app: Flask) -> None:
    form = once.token()
    start = threading.Barrier(8)
    led_to: list[str] = []

    def send(number: int) -> None:
        with app.app_context():
            start.wait()
            led_to.append(once.only(form, a_change(f"change {number}", f"/{number}")))
            db.session.remove()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [made] = changes()
    assert led_to == [f"/{made.removeprefix('change ')}"] * 8
    assert db.session.scalar(select(func.count()).select_from(TakenForm)) == 1
