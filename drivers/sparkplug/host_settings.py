"""What a host application is told."""

from dataclasses import dataclass

from drivers.sparkplug.rebirths import PER_SECOND


@dataclass(frozen=True, slots=True)
class HostSettings:
    """Keys of ``sparkplug`` in the plant file that concern the host. ``groups``: ids, or # for all."""

    host_id: str
    groups: tuple[str, ...] = ("#",)
    reorder_timeout_s: float = 2.0
    rebirth_interval_s: float = 5.0
    rebirths_per_second: float = PER_SECOND
    datatype_in_commands: bool = True
    legacy_state: bool = False
