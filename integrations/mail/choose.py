"""Which way of sending the settings ask for."""

from integrations.mail.folder import FolderMailer
from integrations.mail.port import Mailer
from integrations.mail.smtp import SmtpMailer
from integrations.runtime.settings import Settings

FOLDER = "letters"


def mailer(settings: Settings) -> Mailer:
    """SMTP, or a folder of .eml files inside the data directory."""
    if settings.mail == "smtp":
        return SmtpMailer(settings)
    return FolderMailer(settings.letters_dir)
