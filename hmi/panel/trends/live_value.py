"""The value of a tag now, as a legend shows it."""

from engine.model import Quality, TagDef
from hmi.panel.context import PanelContext
from hmi.panel.display import DASH, format_value_text


def live_value(context: PanelContext, definition: TagDef) -> tuple[str, bool]:
    """Text, and whether it is true now; the last good value where there is none now."""
    state = context.bridge.state(definition.key)
    if state is None:
        return DASH, False
    if state.sample.quality in (Quality.GOOD, Quality.UNCERTAIN):
        return format_value_text(definition, state.sample.value), True
    last = state.last_good
    return (format_value_text(definition, last.value) if last else DASH), False
