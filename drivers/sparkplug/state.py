"""STATE of a host application: JSON as of version 3; the plain text of version 2 is tolerated. Pure."""

import json
from typing import NamedTuple

from drivers.sparkplug.errors import PayloadError


class HostState(NamedTuple):
    """Whether a host is online, and since when (UTC ms; 0 in version 2, which has no time)."""

    online: bool
    timestamp_ms: int


def parse_state(payload: bytes) -> HostState:
    """Read a STATE message; ``PayloadError`` names what is wrong."""
    legacy = _LEGACY.get(bytes(payload).strip().upper())
    if legacy is not None:
        return HostState(legacy, 0)
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        raise PayloadError("STATE: neither JSON nor ONLINE or OFFLINE") from None
    if not isinstance(content, dict):
        raise PayloadError("STATE: not a JSON object")
    online, timestamp = content.get("online"), content.get("timestamp")
    if not isinstance(online, bool):
        raise PayloadError(f"STATE: online is {_shown(content, 'online')}, not true or false")
    if isinstance(timestamp, bool) or not isinstance(timestamp, int) or timestamp < 0:
        raise PayloadError(f"STATE: timestamp is {_shown(content, 'timestamp')}, not UTC milliseconds")
    return HostState(online, timestamp)


def format_state(state: HostState) -> bytes:
    """The JSON of version 3."""
    return json.dumps(
        {"online": state.online, "timestamp": state.timestamp_ms}, separators=(",", ":")
    ).encode()


def _shown(content: dict[str, object], key: str) -> str:
    return f"{content[key]!r:.60}" if key in content else "missing"


_LEGACY = {b"ONLINE": True, b"OFFLINE": False}
