"""What is misconfigured on this machine, and how to mend it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext

from integrations.runtime.settings import Settings, unknown_names

Verdict = Literal["ok", "warning", "problem"]
LEAST_FREE_BYTES = 1_000_000_000
_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, how it stands, what to do where it does not stand well."""

    verdict: Verdict
    what: str
    how: str
    advice: str = ""


Look = Callable[[Settings], Iterator[Finding]]


def before_opening(settings: Settings) -> list[Finding]:
    """What can be said without the database."""
    looks: tuple[Look, ...] = (
        wrong_settings, strange_names, data_directory, secret_file, address, zones, extras,
        office_program,
    )  # fmt: skip
    return [finding for look in looks for finding in look(settings)]


def wrong_settings(settings: Settings) -> Iterator[Finding]:
    """Every setting that cannot be meant, not the first alone."""
    for wrong in settings.problems():
        yield Finding("problem", gettext("Settings"), wrong.what, wrong.advice)


def strange_names(_settings: Settings) -> Iterator[Finding]:
    """Names in the environment that look like settings and are none: a slip of the pen, mostly."""
    for name, like in unknown_names().items():
        advice = (
            gettext("Perhaps %(name)s is meant.", name=like)
            if like
            else gettext("Remove it; the README lists all settings.")
        )
        how = gettext("there is no setting %(name)s", name=name)
        yield Finding("warning", gettext("Settings"), how, advice)


def data_directory(settings: Settings) -> Iterator[Finding]:
    what, folder = gettext("Data directory"), settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield Finding(
            "problem",
            what,
            gettext("%(path)s cannot be written: %(error)s", path=folder, error=error.strerror),
            gettext("Give this user the right to write there, or choose another VZAIMO_DATA."),
        )
        return
    free = shutil.disk_usage(folder).free
    gigabytes = f"{free / 1e9:.1f}"
    if free < LEAST_FREE_BYTES:
        yield Finding(
            "warning",
            what,
            gettext("%(path)s, only %(free)s GB free", path=folder, free=gigabytes),
            gettext("Make room: recordings are kept here."),
        )
    else:
        yield Finding(
            "ok", what, gettext("%(path)s, %(free)s GB free", path=folder, free=gigabytes)
        )


def secret_file(settings: Settings) -> Iterator[Finding]:
    what, path = gettext("Signing secret"), settings.data_dir / "secret.key"
    if settings.secret_key:
        if len(settings.secret_key) < 32:
            yield Finding(
                "problem",
                what,
                gettext("VZAIMO_SECRET_KEY is shorter than 32 characters"),
                gettext("Set a long random one: whoever guesses it signs in as anyone."),
            )
        else:
            yield Finding("ok", what, gettext("from VZAIMO_SECRET_KEY"))
    elif not path.exists():
        yield Finding("ok", what, gettext("will be made at the first start"))
    elif path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(
            "problem",
            what,
            gettext("%(path)s can be read by others", path=path),
            gettext("Run `chmod 600 %(path)s`.", path=path),
        )
    else:
        yield Finding("ok", what, gettext("%(path)s, readable by its owner only", path=path))


def address(settings: Settings) -> Iterator[Finding]:
    what = gettext("Address")
    try:
        url = urlsplit(settings.base_url)
    except ValueError:  # told among the wrong settings
        return
    is_local = url.hostname in _LOCAL
    if is_local and settings.host not in _LOCAL:
        yield Finding(
            "problem",
            what,
            gettext(
                "links in letters lead to %(url)s, which only this machine can open",
                url=settings.base_url,
            ),
            gettext("Set VZAIMO_BASE_URL to the address that people use."),
        )
    elif is_local:
        yield Finding(
            "warning",
            what,
            gettext("%(url)s can be opened from this machine only", url=settings.base_url),
            gettext("For others, set VZAIMO_BASE_URL to the address that people use."),
        )
    elif url.scheme == "http":
        yield Finding(
            "warning",
            what,
            gettext("%(url)s is not encrypted", url=settings.base_url),
            gettext(
                "Put a reverse proxy with a certificate in front, and set VZAIMO_BASE_URL to https."
            ),
        )
    elif settings.trusted_proxies == "0":
        yield Finding(
            "warning",
            what,
            gettext("%(url)s, but no reverse proxy is trusted", url=settings.base_url),
            gettext("Behind a proxy set VZAIMO_TRUSTED_PROXIES=1, or all readers seem to be one."),
        )
    else:
        yield Finding("ok", what, settings.base_url)


def zones(settings: Settings) -> Iterator[Finding]:
    what = gettext("Time zones")
    try:
        shipped = importlib.metadata.version("tzdata")
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            "problem",
            what,
            gettext("the package tzdata is not installed"),
            gettext("Install it: `pip install tzdata`."),
        )
        return
    count = len(available_timezones())
    try:
        ZoneInfo("Asia/Kamchatka")
    except OSError as error:
        yield Finding("problem", what, str(error), gettext("Install it: `pip install tzdata`."))
        return
    yield Finding(
        "ok",
        what,
        gettext(
            "%(count)s zones, tzdata %(version)s; the programme lives by %(zone)s",
            count=count,
            version=shipped,
            zone=settings.timezone,
        ),
    )


def extras(settings: Settings) -> Iterator[Finding]:
    """Parts one may do without; missing where a setting asks for them is a problem."""
    yield _extra(
        "media", "av", gettext("recordings are kept and played unexamined: no length, no picture")
    )
    yield _extra("ocr", "tesserocr", gettext("text in pictures of slides is not found"))
    yield _extra(
        "asr", "faster_whisper", gettext("speech is not written down by itself; bring transcripts")
    )
    yield _extra("s3", "boto3", gettext("files are kept in the data directory"))
    needs_postgres = settings.database.startswith("postgresql")
    yield _extra(
        "postgres", "psycopg", gettext("the database can be SQLite only"), is_needed=needs_postgres
    )


def _extra(name: str, module: str, meaning: str, *, is_needed: bool = False) -> Finding:
    what = gettext("Extra “%(name)s”", name=name)
    if importlib.util.find_spec(module) is not None:
        return Finding("ok", what, gettext("installed"))
    return Finding(
        "problem" if is_needed else "warning",
        what,
        gettext("not installed: %(meaning)s", meaning=meaning),
        gettext("If you need it: `pip install 'vzaimo[%(name)s]'`.", name=name),
    )


def office_program(_settings: Settings) -> Iterator[Finding]:
    what, found = gettext("LibreOffice"), shutil.which("soffice")
    if found:
        yield Finding("ok", what, found)
    else:
        yield Finding(
            "warning",
            what,
            gettext("not found: slides in PPTX and ODP have text, but no pictures"),
            gettext("Install it (on Debian: `apt install libreoffice-impress`), or hand in PDF."),
        )


def worst(findings: list[Finding]) -> Verdict:
    """The gravest verdict among them."""
    found = {finding.verdict for finding in findings}
    return "problem" if "problem" in found else "warning" if "warning" in found else "ok"
