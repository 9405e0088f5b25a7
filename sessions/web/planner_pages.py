"""The pages of the planner under one address, and what they share."""

from __future__ import annotations

import re

from flask import Blueprint, url_for
from markupsafe import Markup

from sessions.web import look

pages = Blueprint("planner", __name__, url_prefix="/plan")

_STOP = re.compile(
    r"(<select(?:(?!</select>).)*</select>|<input[^>]*>|<span class=\"v-wdays\">.*?</span>)([,.:])",
    re.DOTALL,
)


@pages.app_template_filter()
def stops_kept(sentence: Markup) -> Markup:
    """The sentence of fields with each comma and full stop kept on the line of its field."""
    # Not on the Markup itself: it would escape the pieces that it is put together from.
    return Markup(_STOP.sub(r'<span class="v-nb">\1\2</span>', str(sentence)))  # noqa: S704


def desk_url(session_id: int) -> str:
    """Where a host works on a session: its desk, or its page where there is no desk."""
    page = "desk.show" if look.endpoint_exists("desk.show") else "session.show"
    return url_for(page, session_id=session_id)
