"""Addresses to which nothing is sent, until someone lifts it."""

from __future__ import annotations

from integrations.mail import suppression
from integrations.mail.suppression import Suppression
from integrations.runtime.database import db, transaction


def suppress(address: str, reason: str = "bounce") -> bool:
    with transaction():
        return suppression.suppress(address, reason, "550 5.1.1 no such user")


def lift(address: str) -> bool:
    with transaction():
        return suppression.lift(address)


def test_address_is_suppressed_however_it_is_written(app):
    suppress("Anna@Example.org")

    kept = suppression.of_address(" anna@example.ORG")
    assert kept is not None
    assert (kept.reason, kept.detail) == ("bounce", "550 5.1.1 no such user")
    assert suppression.of_address("boris@example.org") is None


def test_suppressing_twice_keeps_the_first_reason(app):
    assert suppress("anna@example.org")

    assert not suppress("anna@example.org", "complaint")

    assert db.session.scalars(db.select(Suppression.reason)).all() == ["bounce"]


def test_lifted_address_gets_letters_again_and_can_be_suppressed_anew(app, clock):
    suppress("anna@example.org")

    assert lift("anna@example.org")
    assert suppression.of_address("anna@example.org") is None
    assert not lift("anna@example.org")

    clock.pass_by(days=1)
    assert suppress("anna@example.org", "complaint")
    kept = suppression.of_address("anna@example.org")
    assert kept is not None
    assert (kept.reason, kept.since) == ("complaint", clock.at)
