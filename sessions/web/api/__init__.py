"""The JSON API under /api/v1: bearer tokens only, and only therefore free of CSRF tokens."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from integrations.runtime.settings import Settings


def config(settings: Settings) -> dict[str, object]:
    """flask-smorest's settings."""
    return {}


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register the API."""
