"""The pages of the programme."""

from __future__ import annotations

from flask import Flask

from sessions.web import (
    answering,
    changes,
    cities,
    desk,
    desk_edit,  # noqa: F401 adds its pages to the desk's
    desk_inbox,  # noqa: F401 likewise
    desk_mailing,
    desk_move,  # noqa: F401 likewise
    desk_people,  # noqa: F401 likewise
    desk_repeat,  # noqa: F401 likewise
    desk_seats,  # noqa: F401 likewise
    desk_speakers,  # noqa: F401 likewise
    desk_states,  # noqa: F401 likewise
    feeds,
    front,
    health,
    incoming_page,
    join,
    language_switch,
    mailbox,
    materials,
    me,
    once,
    planner,
    schedule,
    season_copy,
    session_page,
    sheets,
    speaking_page,
    subscribing,
    tasks_page,
    token_pages,
    topics,
    unsubscribing,
    zone,
)


def install(app: Flask) -> None:
    """Register every page of this package."""
    for pages in (
        health.pages,
        language_switch.pages,
        zone.pages,
        front.pages,
        schedule.pages,
        changes.pages,
        session_page.pages,
        cities.pages,
        topics.pages,
        sheets.pages,
        planner.pages,
        token_pages.pages,
        desk.pages,
        me.pages,
        mailbox.pages,
        join.pages,
        answering.pages,
        unsubscribing.pages,
        speaking_page.pages,
        incoming_page.pages,
        tasks_page.pages,
        season_copy.pages,
        feeds.pages,
        subscribing.pages,
    ):
        app.register_blueprint(pages)
    materials.install(app)
    app.jinja_env.globals.update(
        once_token=once.token,
        mailings_of=desk_mailing.under_way,
        mailing_left=desk_mailing.sentence,
        mailing_trouble=desk_mailing.trouble,
    )
