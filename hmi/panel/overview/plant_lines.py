"""Which lines the plant has: connections that carry a machine's state tags."""

from dataclasses import dataclass

from engine.config import PlantConfig
from engine.tags import TagDatabase
from hmi.panel.filler_state import ALARM_BITS

_STATE_TAGS = ("StateCurrent", "SystemRunning")
_FAULT_TAG = "Fault"


@dataclass(frozen=True, slots=True)
class AlarmBit:
    """A bit by which the controller itself reports something; ``cause`` may be empty."""

    key: str
    text: str
    cause: str
    priority: int


@dataclass(frozen=True, slots=True)
class PlantLine:
    """One line: a connection, the name people use, and what the plant file says of its machine.

    ``state_key`` is the tag whose history tells the machine's states, ``by_packml`` whether it is a
    PackML number. ``ideal_per_min`` is the best speed in units per minute, None if not given.
    ``fault_key`` says that a fault stops the machine, which is a stop's name and not its cause.
    """

    connection: str
    name: str
    machine: str
    state_key: str
    by_packml: bool
    ideal_per_min: float | None
    fault_key: str
    alarm_bits: tuple[AlarmBit, ...]

    def key(self, tag: str) -> str:
        return f"{self.connection}/{tag}"


def plant_lines(config: PlantConfig, tags: TagDatabase) -> list[PlantLine]:
    """All lines in the order of the plant file."""
    lines = []
    for connection in config.plc_connections:
        machine = next((m for m in config.machines if m.connection == connection.id), None)
        named = machine.states.running if machine and machine.states.running else ""
        candidates = [f"{connection.id}/{name}" for name in (*_STATE_TAGS, named.rpartition("/")[2]) if name]
        state_key = next((key for key in candidates if tags.definition(key) is not None), "")
        if not state_key:
            continue
        fault = machine.states.fault if machine and machine.states.fault else _FAULT_TAG
        cycle_s = machine.ideal_cycle_time_s if machine else None
        lines.append(
            PlantLine(
                connection.id,
                connection.name or connection.id,
                (machine.name or machine.id) if machine else "",
                state_key,
                state_key.endswith("/StateCurrent"),
                60.0 / cycle_s if cycle_s else None,
                f"{connection.id}/{fault.rpartition('/')[2]}",
                alarm_bits(config, tags, connection.id),
            )
        )
    return lines


def alarm_bits(config: PlantConfig, tags: TagDatabase, connection: str) -> tuple[AlarmBit, ...]:
    """The bits the plant file calls alarms, most severe first; without any, the filler's usual ones."""
    found = []
    for alarm in config.alarms:
        key = alarm.tag if "/" in alarm.tag else f"{connection}/{alarm.tag}"
        if alarm.limits is None and key.startswith(f"{connection}/") and tags.definition(key) is not None:
            priority = alarm.priority_of(_ON)
            found.append(AlarmBit(key, alarm.text or _name(tags, key), alarm.cause, priority))
    if not found:
        keys = [f"{connection}/{name}" for name in ALARM_BITS]
        found = [AlarmBit(key, _name(tags, key), "", 3) for key in keys if tags.definition(key) is not None]
    return tuple(sorted(found, key=lambda bit: bit.priority))


_ON = "ON"


def _name(tags: TagDatabase, key: str) -> str:
    definition = tags.definition(key)
    return (definition.description or definition.name) if definition else key
