"""A message as the checker's own client received it."""

from typing import NamedTuple

CLOCK_TOLERANCE_MS = 60_000
"""Clocks of the subject and of this machine may differ by this much."""


class Observed(NamedTuple):
    """``qos`` and ``retain`` as published; ``retain`` None where MQTT 3.1.1 hides it."""

    topic: str
    payload: bytes
    qos: int
    retain: bool | None
    received_ms: int


def is_now(timestamp_ms: int, received_ms: int) -> bool:
    """Whether a timestamp is UTC milliseconds of about the time of receipt."""
    return abs(timestamp_ms - received_ms) <= CLOCK_TOLERANCE_MS


def describe_time(timestamp_ms: int, received_ms: int) -> str:
    """How far a timestamp is from the time of receipt, in words."""
    difference_s = (timestamp_ms - received_ms) / 1000
    if abs(timestamp_ms * 1000 - received_ms) < CLOCK_TOLERANCE_MS * 1000:
        return f"timestamp {timestamp_ms} looks like seconds, not milliseconds"
    return f"timestamp {timestamp_ms} is {difference_s:+.0f} s away from the time of receipt"
