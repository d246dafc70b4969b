"""Sizes of files and disks as people write them."""

from hmi.panel.display import DASH, format_number

_STEPS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def format_bytes(count: float | None) -> str:
    """``212 GB``, ``4.7 MB``, ``640 bytes``; a dash where it is not known."""
    if count is None:
        return DASH
    for unit, size in _STEPS:
        if count >= size:
            return f"{format_number(count / size, 1 if count < 10 * size else 0)} {unit}"
    return f"{format_number(count)} bytes"
