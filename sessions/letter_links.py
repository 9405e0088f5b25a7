"""Where a letter leads: to the join page, the answers, and the page that stops reminders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from integrations.runtime.settings import Settings


@dataclass(frozen=True)
class Links:
    """The addresses in the letters of one invitation; all are its bearer's alone."""

    join: str
    answer: str
    unsubscribe: str

    @property
    def answers(self) -> list[tuple[str, str]]:
        """(words, address) of each answer; the page there asks for a press, as scanners follow."""
        return [
            (gettext("I come"), f"{self.answer}?answer=accepted"),
            (gettext("Perhaps"), f"{self.answer}?answer=tentative"),
            (gettext("I do not come"), f"{self.answer}?answer=declined"),
        ]

    @property
    def headers(self) -> dict[str, str]:
        """What mail programs show as their own button (RFC 2369, RFC 8058)."""
        return {
            "List-Unsubscribe": f"<{self.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }


def of_invitation(settings: Settings, token: str) -> Links:
    """The links for the bearer of this token."""
    home = settings.base_url.rstrip("/")
    return Links(f"{home}/j/{token}", f"{home}/a/{token}", f"{home}/u/{token}")


def answered(answer: str) -> str:
    """What somebody answered, in words; empty for no answer."""
    sentences: Mapping[str, str] = {
        "accepted": gettext("You answered: I come."),
        "tentative": gettext("You answered: perhaps. That holds no seat yet."),
        "declined": gettext("You answered: I do not come."),
    }
    return sentences.get(answer, "")
