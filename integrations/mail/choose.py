"""Which ways of sending and of reading mail the settings ask for."""

from integrations.mail.folder import FolderMailer
from integrations.mail.folder_inbox import FolderInbox
from integrations.mail.imap_inbox import ImapInbox
from integrations.mail.inbox_port import Inbox, NoInbox
from integrations.mail.port import Mailer
from integrations.mail.smtp import SmtpMailer
from integrations.runtime.settings import Settings

FOLDER = "letters"


def mailer(settings: Settings) -> Mailer:
    """SMTP, or a folder of .eml files inside the data directory."""
    if settings.mail == "smtp":
        return SmtpMailer(settings)
    return FolderMailer(settings.letters_dir)


def inbox(settings: Settings) -> Inbox:
    """A mailbox over IMAP, a folder inside the data directory, or none."""
    if settings.inbox == "imap":
        return ImapInbox(settings)
    if settings.inbox == "folder":
        return FolderInbox(settings.inbox_dir)
    return NoInbox()
