"""A person's API tokens: made, shown once, revoked."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from sessions.flows import tokens
from sessions.web import guard, words

pages = Blueprint("tokens", __name__, url_prefix="/me/tokens")


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
        self.scopes.choices = [
            ("read", gettext("read what I may see")),
            ("plan", gettext("plan sessions")),
            ("archive", gettext("hand recordings over")),
        ]


@pages.route("", methods=["GET", "POST"])
@guard.signed_in_only
def index() -> ResponseReturnValue:
    """The tokens that work, and the form for another; a new one is shown on this answer only."""
    form, fresh = TokenForm(), None
    if form.validate_on_submit():
        fresh = tokens.issue(
            g.viewer.person_id, form.name.data, form.scopes.data, g.viewer.person_id
        )
    return render_template(
        "pages/tokens.html", form=form, fresh=fresh, tokens=tokens.of_person(g.viewer.person_id)
    )


@pages.post("/<int:token_id>/revoke")
@guard.signed_in_only
def revoke(token_id: int) -> ResponseReturnValue:
    """Make one of one's own tokens worthless."""
    tokens.revoke(token_id, g.viewer.person_id)
    flash(gettext("The token was revoked. Programs that used it are shut out."), "ok")
    return redirect(url_for("tokens.index"))
