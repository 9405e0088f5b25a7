"""A person's API tokens: made, shown once, revoked."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from sessions.flows import tokens
from sessions.rules import permissions
from sessions.web import guard, words

pages = Blueprint("tokens", __name__, url_prefix="/me/tokens")

_FRESH = "fresh_token"  # waits in the signed session for the one page that shows it


class TokenForm(FlaskForm):  # type: ignore[misc]
    """Asks for a new token."""

    name = StringField(
        lazy_gettext("What it is for"), validators=[DataRequired(words.REFUSALS["token.name"])]
    )
    scopes = SelectMultipleField(
        lazy_gettext("What it may do"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[DataRequired(words.REFUSALS["token.scopes"])],
    )

    def __init__(self) -> None:
        super().__init__()
        words = scope_words()
        self.scopes.choices = [(scope, words[scope]) for scope in usable(g.viewer.keys)]


def scope_words() -> dict[str, str]:
    """What each scope lets a program do."""
    return {
        "read": gettext("read what I may see"),
        "plan": gettext("plan sessions"),
        "archive": gettext("hand recordings over"),
    }


def usable(keys: frozenset[str]) -> list[str]:
    """The scopes that are of use to someone with these keys, in the order of `tokens.SCOPES`."""
    needed = {"plan": {permissions.TEAM}, "archive": {permissions.TEAM, permissions.EDITOR}}
    return [scope for scope in tokens.SCOPES if scope not in needed or keys & needed[scope]]


@pages.route("", methods=["GET", "POST"])
@guard.signed_in_only
def index() -> ResponseReturnValue:
    """The tokens that work, and the form for another; a new one is shown on the next page only."""
    form = TokenForm()
    if form.validate_on_submit():
        me = g.viewer.person_id
        browser[_FRESH] = [me, tokens.issue(me, form.name.data, form.scopes.data, me)]
        return redirect(url_for("tokens.index"))
    owner, fresh = browser.pop(_FRESH, None) or (None, None)
    return render_template(
        "pages/tokens.html", form=form, tokens=tokens.of_person(g.viewer.person_id),
        fresh=fresh if owner == g.viewer.person_id else None, scope_words=scope_words(),
    )  # fmt: skip


@pages.post("/<int:token_id>/revoke")
@guard.signed_in_only
def revoke(token_id: int) -> ResponseReturnValue:
    """Make one of one's own tokens worthless."""
    tokens.revoke(token_id, g.viewer.person_id)
    flash(gettext("The token was revoked. Programs that used it are shut out."), "ok")
    return redirect(url_for("tokens.index"))
