"""The sentences for refusals and for what changed, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext, lazy_gettext

# Each sentence says what happened and what to do. Placeholders are the refusal's details.
REFUSALS: Mapping[str, str] = {
    "form.expired": lazy_gettext(
        "This form is too old or came from another page. "
        "Go back, reload the page and send it again."
    ),
    "edit.stale": lazy_gettext(
        "Someone changed this while you were editing. Compare the two versions and save again."
    ),
    "series.no_dates": lazy_gettext(
        "The rule gives no dates. Widen the period or pick another day."
    ),
    "days_off.long_name": lazy_gettext("Make the name at most %(most)s characters."),
    "days_off.name": lazy_gettext("Write the name of the day off."),
    "days_off.date": lazy_gettext("Write the date like this: 15.10.2026."),
    "days_off.year": lazy_gettext("Pick a date between 2000 and 2100."),
    "blackout.reason": lazy_gettext("Write why these dates are closed."),
    "blackout.order": lazy_gettext("The last day is before the first. Pick a later one."),
    "blackout.long": lazy_gettext("Close a year at most at a time."),
    "blackout.city": lazy_gettext("There is no such city here. Pick another."),
    "session.over": lazy_gettext("This session is over: nobody can be invited to it any more."),
    "topic.other_season": lazy_gettext("Choose a topic of the session's own season."),
    "seats.full": lazy_gettext(
        "No seat is free. Raise the number of seats, or have somebody wait again."
    ),
    "seats.nobody_waits": lazy_gettext(
        "Nobody else waits for this seat: it would come straight back. Take them off the list "
        "instead."
    ),
    "seats.over": lazy_gettext("This session is over or off: its seats rest."),
    "seats.not_invited": lazy_gettext("This person does not take part: note their answer first."),
    "seats.older": lazy_gettext("There is a later answer already. Look at it as it is now."),
    "speaker.over": lazy_gettext("This session is over or cancelled: there is nothing to answer."),
    "speaker.no_answer": lazy_gettext("Press one of the two answers."),
    "speaker.nobody_to_ask": lazy_gettext("There is no speaker to ask who has an address."),
    "copy.nothing": lazy_gettext("Tick at least one session to carry over."),
    "session.not_movable": lazy_gettext("A session that is over or cancelled cannot be moved."),
    "session.cannot_schedule": lazy_gettext("Only a draft can be published."),
    "session.cannot_cancel": lazy_gettext("This session can no longer be cancelled."),
    "session.cannot_reinstate": lazy_gettext("Only a cancelled session can be brought back."),
    "session.cannot_postpone": lazy_gettext("Only a session that is scheduled can be postponed."),
    "session.cannot_reschedule": lazy_gettext("Only a postponed session waits for a new date."),
    "session.not_begun": lazy_gettext(
        "This session has not begun: it can be marked as held from its start on."
    ),
    "session.past_hour": lazy_gettext(
        "This hour is past, and everyone invited would be told of it. Send past: true if it is "
        "meant so."
    ),
    "session.beyond_season": lazy_gettext(
        "No season holds this date; the session would stay in its own. Send beyond: true if it is "
        "meant so."
    ),
    "session.cannot_end": lazy_gettext("Only a session that was scheduled can be marked as held."),
    "meeting.bad_link": lazy_gettext(
        "This is no web address: %(url)s. Copy the whole link, beginning with https://."
    ),
    "meeting.no_service": lazy_gettext("There is no service called %(service)s here."),
    "account.short_password": lazy_gettext(
        "The password is too short. Choose one of at least %(least)s characters."
    ),
    "join.closed": lazy_gettext("The room is not open at this hour."),
    "join.no_seat": lazy_gettext("You are on the waiting list: no seat online is yours yet."),
    "join.withdrawn": lazy_gettext("You are no longer invited to this session."),
    "letter.none": lazy_gettext("No letter was written to this person yet."),
    "join.no_room": lazy_gettext("The room is not ready yet. Try again in a minute."),
    "token.name": lazy_gettext("Give the token a name, to know it again by."),
    "token.scopes": lazy_gettext("Choose what the token may do."),
    "file.empty": lazy_gettext(
        "The file «%(name)s» is empty. Check it on your computer and send it again."
    ),
    "file.not_what_it_says": lazy_gettext(
        "The file «%(name)s» is not what its name says (inside: %(is_)s). Send the original file."
    ),
    "file.kind_not_accepted": lazy_gettext(
        "Files like «%(name)s» are not taken. Send video (mp4, webm), sound (m4a, mp3), "
        "slides (PDF, PPTX, ODP) or a transcript (VTT, SRT)."
    ),
    "file.too_big": lazy_gettext("The file «%(name)s» is too large for its kind."),
    "file.too_big_inside": lazy_gettext(
        "The file «%(name)s» unpacks to far more than it should. Save it anew in your program."
    ),
    "file.unsafe_inside": lazy_gettext(
        "Inside the file «%(name)s» is something no presentation contains. "
        "Save it anew in your program."
    ),
    "file.encrypted": lazy_gettext("The file «%(name)s» asks for a password. Save it without one."),
    "file.no_room": lazy_gettext(
        "There is no room left to keep «%(name)s». Tell the person who runs the server."
    ),
    "file.gone": lazy_gettext("This file is no longer here. Reload the page."),
    "talk.none": lazy_gettext("Nothing was handed over for this session yet."),
    "file.damaged": lazy_gettext(
        "The file «%(name)s» is damaged. Send it again from the original."
    ),
    "file.wrong_encoding": lazy_gettext(
        "The letters in «%(name)s» cannot be made out. Save it as UTF-8 and send it again."
    ),
    "sheet.kind": lazy_gettext(
        "This is no spreadsheet. Send XLSX or CSV: in your program, File, Save as."
    ),
    "sheet.empty": lazy_gettext("The sheet is empty: there is not a row under its heading."),
    "sheet.too_big": lazy_gettext("The file is larger than %(megabytes)s MB. Send the plan alone."),
    "sheet.too_big_inside": lazy_gettext(
        "The file unpacks to far more than a plan should. Copy the rows into a new file."
    ),
    "sheet.too_long": lazy_gettext("The sheet has more than %(rows)s rows. Part it in several."),
    "sheet.too_wide": lazy_gettext(
        "The sheet has more than %(columns)s columns. Leave only those of the plan."
    ),
    "sheet.damaged": lazy_gettext(
        "The spreadsheet is damaged. Open it in your program, save it anew and send it again."
    ),
    "sheet.encoding": lazy_gettext(
        "The letters of the file cannot be made out. Save it as CSV UTF-8, or as XLSX."
    ),
    "sheet.old_or_locked": lazy_gettext(
        "The file is of the old XLS kind or asks for a password. Save it as XLSX without one."
    ),
    "sheet.no_header": lazy_gettext(
        "No row of headings was found: there must be a column of titles and one of dates. "
        "Compare with the empty form."
    ),
    "season.none": lazy_gettext("There is no season yet."),
    "decision.made": lazy_gettext("Somebody decided on this already. Look at it as it is now."),
    "counter.past": lazy_gettext("The time that was proposed has passed by now."),
    "task.address": lazy_gettext("%(address)s is no address. Write it as name@example.org."),
    "task.address_taken": lazy_gettext(
        "%(address)s is the address of another person: %(name)s. Ask once more."
    ),
    "import.changed": lazy_gettext(
        "The plan or the answers changed since this page was opened. Here is how it looks now: "
        "check it and apply."
    ),
    "import.nothing": lazy_gettext("No row of the sheet would change anything."),
    "import.done": lazy_gettext("This sheet was applied already."),
    "import.not_applied": lazy_gettext("Only a sheet that is applied can be undone."),
    "import.too_late": lazy_gettext(
        "It was applied more than a day ago and can no longer be undone."
    ),
}
_FALLBACK = lazy_gettext("This is not possible now. Reload the page and look at its state.")


def refusal(reason: str, **details: object) -> str:
    """The sentence for a refusal's code; a general one for a code without a sentence."""
    sentence = str(REFUSALS.get(reason, _FALLBACK))
    return sentence % {"is_": "?", "name": "", **details} if "%(" in sentence else sentence


_FIELDS: Mapping[str, Callable[[], str]] = {
    "title": lambda: gettext("Title"),
    "summary": lambda: gettext("Summary"),
    "wall_start": lambda: gettext("Start"),
    "tz": lambda: gettext("Time zone"),
    "duration_min": lambda: gettext("Length, minutes"),
    "state": lambda: gettext("State"),
}


def changes(changed: Mapping[str, object]) -> list[dict[str, str]]:
    """The fields of a stale edit as (name in words, value now)."""
    return [
        {"field": _FIELDS[name](), "theirs": str(value)}
        for name, value in changed.items()
        if name in _FIELDS
    ]
