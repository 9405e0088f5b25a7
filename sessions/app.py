"""The application put together: the one module that knows all others."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import archive.views
import archive.views_search
import sessions.letters
import sessions.models  # the migrations compare against all tables
import sessions.reminder_letters  # noqa: F401 registers how its letters are written
from archive import pipeline  # noqa: F401 registers its jobs
from integrations.conferencing import choose as conferencing
from integrations.conferencing.port import Services
from integrations.mail import choose as mail
from integrations.mail import mailing  # noqa: F401 registers its job
from integrations.mail.inbox_port import Inbox
from integrations.mail.port import Mailer
from integrations.runtime import language, logs, ports
from integrations.runtime.database import db, engine_options
from integrations.runtime.settings import Settings
from integrations.storage import choose as storage
from integrations.storage.port import Storage
from integrations.textsearch import choose as textsearch
from integrations.textsearch.port import TextIndex
from sessions import inbox as _inbox  # noqa: F401 registers its job
from sessions import incoming_reactions, reactions, reminder_reactions, web
from sessions.demo import accounts, open_room  # noqa: F401 a demonstration has a job of its own
from sessions.web import (
    api,
    compression,
    errors,
    guard,
    headers,
    limits,
    look,
    signing_in,
    unsubscribing,
)
from sessions.web.row_ids import RowId, refuse_huge_numbers

TEMPLATES = Path(__file__).parents[1] / "templates"
MIGRATIONS = Path(__file__).parent / "migrations"
FORM_BYTES = 2_000_000

csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application for these settings (default: those of the environment)."""
    settings = settings or Settings.from_env()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    logs.configure(settings)
    app = Flask(
        "vzaimo",
        root_path=str(TEMPLATES),
        template_folder=str(TEMPLATES),
        static_folder=str(TEMPLATES / "static"),
    )
    app.url_map.converters["int"] = RowId
    app.url_map.strict_slashes = False  # a slash typed by hand changes nothing
    app.before_request(refuse_huge_numbers)
    app.config.update(_config(settings))
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    Babel(app, locale_selector=guard.locale, timezone_selector=lambda: settings.timezone)
    csrf.init_app(app)
    _put_drivers(settings)
    reactions.install()
    incoming_reactions.install()
    reminder_reactions.install()
    if int(settings.trusted_proxies):
        hops = int(settings.trusted_proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]
    compression.install(app)
    headers.install(app)
    guard.install(app)
    signing_in.install(app)
    errors.install(app)
    look.install(app, guard.reader)
    web.install(app)
    csrf.exempt(unsubscribing.pages)  # mail programs post there by themselves
    app.register_blueprint(archive.views.pages)
    app.register_blueprint(archive.views_search.pages)
    api.install(app, csrf)
    limits.install(app)
    return app


def _put_drivers(settings: Settings) -> None:
    ports.put(Settings, settings)
    ports.put(Mailer, mail.mailer(settings))
    ports.put(Inbox, mail.inbox(settings))
    ports.put(Storage, storage.storage(settings))
    ports.put(TextIndex, textsearch.choose(settings.data_dir / "index"))
    ports.put(Services, conferencing.services(settings))


def _config(settings: Settings) -> dict[str, object]:
    secure = settings.base_url.startswith("https:")
    return {
        "SECRET_KEY": settings.secret(),
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database),
        "MAX_CONTENT_LENGTH": settings.upload_limit_bytes,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": language.DEFAULT,
        "BABEL_DEFAULT_TIMEZONE": settings.timezone,
        "BABEL_TRANSLATION_DIRECTORIES": str(TEMPLATES / "locale"),
        "PROGRAMME": settings.programme,
        "PROGRAMME_EN": settings.programme_en,
        "TIMEZONE": settings.timezone,
        "DEMO_ACCOUNTS": list(accounts.DEMO_ACCOUNTS) if settings.is_demo else [],
        **signing_in.config(settings),
        **api.config(settings),
    }
