"""Conditions that must hold for the filler to start, as data; shown here, enforced by the controller."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.model import Value


@dataclass(frozen=True, slots=True)
class Interlock:
    """One condition on one tag; ``holds`` is asked only of a value of good quality."""

    text: str
    tag: str
    holds: Callable[[Value], bool]
    shows_value: bool = False


def above(limit: float) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, (int, float)) and value > limit


def below(limit: float) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, (int, float)) and value < limit


def is_off(value: Value) -> bool:
    return value is False


def is_on(value: Value) -> bool:
    return value is True


FILLER_INTERLOCKS = (
    Interlock("No active fault", "Fault", is_off),
    Interlock("Level above 15 %", "FillLevel", above(15.0), shows_value=True),
    Interlock("Pressure below 20 PSI", "TankPressure", below(20.0), shows_value=True),
    Interlock("Caps present", "CapPresent", is_on),
)
"""What the filler's controller asks for before it starts."""


def interlocks_of(tag: str) -> tuple[Interlock, ...]:
    """Those that use a tag, given by its name without the connection."""
    return tuple(interlock for interlock in FILLER_INTERLOCKS if interlock.tag == tag)
