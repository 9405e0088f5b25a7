"""Which storage the settings ask for."""

from integrations.runtime.settings import Settings
from integrations.storage.local import LocalStorage
from integrations.storage.port import Storage


def storage(settings: Settings) -> Storage:
    """Files under the data directory."""
    return LocalStorage(settings.data_dir / "files")
