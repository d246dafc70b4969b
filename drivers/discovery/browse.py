"""Browses a controller, whatever its family."""

from collections.abc import Callable
from importlib import import_module

from engine.cancel import CancelToken
from engine.clock import Clock, SystemClock
from engine.discovery import Browsed, DiscoveryError, Progress, Target

Browse = Callable[[Target, Progress, Clock, CancelToken], Browsed]

_LOGIX = ("drivers.discovery.browse_logix", "browse_logix")
_PCCC = ("drivers.discovery.browse_pccc", "browse_pccc")
_BROWSERS = {
    "ControlLogix": _LOGIX,
    "CompactLogix": _LOGIX,
    "Micro800": _LOGIX,
    "MicroLogix": _PCCC,
    "SLC-500": _PCCC,
    "PLC-5": _PCCC,
}


def browse(
    target: Target, progress: Progress, clock: Clock | None = None, *, cancel: CancelToken | None = None
) -> Browsed:
    """Names, types and dimensions as the controller itself tells them; its session is closed again.

    ``progress`` may raise to give up; ``cancel`` ends it even while it waits for an answer, with
    ``DiscoveryCancelledError``. Raises ``DiscoveryError``.
    """
    if target.type == "SIEMENS_S7":
        where = ("drivers.discovery.browse_s7", "browse_s7")
    elif target.type == "ALLEN_BRADLEY" and target.family in _BROWSERS:
        where = _BROWSERS[target.family]
    else:
        kind = " ".join(text for text in (target.type, target.family) if text)
        raise DiscoveryError(f"{target.host}: a {kind} controller cannot be browsed; choose its family first")
    module, name = where
    browser: Browse = getattr(import_module(module), name)
    return browser(target, progress, clock or SystemClock(), cancel or CancelToken())
