"""Where everyone asks for a driver: the application puts the chosen ones here when it starts.

A driver is filed under its port (the Protocol it fulfils), so asking for a port gives its type.
"""

from __future__ import annotations

from typing import Any, TypeVar

Port = TypeVar("Port")

_drivers: dict[type[Any], Any] = {}


def put(port: type[Port], driver: Port) -> None:
    """File `driver` under `port`, in place of the one before."""
    _drivers[port] = driver


def get(port: type[Port]) -> Port:
    """The driver filed under `port`. Raises LookupError if the application put none there."""
    try:
        driver: Port = _drivers[port]
    except KeyError:
        raise LookupError(f"no driver for {port.__name__}: create_app() puts it there") from None
    return driver
