"""Which conferencing services the settings offer."""

from integrations.conferencing.jitsi import Jitsi
from integrations.conferencing.port import Services
from integrations.runtime.settings import Settings


def services(settings: Settings) -> Services:
    """Jitsi, on the configured server."""
    return Services(Jitsi(settings.jitsi_url, settings.secret()))
