"""What the plant file and the connection say of one tag, for its faceplate."""

from dataclasses import dataclass

from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit, format_limit
from hmi.panel.limit import limit_list
from hmi.panel.tag_alarm import alarm_of
from hmi.panel.tag_binding import TagBinding


@dataclass(frozen=True, slots=True)
class LimitFact:
    """One row of the table of limits; ``hit`` while the value is beyond it."""

    priority: int
    word: str
    value: str
    delay: str
    hit: bool = False


def limit_facts(context: PanelContext, binding: TagBinding) -> list[LimitFact]:
    """Limits from the highest to the lowest; one row for an alarm bit; empty without an alarm."""
    alarm = alarm_of(context, binding.key)
    if alarm is None or binding.definition is None:
        return []
    delay = f"{alarm.on_delay_s:g} s"
    hit = binding.look.hit
    limits = binding.limits
    if limits is not None and limits.on_priority is not None:
        text = alarm.text or binding.name
        return [LimitFact(limits.on_priority, text, "On", delay, hit is not None)]
    unit = display_unit(binding.definition.unit)
    return [
        LimitFact(
            limit.priority,
            limit.word,
            f"{format_limit(limit.value)} {unit}".rstrip(),
            delay,
            hit is not None and hit.name == limit.name,
        )
        for limit in limit_list(limits)
    ]


def source_facts(context: PanelContext, binding: TagBinding) -> list[tuple[str, str]]:
    """Where the value comes from: name and text of each fact."""
    tag = binding.definition
    if tag is None:
        return []
    status = context.engine.connection(tag.connection)
    facts = [("Controller", controller_text(context, binding)), ("Address", tag.address)]
    facts.append(("Type", f"{tag.type}, writable" if tag.writable else str(tag.type)))
    if status is not None and status.scan_ms:
        achieved = f", achieved {status.achieved_ms:.0f} ms" if status.achieved_ms else ""
        facts.append(("Scan", f"{status.scan_ms:.0f} ms{achieved}"))
    if tag.deadband:
        facts.append(("Dead-band", f"{tag.deadband:g} {display_unit(tag.unit)}".rstrip()))
    if tag.range is not None:
        low, high = (format_limit(edge) for edge in tag.range)
        facts.append(("Range", f"{low} to {high} {display_unit(tag.unit)}".rstrip()))
    facts.append(("History", "Every change is kept" if tag.history else "Not kept"))
    return facts


def controller_text(context: PanelContext, binding: TagBinding) -> str:
    """``Line 1 · S7-1500``."""
    tag = binding.definition
    if tag is None:
        return ""
    named = next((c for c in context.config.plc_connections if c.id == tag.connection), None)
    if named is None:
        return tag.connection
    family = getattr(named, "family", "") or ""
    return f"{named.name or named.id} · {family}".rstrip(" ·")


def linked_setpoint(context: PanelContext, binding: TagBinding) -> tuple[str, str] | None:
    """(setpoint key, process value key or empty) for a tag that can be set or that has NAME + "Setpoint"."""
    tags, tag = context.engine.tags, binding.definition
    if tag is None or binding.scale is None:
        return None
    if tag.writable and not tag.pulse:
        actual = binding.key.removesuffix("Setpoint")
        follows = actual != binding.key and tags.definition(actual) is not None
        return binding.key, actual if follows else ""
    linked = tags.definition(f"{binding.key}Setpoint")
    return (linked.key, binding.key) if linked is not None and linked.writable else None
