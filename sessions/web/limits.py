"""How often one network may ask: generous for a school behind one address, tight for a machine.

Failed sign-ins are counted elsewhere, in a table of ours; these counts live in the web process.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)

LETTERS_PER_ADDRESS = "5 per 15 minutes"
LETTERS_PER_NETWORK = "100 per 15 minutes"
SEARCHES = "600 per minute"
API_CALLS = "1200 per minute"


def address_asked() -> str:
    """The address someone wants a letter at: one mailbox must not be flooded from many networks."""
    return f"address:{request.form.get('address', '').strip().lower()}"


def install(app: Flask) -> None:
    """Put the limits on the pages that cost the most. Needs all of them registered."""
    limiter.init_app(app)
    views: dict[str, Any] = app.view_functions
    views["signing_in.send_link"] = limiter.limit(LETTERS_PER_ADDRESS, key_func=address_asked)(
        limiter.limit(LETTERS_PER_NETWORK)(views["signing_in.send_link"])
    )
    for endpoint in list(views):
        if endpoint.startswith("api_"):
            views[endpoint] = limiter.limit(API_CALLS)(views[endpoint])
        elif endpoint.startswith("search."):
            views[endpoint] = limiter.limit(SEARCHES)(views[endpoint])
