"""What settings may be: the least number, the words to choose from, what is a web address."""

from __future__ import annotations

from urllib.parse import urlsplit

# The least that makes sense; with 0 threads, megabytes or seconds nothing would ever be done.
NUMBERS = {
    "port": 1, "threads": 1, "trusted_proxies": 0, "smtp_port": 1, "join_opens_min": 0,
    "quiet_minutes": 0, "upload_limit_mb": 1, "extract_memory_mb": 1, "extract_seconds": 1,
    "sign_in_failures": 1, "sign_in_window_min": 1, "inbox_seconds": 1, "imap_port": 1,
    "mail_per_minute": 0,
}  # fmt: skip
LAST_PORT = 65535
ADDRESSES = {"base_url": "https://meet.example.org", "jitsi_url": "https://meet.jit.si"}
CHOICES = {
    "mail": ("folder", "smtp"),
    "smtp_tls": ("none", "starttls", "ssl"),
    "inbox": ("none", "folder", "imap"),
    "imap_tls": ("none", "starttls", "ssl"),
    "mail_subaddress": ("yes", "no"),
    "forwarded": ("ask", "allow", "reject"),
    "log_format": ("json", "text"),
    "log_level": ("DEBUG", "INFO", "WARNING", "ERROR"),
}
# Several words, a comma between them, or the one that says: none of them.
LISTS = {"reminders": ("week", "day", "hour", "recording")}
NOTHING = "none"


def words(text: str) -> tuple[str, ...]:
    """The words of a list; none for the one that says so."""
    found = tuple(word.strip() for word in text.split(",") if word.strip())
    return () if found == (NOTHING,) else found


def is_web_address(text: str) -> bool:
    """Whether a browser could open it."""
    try:
        address = urlsplit(text)
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:  # such as http://[ or a port that is no number
        return False
