"""How a check is to be carried out: where, with what help, and with how much patience."""

from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.mqtt.base import BrokerSettings
from sim.mqtt_tap import MqttTap
from sim.sparkplug_check.hooks import Hooks

Progress = Callable[[str], None]


def silent(_text: str) -> None:
    """Nobody wants to know how far the check is."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. ``answer_s``: a later answer is none; ``silence_s``: what must not come is waited for as long;
    ``watch_s``: data is listened to; ``reorder_s``: a host's Reorder Timeout."""

    answer_s: float = 10.0
    silence_s: float = 3.0
    watch_s: float = 6.0
    reorder_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Setting:
    """``tap``: started, between the subject and ``broker``. ``second``: another broker the subject knows."""

    broker: BrokerSettings
    hooks: Hooks = field(default_factory=Hooks)
    tap: MqttTap | None = None
    second: BrokerSettings | None = None
    patience: Patience = field(default_factory=Patience)
    progress: Progress = silent
