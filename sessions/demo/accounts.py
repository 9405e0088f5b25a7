"""The two sign-ins of a demonstration, which its sign-in page offers at a press."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

HOST_KEY, GUEST_KEY = "orlova", "lozhkina"
HOST = ("n.orlova@centre.moscow.example", "orlova-demo")
GUEST = ("m.lozhkina@school171.perm.example", "lozhkina-demo")

# (label, address, password)
DEMO_ACCOUNTS: tuple[tuple[Any, str, str], ...] = (
    (lazy_gettext("%(name)s, host", name="Наталья Орлова"), *HOST),
    (lazy_gettext("%(name)s, participant", name="Марина Ложкина"), *GUEST),
)
