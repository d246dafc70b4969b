"""From a target of discovery to what drivers are told about a controller. Pure."""

from drivers.base import ConnectionSettings
from engine.discovery import Target


def settings_of(target: Target) -> ConnectionSettings:
    """A connection as the plant file would describe it; a route behind the host is taken off."""
    host, _, route = target.host.partition("/")
    return ConnectionSettings(
        id="discovery",
        type=target.type,
        family=target.family,
        host=host,
        port=target.port,
        rack=target.rack,
        slot=target.slot,
        timeout_s=target.timeout_s,
        route=route,
    )
