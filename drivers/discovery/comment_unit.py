"""Engineering units that people write at the end of a comment: ``Fill level [%]``."""

import re

_BRACKET_AT_END = re.compile(r"^(?P<text>.*?)\s*\[\s*(?P<unit>[^\[\]]{1,16}?)\s*\]\s*\.?$", re.DOTALL)
_PARTS = re.compile(r"[/*·⋅ ]")
_POWER = re.compile(r"(?:\^?-?[0-9]|[²³])$")
_PREFIXED = (
    "m",
    "g",
    "s",
    "A",
    "V",
    "W",
    "Wh",
    "VA",
    "var",
    "Hz",
    "Pa",
    "bar",
    "N",
    "Nm",
    "J",
    "Ohm",
    "Ω",
    "l",
    "L",
    "S",
    "F",
)
_PREFIXES = ("", "k", "M", "G", "m", "u", "µ", "μ", "n", "c", "d", "h")
_OTHERS = """
    % ‰ ppm ppb ° °C °F °Bx °P K degC degF deg rad grad C F psi psig psia mmHg mmH2O inHg atm
    t lb lbs oz in ft yd gal min h hr d sec ms rpm rev U Umdr fpm cfm gpm bpm bph
    pcs pc St Stk Stück units unit bottles bottle cans can cases packs pack pallets cycles counts count
    parts imp inc pulses bit digit pH Brix dB dBA lux lx cd lm kcal cal hp PS mol cP cSt NTU FTU
    EUR USD kgf ozin lbf inch mil um NM HZ VAR RPM PSI BAR PCS MIN SEC MS PH
"""
_UNITS = frozenset(prefix + unit for prefix in _PREFIXES for unit in _PREFIXED) | frozenset(_OTHERS.split())


def split_unit(comment: str) -> tuple[str, str]:
    """The text without the unit in brackets at its end, and the unit; empty if there clearly is none."""
    cleaned = " ".join(comment.split())
    match = _BRACKET_AT_END.match(cleaned)
    if match is None or not is_unit(match["unit"]):
        return cleaned, ""
    return match["text"], match["unit"]


def is_unit(text: str) -> bool:
    """Whether every part of it is known as a unit: ``L/min``, ``m/s²``, ``bottles/min``, ``N·m``."""
    parts = _PARTS.split(text)
    return text != "1" and all(part == "1" or _POWER.sub("", part) in _UNITS for part in parts)
