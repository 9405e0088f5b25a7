"""Reading the letters that left."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from icalendar import Calendar


class Outbox:
    """The .eml files of a folder, oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def raw(self) -> list[bytes]:
        """The letters as they went over the wire."""
        if not self._folder.exists():
            return []
        files = sorted(self._folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_bytes() for file in files]

    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw()]  # type: ignore[misc]

    def to(self, address: str) -> list[EmailMessage]:
        """The letters to one address."""
        return [letter for letter in self.letters() if address in str(letter["To"])]

    def calendars_to(self, address: str) -> list[Any]:
        """The events in the letters to one address, as icalendar gives them."""
        events = []
        for letter in self.to(address):
            for part in letter.walk():
                if part.get_content_type() == "text/calendar":
                    calendar = Calendar.from_ical(part.get_content())
                    events.extend(calendar.walk("VEVENT"))
        return events
