"""From type and family in the plant file to a driver; its module is imported when it is chosen.

Only for controllers that are polled: MQTT_JSON and SPARKPLUG connections have sessions of their own.
"""

from importlib import import_module
from typing import cast

from drivers.base import DriverFactory
from engine.errors import EngineError

_S7 = ("drivers.s7.driver", "S7Driver")
_LOGIX = ("drivers.logix.driver", "LogixDriver")
_PCCC = ("drivers.pccc.driver", "PcccDriver")
_DRIVERS: dict[str, dict[str, tuple[str, str]]] = {
    "SIEMENS_S7": {"": _S7},
    "ALLEN_BRADLEY": {
        "": _LOGIX,
        "ControlLogix": _LOGIX,
        "CompactLogix": _LOGIX,
        "Micro800": _LOGIX,
        "MicroLogix": _PCCC,
        "SLC-500": _PCCC,
        "PLC-5": _PCCC,
    },
}
"""Type in the plant file -> family (empty: not told) -> module and name of the driver."""

AVAILABLE = frozenset(_DRIVERS)
"""Types that there is a driver for."""


class UnknownDriverError(EngineError):
    """The plant file names a type of controller that there is no driver for."""


def driver_factory(type_name: str, family: str = "") -> DriverFactory:
    """The driver for a connection's ``type`` and ``family``. Raises ``UnknownDriverError``.

    All families of a type that does not tell them apart have its one driver.
    """
    if type_name not in _DRIVERS:
        known = ", ".join(sorted(AVAILABLE))
        raise UnknownDriverError(f"there is no driver for type {type_name!r}; available: {known}")
    families = _DRIVERS[type_name]
    if family not in families and len(families) > 1:
        known = ", ".join(filter(None, families))
        raise UnknownDriverError(f"there is no {type_name} driver for family {family!r}; available: {known}")
    module, name = families.get(family, families[""])
    return cast("DriverFactory", getattr(import_module(module), name))
