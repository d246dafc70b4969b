"""Payloads as people paste them: hexadecimal or base64; pure, no widgets."""

import base64
import binascii
import re

from PySide6.QtCore import QCoreApplication

MOST_BYTES = 1_000_000
_HEX_NOISE = re.compile(r"0x|[\s:,;\-]|\\x", re.IGNORECASE)
_SPACE = re.compile(r"\s")


def parse_payload(text: str) -> bytes:
    """``08 c1 a6``, ``0x08c1a6``, ``08:c1:a6`` or base64; ValueError with a sentence for anything else."""
    digits = _HEX_NOISE.sub("", text)
    if not digits:
        raise ValueError(_translate("Paste a payload as hexadecimal digits or base64."))
    if len(digits) > 2 * MOST_BYTES:
        raise ValueError(_translate("That is more than a million bytes."))
    if not re.fullmatch(r"[0-9a-fA-F]+", digits):
        return _parse_base64(_SPACE.sub("", text))
    if len(digits) % 2:
        raise ValueError(_translate("One hexadecimal digit is missing: every byte has two."))
    return bytes.fromhex(digits)


def hex_text(payload: bytes, line: int = 32) -> str:
    """``08 c1 a6 …``, so many bytes a line; ``parse_payload`` reads it back."""
    return "\n".join(payload[at : at + line].hex(" ") for at in range(0, len(payload), line))


def _parse_base64(text: str) -> bytes:
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    padded = standard + "=" * (-len(standard) % 4)
    try:
        payload = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        payload = b""
    if not payload:
        raise ValueError(_translate("This is neither hexadecimal nor base64."))
    return payload


def _translate(text: str) -> str:
    return QCoreApplication.translate("Sparkplug", text)
