"""Signing in: by a link in a letter, or with a password; too many failures make a pause."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore, hash_password, login_user
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import delete, func, select
from wtforms import BooleanField, EmailField, HiddenField, PasswordField
from wtforms.validators import DataRequired, Email

from integrations.runtime import clock, ports
from integrations.runtime.database import db, transaction
from integrations.runtime.errors import Refused
from integrations.runtime.settings import Settings
from sessions import letters
from sessions.models.audit import record
from sessions.models.people import Account, FailedSignIn, PersonEmail, Role
from sessions.web.safe_urls import local_path

LINK_MINUTES = 30
SHORTEST_PASSWORD = 8
_SALT = "sign-in link"
_NO_ADDRESS = lazy_gettext("Write your e-mail address.")
_NO_PASSWORD = lazy_gettext("Write your password.")

pages = Blueprint("signing_in", __name__, url_prefix="/sign-in")


def config(settings: Settings) -> dict[str, object]:
    """Flask-Security's settings."""
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SALT": settings.secret(),
        "SECURITY_LOGIN_URL": "/sign-in/",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_REDIRECT_ALLOW_SUBDOMAINS": False,
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [
            {"email": {"mapper": _address, "case_insensitive": True}}
        ],
        "SECURITY_DEFAULT_REMEMBER_ME": True,
        "SECURITY_JOIN_USER_ROLES": False,
    }


def _address(text: str) -> str:
    return text.strip().lower()


def install(app: Flask) -> None:
    """Set Flask-Security up with our form, and add the pages of the letter's link."""
    datastore = SQLAlchemyUserDatastore(db, Account, Role)
    Security(app, datastore, login_form=PasswordForm)
    app.register_blueprint(pages)
    app.jinja_env.globals.update(
        link_minutes=lambda: LINK_MINUTES,
        sign_in_link_form=lambda: LinkForm(formdata=None, next=request.args.get("next", "")),
        demo_accounts=lambda: app.config.get("DEMO_ACCOUNTS", []),
    )


class PasswordForm(LoginForm):
    """Flask-Security's form, which first asks whether there were too many failures."""

    email = EmailField(lazy_gettext("E-mail"), validators=[DataRequired(_NO_ADDRESS)])
    password = PasswordField(lazy_gettext("Password"), validators=[DataRequired(_NO_PASSWORD)])
    remember = BooleanField(lazy_gettext("Remember me on this computer"), default=True)

    def validate(self, **kwargs: Any) -> bool:
        subjects = _subjects(self.email.data or "")
        if _too_many(subjects):
            self.form_errors.append(_pause())
            return False
        if super().validate(**kwargs):
            return True
        if self.email.data and self.password.data:
            # One sentence whichever was wrong: it must not tell who has an account.
            self.email.errors, self.password.errors = [], []
            self.form_errors: list[str] = [gettext("The address or the password is wrong.")]
            with transaction():
                for subject in subjects:
                    db.session.add(FailedSignIn(subject=subject, at=clock.now()))
        return False


class LinkForm(FlaskForm):  # type: ignore[misc]
    """Asks for a letter with a link."""

    address = EmailField(
        lazy_gettext("E-mail"),
        filters=[lambda text: (text or "").strip()],
        validators=[
            DataRequired(_NO_ADDRESS),
            Email(lazy_gettext("This is no e-mail address. It looks like name@example.org.")),
        ],
    )
    next = HiddenField()


def _subjects(address: str) -> list[str]:
    return [f"address:{_address(address)[:320]}", f"network:{request.remote_addr}"]


def _window() -> timedelta:
    return timedelta(minutes=int(ports.get(Settings).sign_in_window_min))


def _too_many(subjects: list[str]) -> bool:
    since = clock.now() - _window()
    counts = db.session.scalars(
        select(func.count())
        .where(FailedSignIn.subject.in_(subjects), FailedSignIn.at > since)
        .group_by(FailedSignIn.subject)
    ).all()
    return any(count >= int(ports.get(Settings).sign_in_failures) for count in counts)


def _pause() -> str:
    minutes = int(_window().total_seconds() // 60)
    return gettext(
        "Too many failed attempts. Wait %(minutes)s minutes, or ask for a link by e-mail.",
        minutes=minutes,
    )


@pages.post("/link")
def send_link() -> ResponseReturnValue:
    """Send a letter with a link, if the address is known; the answer is the same if it is not."""
    form = LinkForm()
    if not form.validate_on_submit():
        return render_template("security/login_user.html", link_form=form), 400
    address = _address(form.address.data)
    account = _account_at(address)
    if account is not None:
        with transaction():
            letters.post_sign_in(
                account.person, address, link_for(account, form.next.data), LINK_MINUTES,
                f"{uuid.uuid4()}@{ports.get(Settings).domain}",
            )  # fmt: skip
    return render_template("security/link_sent.html", address=address)


@pages.get("/link/<token>")
def enter(token: str) -> ResponseReturnValue:
    """The page that the letter leads to; signing in is a press of its button, for mail scanners."""
    account = _account_of(token)
    if account is None:
        return render_template("security/link_dead.html"), 410
    return render_template("security/link_enter.html", token=token, person=account.person)


@pages.post("/link/<token>")
def entered(token: str) -> ResponseReturnValue:
    """Sign in by the letter's link; it works once."""
    account = _account_of(token)
    if account is None:
        return render_template("security/link_dead.html"), 410
    with transaction():
        account = db.session.get_one(Account, account.id, with_for_update={"of": Account})
        account.last_sign_in_at = clock.now()
        record(account.person_id, "account.signed_in", f"account:{account.id}", way="link")
        db.session.execute(
            delete(FailedSignIn).where(FailedSignIn.subject == f"address:{account.email}")
        )
    login_user(account, remember=True, authn_via=["email"])
    flash(gettext("You are signed in."), "ok")
    return redirect(local_path(request.args.get("next")))


def link_for(account: Account, onward: str | None = None) -> str:
    """The address that signs this account in, once, within LINK_MINUTES; then leads `onward`."""
    token = _signer().dumps([account.id, _mark(account)])
    query = "?" + urlencode({"next": local_path(onward)})
    return f"{ports.get(Settings).base_url.rstrip('/')}/sign-in/link/{token}{query}"


def hashed(password: str) -> str:
    """What is kept of a password. Raises Refused("account.short_password")."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused("account.short_password", least=SHORTEST_PASSWORD)
    return str(hash_password(password))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=_SALT)


def _mark(account: Account) -> str:
    """Changes with every sign-in by link, so that a link works once."""
    return account.last_sign_in_at.isoformat() if account.last_sign_in_at else ""


def _account_of(token: str) -> Account | None:
    try:
        account_id, mark = _signer().loads(token, max_age=LINK_MINUTES * 60)
    except (BadSignature, ValueError, TypeError):
        return None
    account = db.session.get(Account, account_id)
    return account if account and account.active and _mark(account) == mark else None


def _account_at(address: str) -> Account | None:
    """The account of an address, be it any of the person's; None where nobody signs in with it."""
    return db.session.scalars(
        select(Account)
        .join(PersonEmail, PersonEmail.person_id == Account.person_id)
        .where(PersonEmail.address == address, Account.active)
    ).first()
