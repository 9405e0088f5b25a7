"""Weeks that pass for those who are reminded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

from integrations.runtime.database import db
from integrations.runtime.jobs import Job
from tests.conftest import Clock


def pass_until(at: datetime, clock: Clock, work_off: Callable[[], int]) -> None:
    """Let the time pass to this instant, all work done when it is due."""
    work_off()
    while True:
        db.session.rollback()
        following = db.session.scalar(
            select(func.min(Job.run_at)).where(Job.finished_at.is_(None), Job.run_at <= at)
        )
        db.session.rollback()
        if following is None:
            break
        clock.move_to(max(following, clock.at))
        work_off()
    clock.move_to(at)
