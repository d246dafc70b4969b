"""From the plant file's models to what the engine and the displays work with."""

from dataclasses import dataclass

from engine.config.connections import Connection, Tag
from engine.config.models import PlantConfig
from engine.config.production import LIMIT_NAMES
from engine.model import Access, Scaling, TagDef


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: ``value`` in the tag's unit, ``priority`` 1 critical to 4 low."""

    value: float
    priority: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an analogue tag, for its display bands; None where there is none."""

    hh: Limit | None = None
    h: Limit | None = None
    l: Limit | None = None  # noqa: E741 - the letter is the limit's name
    ll: Limit | None = None
    text: str = ""


def tag_defs(config: PlantConfig, connection_id: str) -> tuple[TagDef, ...]:
    """The tags of one connection in the order of the file; ``KeyError`` for an unknown connection."""
    connection = config.connection(connection_id)
    return tuple(_tag_def(connection, tag) for tag in connection.tags)


def limits_for(config: PlantConfig, connection_id: str, tag_name: str) -> Limits | None:
    """Limits of a tag from the first alarm that gives it any, None without one."""
    names = (f"{connection_id}/{tag_name}", tag_name)
    for alarm in config.alarms:
        if alarm.limits is None or alarm.tag not in names:
            continue
        given = {
            name.lower(): Limit(value, alarm.priority_of(name))
            for name in LIMIT_NAMES
            if (value := getattr(alarm.limits, name)) is not None
        }
        return Limits(**given, text=alarm.text)
    return None


def _tag_def(connection: Connection, tag: Tag) -> TagDef:
    return TagDef(
        connection=connection.id,
        name=tag.name,
        address=tag.address,
        type=tag.type_spec,
        unit=tag.unit,
        description=tag.description,
        range=tag.range,
        scaling=None if tag.scale is None else Scaling(tag.scale.raw, tag.scale.engineering),
        deadband=tag.deadband,
        access=Access.READ_WRITE if tag.writable else Access.READ,
        history=tag.history,
        pulse=tag.pulse,
        normal=tag.normal,
        decimals=tag.decimals,
    )
