"""Choosing the language of the pages."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask import session as browser
from flask.typing import ResponseReturnValue

from integrations.runtime import language
from sessions.web.safe_urls import local_path

pages = Blueprint("language", __name__)


@pages.get("/language/<lang>")
def switch(lang: str) -> ResponseReturnValue:
    """Remember the language for this browser and go back to where the reader was."""
    chosen = language.supported(lang)
    if chosen:
        browser["lang"] = chosen
        browser.permanent = True
    return redirect(local_path(request.args.get("next")))
