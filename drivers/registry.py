"""From the type named in the plant file to a driver; its module is imported when it is chosen.

Only for controllers that are polled: MQTT_JSON and SPARKPLUG connections have sessions of their own.
"""

from importlib import import_module
from typing import cast

from drivers.base import DriverFactory
from engine.errors import EngineError

AVAILABLE: dict[str, tuple[str, str]] = {"SIEMENS_S7": ("drivers.s7.driver", "S7Driver")}
"""Type in the plant file -> module and name of its driver."""

ANNOUNCED = frozenset({"ALLEN_BRADLEY"})
"""Types that a plant file may name already and that this version cannot connect to."""


class UnknownDriverError(EngineError):
    """The plant file names a type of controller that there is no driver for."""


def driver_factory(type_name: str) -> DriverFactory:
    """The driver for a connection's ``type``. Raises ``UnknownDriverError``."""
    if type_name in ANNOUNCED:
        raise UnknownDriverError(f"connections of type {type_name} are not available in this version")
    if type_name not in AVAILABLE:
        known = ", ".join(sorted(AVAILABLE))
        raise UnknownDriverError(f"there is no driver for type {type_name!r}; available: {known}")
    module, name = AVAILABLE[type_name]
    return cast("DriverFactory", getattr(import_module(module), name))
