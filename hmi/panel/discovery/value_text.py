"""A value that was read for a look, before anybody said how it is to be shown; pure."""

from engine.discovery import Preview
from engine.model import Scalar
from hmi.panel.display import DASH, MINUS, format_number

_MOST_ELEMENTS = 4


def preview_text(preview: Preview | None) -> str:
    """The value; a dash where it could not be read; nothing where nobody tried."""
    if preview is None:
        return ""
    if preview.value is None:
        return DASH
    if isinstance(preview.value, tuple):
        shown = ", ".join(_scalar(element) for element in preview.value[:_MOST_ELEMENTS])
        return f"{shown}, …" if len(preview.value) > _MOST_ELEMENTS else shown
    return _scalar(preview.value)


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, int):
        return format_number(value)
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", MINUS)
    return value
