"""Which tags can be drawn, and which of them a new panel begins with."""

from engine.model import FLOAT_TYPES, NUMERIC_TYPES, DataType, TagDef
from hmi.panel.context import PanelContext

FIRST_PENS = 4


def can_be_drawn(definition: TagDef) -> bool:
    """Single numbers and bits that are recorded."""
    drawable = definition.type.base in NUMERIC_TYPES or definition.type.base is DataType.BOOL
    return definition.history and drawable and not definition.type.length


def drawable_tags(context: PanelContext) -> list[TagDef]:
    return [d for d in context.engine.tags.definitions() if can_be_drawn(d)]


def first_keys(context: PanelContext) -> list[str]:
    """What to draw before anybody chose: values with limits, in the order of the plant file.

    Where there are several lines, those of the one that was looked at last.
    """
    line = context.scope.line if context.lines.several else ""
    limited = [d for d in drawable_tags(context) if _has_marks(context, d.key)]
    of_line = [d for d in limited if d.connection == line] or limited
    order = [alarm.tag for alarm in context.config.alarms]

    def place(tag: TagDef) -> int:
        found = (order.index(name) for name in (tag.key, tag.name) if name in order)
        return next(found, len(order))

    return [d.key for d in sorted(of_line, key=place)[:FIRST_PENS]]


def is_step(definition: TagDef) -> bool:
    """Bits and whole numbers jump; only REAL and LREAL move."""
    return definition.type.base not in FLOAT_TYPES


def scan_us(context: PanelContext, definition: TagDef) -> int:
    """How often the tag is read."""
    for connection in context.config.plc_connections:
        if connection.id == definition.connection:
            return round(connection.scan_rate_ms * 1000)
    return 1_000_000


def running_key(context: PanelContext, connection: str | None) -> str | None:
    """The tag that says whether the machine of this connection runs (of any, for None)."""
    for machine in context.config.machines:
        name = machine.states.running
        if name is None or connection not in (None, machine.connection):
            continue
        for key in (f"{machine.connection}/{name}", name):
            if context.engine.tags.definition(key) is not None:
                return key
    return None


def _has_marks(context: PanelContext, key: str) -> bool:
    limits = context.limits(key)
    return limits is not None and bool(limits.marks())
