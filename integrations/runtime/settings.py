"""Every setting: its environment name, its default and what it is for, in one table."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from integrations.runtime import allowed
from integrations.runtime.errors import Misconfigured

PREFIX = "VZAIMO_"


def _setting(env: str, default: str, help: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"env": env, "help": help, "secret": secret})


def _data_home() -> str:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(base) / "vzaimo")


@dataclass(frozen=True)
class Settings:
    """What the operator decided. Every field is text; the properties below give it its type."""

    data: str = _setting(
        "VZAIMO_DATA", "", "directory that holds everything kept (default: ~/.local/share/vzaimo)"
    )
    database_url: str = _setting(
        "VZAIMO_DATABASE_URL", "", "SQLAlchemy URL (default: SQLite inside the data directory)"
    )
    secret_key: str = _setting(
        "VZAIMO_SECRET_KEY",
        "",
        "signs cookies and links (default: made once, kept in the data directory)",
        secret=True,
    )
    base_url: str = _setting(
        "VZAIMO_BASE_URL", "http://127.0.0.1:8000", "address that people and letters use"
    )
    host: str = _setting("VZAIMO_HOST", "127.0.0.1", "interface that `vzaimo serve` listens on")
    port: str = _setting("VZAIMO_PORT", "8000", "port that `vzaimo serve` listens on")
    threads: str = _setting("VZAIMO_THREADS", "8", "threads of the web server")
    trusted_proxies: str = _setting(
        "VZAIMO_TRUSTED_PROXIES",
        "0",
        "number of reverse proxies in front whose X-Forwarded-* count",
    )
    programme: str = _setting("VZAIMO_PROGRAMME", "Взаимообучение городов", "name of the programme")
    programme_en: str = _setting(
        "VZAIMO_PROGRAMME_EN", "", "its English name (default: the same name)"
    )
    timezone: str = _setting("VZAIMO_TIMEZONE", "Europe/Moscow", "IANA zone of the programme")
    mail: str = _setting(
        "VZAIMO_MAIL", "folder", "how letters leave: `folder` (.eml files) or `smtp`"
    )
    mail_from: str = _setting(
        "VZAIMO_MAIL_FROM", "vzaimo@localhost", "address that letters come from"
    )
    uid_domain: str = _setting(
        "VZAIMO_UID_DOMAIN",
        "",
        "domain in calendar UIDs and Message-IDs (default: that of VZAIMO_MAIL_FROM)",
    )
    smtp_host: str = _setting("VZAIMO_SMTP_HOST", "127.0.0.1", "SMTP server")
    smtp_port: str = _setting("VZAIMO_SMTP_PORT", "25", "SMTP port")
    smtp_user: str = _setting("VZAIMO_SMTP_USER", "", "SMTP user, empty for none")
    smtp_password: str = _setting("VZAIMO_SMTP_PASSWORD", "", "SMTP password", secret=True)
    smtp_tls: str = _setting("VZAIMO_SMTP_TLS", "none", "`none`, `starttls` or `ssl`")
    mail_per_minute: str = _setting(
        "VZAIMO_MAIL_PER_MINUTE",
        "0",
        "how many letters of mailings leave in a minute, over all workers; 0: as fast as it goes",
    )
    inbox: str = _setting(
        "VZAIMO_INBOX",
        "none",
        "where answers come in: `none`, `folder` (.eml files in the data directory) or `imap`",
    )
    inbox_seconds: str = _setting(
        "VZAIMO_INBOX_SECONDS", "60", "seconds between two looks into the mailbox"
    )
    imap_host: str = _setting("VZAIMO_IMAP_HOST", "127.0.0.1", "IMAP server")
    imap_port: str = _setting("VZAIMO_IMAP_PORT", "993", "IMAP port")
    imap_user: str = _setting("VZAIMO_IMAP_USER", "", "IMAP user")
    imap_password: str = _setting("VZAIMO_IMAP_PASSWORD", "", "IMAP password", secret=True)
    imap_tls: str = _setting("VZAIMO_IMAP_TLS", "ssl", "`none`, `starttls` or `ssl`")
    imap_folder: str = _setting(
        "VZAIMO_IMAP_FOLDER", "INBOX", "folder of the mailbox in which answers arrive"
    )
    mail_subaddress: str = _setting(
        "VZAIMO_MAIL_SUBADDRESS",
        "yes",
        "whether letters to name+anything@domain reach the mailbox; `vzaimo doctor --letter` tells",
    )
    authserv_id: str = _setting(
        "VZAIMO_AUTHSERV_ID",
        "",
        "name under which our mail server writes Authentication-Results; empty: none is believed",
    )
    forwarded: str = _setting(
        "VZAIMO_FORWARDED",
        "ask",
        "answers from addresses that were not invited: `ask` the host, `allow` or `reject`",
    )
    jitsi_url: str = _setting(
        "VZAIMO_JITSI_URL", "https://meet.jit.si", "Jitsi server on which rooms are named"
    )
    join_opens_min: str = _setting(
        "VZAIMO_JOIN_OPENS_MIN", "30", "minutes before the start at which the join link opens"
    )
    quiet_minutes: str = _setting(
        "VZAIMO_QUIET_MINUTES",
        "5",
        "minutes without a further change after which letters about changes leave",
    )
    reminders: str = _setting(
        "VZAIMO_REMINDERS",
        "day,hour,recording",
        "of what people are reminded: `week`, `day`, `hour` (before the start), `recording`; or "
        "`none`. A series may say otherwise",
    )
    upload_limit_mb: str = _setting(
        "VZAIMO_UPLOAD_LIMIT_MB", "4096", "largest upload, in megabytes"
    )
    extract_memory_mb: str = _setting(
        "VZAIMO_EXTRACT_MEMORY_MB", "1024", "memory that reading one file may take"
    )
    extract_seconds: str = _setting(
        "VZAIMO_EXTRACT_SECONDS", "300", "seconds that reading one file may take"
    )
    sign_in_failures: str = _setting(
        "VZAIMO_SIGN_IN_FAILURES", "10", "failed sign-ins of an address or a network before a pause"
    )
    sign_in_window_min: str = _setting(
        "VZAIMO_SIGN_IN_WINDOW_MIN", "15", "minutes in which they are counted, and the pause lasts"
    )
    log_format: str = _setting("VZAIMO_LOG_FORMAT", "json", "`json` lines or `text`")
    log_level: str = _setting("VZAIMO_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR")
    demo: str = _setting(
        "VZAIMO_DEMO", "", "set by `vzaimo demo`: shows the mailbox page and ready sign-ins"
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **override: str) -> Settings:
        """The settings in `environ`, `override` (by field name) on top. Raises Misconfigured."""
        settings = cls.as_told(environ, **override)
        settings.check()
        return settings

    @classmethod
    def as_told(cls, environ: Mapping[str, str] = os.environ, **override: str) -> Settings:
        """The same unchecked, for one who wants to name all that is wrong."""
        given = {
            f.name: environ[f.metadata["env"]]
            for f in fields(cls)
            if environ.get(f.metadata["env"], "") != ""
        }
        return cls(**{**given, **override})

    def check(self) -> None:
        """Raises Misconfigured for the first setting that cannot be meant."""
        for problem in self.problems():
            raise problem

    def problems(self) -> list[Misconfigured]:
        """Every setting that cannot be meant, each with what to give instead."""
        return [*self._wrong_words(), *self._wrong_addresses()]

    def _wrong_words(self) -> Iterator[Misconfigured]:
        for name, least in allowed.NUMBERS.items():
            text = getattr(self, name)
            if not (text.isascii() and text.isdigit() and int(text) >= least):
                advice = gettext("Give a whole number, %(least)s or more.", least=least)
                yield self._wrong(name, advice)
            elif name.endswith("port") and int(text) > allowed.LAST_PORT:
                yield self._wrong(name, gettext("Ports go up to %(last)s.", last=allowed.LAST_PORT))
        for name, choice in allowed.CHOICES.items():
            if getattr(self, name) not in choice:
                advice = gettext("Choose one of: %(words)s.", words=", ".join(choice))
                yield self._wrong(name, advice)
        for name, choice in allowed.LISTS.items():
            if not set(allowed.words(getattr(self, name))) <= set(choice):
                words = ", ".join((*choice, allowed.NOTHING))
                yield self._wrong(name, gettext("Choose among: %(words)s.", words=words))
        try:
            ZoneInfo(self.timezone)
        except (KeyError, OSError, ValueError):  # unknown, a folder, no name at all
            yield self._wrong("timezone", gettext("Give an IANA name such as Europe/Moscow."))

    def _wrong_addresses(self) -> Iterator[Misconfigured]:
        for name, like in allowed.ADDRESSES.items():
            if not allowed.is_web_address(getattr(self, name)):
                advice = gettext("Give an address such as %(example)s.", example=like)
                yield self._wrong(name, advice)

    def _wrong(self, name: str, advice: str) -> Misconfigured:
        told = repr(getattr(self, name))
        return Misconfigured(
            gettext("%(name)s is %(value)s", name=env_name(name), value=told), advice
        )

    @property
    def data_dir(self) -> Path:
        """The data directory, absolute."""
        return Path(self.data or _data_home()).expanduser().absolute()

    @property
    def letters_dir(self) -> Path:
        """Where letters lie as .eml files when they do not leave by SMTP."""
        return self.data_dir / "letters"

    @property
    def inbox_dir(self) -> Path:
        """Where answers are dropped as .eml files when they do not come by IMAP."""
        return self.data_dir / "inbox"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'vzaimo.sqlite'}"

    @property
    def domain(self) -> str:
        """The domain that stands in UIDs and Message-IDs."""
        return self.uid_domain or self.mail_from.rpartition("@")[2]

    @property
    def reminder_kinds(self) -> tuple[str, ...]:
        """Of what people are reminded where a series says nothing of its own."""
        return allowed.words(self.reminders)

    @property
    def is_demo(self) -> bool:
        return bool(self.demo)

    @property
    def upload_limit_bytes(self) -> int:
        return int(self.upload_limit_mb) * 1_000_000

    def secret(self) -> str:
        """The signing secret: the configured one, or the one kept in the data directory.

        Made on the first call, readable by the owner only; two processes agree on one.
        """
        if self.secret_key:
            return self.secret_key
        kept = self.data_dir / "secret.key"
        if not kept.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            fresh = self.data_dir / f"secret.{os.getpid()}.{secrets.token_hex(4)}"
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
            try:
                os.link(fresh, kept)  # fails where another process was first: theirs counts
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return kept.read_text()

    def as_environ(self) -> dict[str, str]:
        """The environment that gives a child process these settings."""
        return {
            f.metadata["env"]: str(getattr(self, f.name))
            for f in fields(self)
            if getattr(self, f.name) != ""
        }


def unknown_names(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Names that begin like ours and mean nothing, each with the setting it resembles, or ""."""
    ours = [f.metadata["env"].removeprefix(PREFIX) for f in fields(Settings)]
    strange = [name.removeprefix(PREFIX) for name in sorted(environ) if name.startswith(PREFIX)]
    like = {name: get_close_matches(name, ours, 1, 0.7) for name in strange if name not in ours}
    return {PREFIX + name: PREFIX + found[0] if found else "" for name, found in like.items()}


def env_name(field_name: str) -> str:
    """The environment name of a setting."""
    name: str = Settings.__dataclass_fields__[field_name].metadata["env"]
    return name


def table() -> list[tuple[str, str, str]]:
    """(environment name, default, what it is for) of every setting, in the order of the README."""
    return [(f.metadata["env"], str(f.default), f.metadata["help"]) for f in fields(Settings)]
