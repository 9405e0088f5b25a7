"""Errors named after what their reader can do."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - says what happened, as people would
    """The person asked for what the rules do not allow; the page has the sentence for `reason`.

    reason: a stable dotted code such as "seats.full"; `details` fill the sentence's placeholders.
    """

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class Stale(Refused):
    """Someone else changed the thing meanwhile; `changed` names the fields and their values now."""

    def __init__(self, changed: dict[str, object]) -> None:
        super().__init__("edit.stale")
        self.changed = changed


class OutsideError(Exception):
    """A service outside is unreachable or said no; a job waits and tries again if `temporary`."""

    def __init__(self, service: str, *, temporary: bool, detail: str = "") -> None:
        super().__init__(f"{service}: {detail or ('temporary' if temporary else 'permanent')}")
        self.service = service
        self.temporary = temporary
        self.detail = detail


class Misconfigured(Exception):  # noqa: N818 - says what is the matter
    """The operator must change a setting; `advice` says which one and how."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what}. {advice}")
        self.what = what
        self.advice = advice


class Unreadable(Exception):  # noqa: N818 - says what it is
    """What came from outside cannot be read; a person may look at it, nothing else happens.

    reason: a stable dotted code such as "calendar.too_large"; `detail` is for the log.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
