"""A site whose letters and calendars are published: its name, address and dice are fixed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from integrations.runtime.settings import Settings
from tests.conformance.dice import Dice
from tests.conformance.stage import Stage
from tests.conftest import Clock
from tests.outbox import Outbox


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The site of the golden files: an invented programme at example.org."""
    return replace(
        settings,
        base_url="https://meet.example.org",
        mail_from="sessions@meet.example.org",
        programme="Города учатся",
        programme_en="Cities Learn",
        reminders="week,day,hour,recording",
    )


@pytest.fixture
def stage(
    monkeypatch: pytest.MonkeyPatch,
    client: FlaskClient,
    clock: Clock,
    outbox: Outbox,
    work_off: Callable[[], Any],
) -> Stage:
    """The site on which a story is told, with no chance in it."""
    Dice().rule(monkeypatch)
    return Stage(client, clock, outbox, work_off)
