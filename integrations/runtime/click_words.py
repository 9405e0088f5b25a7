"""What click says by itself, marked here for the translators: it asks the standard library."""

from __future__ import annotations

from flask_babel import lazy_gettext, lazy_ngettext

CLICK_WORDS = (
    lazy_gettext("Usage:"),
    lazy_gettext("Options"),
    lazy_gettext("Commands"),
    lazy_gettext("required"),
    lazy_gettext("default: {default}"),
    lazy_gettext("Show the version and exit."),
    lazy_gettext("Show this message and exit."),
    lazy_gettext("Error: {message}"),
    lazy_gettext("Try '{command} {option}' for help."),
    lazy_gettext("Invalid value: {message}"),
    lazy_gettext("Invalid value for {param_hint}: {message}"),
    lazy_gettext("Missing argument"),
    lazy_gettext("Missing option"),
    lazy_gettext("Missing command."),
    lazy_gettext("No such option {name!r}."),
    lazy_gettext("No such command {name!r}."),
    lazy_gettext("file"),
    lazy_gettext("directory"),
    lazy_gettext("{name} {filename!r} does not exist."),
    lazy_gettext("{name} {filename!r} is a file."),
    lazy_gettext("{name} {filename!r} is a directory."),
    lazy_gettext("{name} {filename!r} is not readable."),
    lazy_gettext("{value!r} is not a valid {number_type}."),
    lazy_gettext("{value} is not in the range {range}."),
    lazy_gettext("Option {name!r} does not take a value."),
    lazy_ngettext(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1
    ),
    lazy_ngettext(
        "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1
    ),
    lazy_ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1),
    lazy_ngettext(
        "{value!r} does not match the format {format}.",
        "{value!r} does not match the formats {formats}.",
        1,
    ),
)
