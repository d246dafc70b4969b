"""How figures, ages and times are written on the panel; pure text, no Qt."""

from datetime import UTC, datetime, tzinfo

from engine.model import TagDef, Value

THIN_SPACE = "\u2009"
DASH = "\u2014"
MINUS = "\u2212"
_UNITS = {"degC": "°C", "degF": "°F", "rpm": "RPM", "psi": "PSI", "l/min": "L/min", "m3/h": "m³/h"}


def format_number(value: float, decimals: int = 0) -> str:
    """Thin space between thousands, a true minus sign, a point before the decimals: ``8 640``, ``−0.4``."""
    if value != value:
        return DASH
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN_SPACE)
    negative = value < 0 and text.strip("0.") != ""
    return f"{MINUS}{text}" if negative else text


def format_limit(value: float) -> str:
    """A limit or a scale mark: no more decimals than it needs."""
    return format_number(value, 0) if value == round(value) else f"{value:g}".replace("-", MINUS)


def format_value_text(definition: TagDef, value: Value | None) -> str:
    """The value without its unit: decimals of the tag, On and Off, a dash where there is none."""
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, tuple):
        return ", ".join(format_value_text(definition, element) for element in value)
    if isinstance(value, str):
        return value
    return format_number(value, definition.decimals if isinstance(value, float) else 0)


def display_unit(unit: str) -> str:
    """The unit as people write it: ``°C`` for degC, ``RPM`` for rpm."""
    return _UNITS.get(unit, unit)


def format_with_unit(text: str, unit: str) -> str:
    return f"{text} {display_unit(unit)}".rstrip()


def format_age(seconds: float) -> str:
    """``0.2 s``, ``41 s``, ``27 min 40 s``, ``3 h 05 min``, ``2 d 4 h``."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s" if whole % 60 else f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def format_duration(seconds: float) -> str:
    """A coarse length of time that must not twitch: ``40 s``, ``15 min``, ``3 h 05 min``."""
    whole = int(max(0.0, seconds))
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 3600 else format_age(whole)


def format_time(time_us: int, zone: tzinfo | None = None) -> str:
    """HH:MM:SS of a UTC time in the zone of the site (None: the machine's own)."""
    return _local(time_us, zone).strftime("%H:%M:%S")


def format_minute(time_us: int, zone: tzinfo | None = None) -> str:
    return _local(time_us, zone).strftime("%H:%M")


def format_time_ms(time_us: int, zone: tzinfo | None = None) -> str:
    """HH:MM:SS.mmm, for lists of changes."""
    local = _local(time_us, zone)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def _local(time_us: int, zone: tzinfo | None) -> datetime:
    seconds, micros = divmod(time_us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros).astimezone(zone)
