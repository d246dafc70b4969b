"""Bytes of an exported file as text, in whatever encoding the engineering tool writes."""

import codecs

from engine.discovery import DiscoveryError


def decode_text(data: bytes, source: str) -> str:
    """UTF-8 or UTF-16 with or without their marks, else Windows-1252.

    Raises ``DiscoveryError`` for what is no text at all.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, source)
    if b"\0" in data[:4096]:
        return _strictly(data, "utf-16-be" if data[:1] == b"\0" else "utf-16-le", source)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _strictly(data: bytes, encoding: str, source: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise _no_text(source) from None
    if "\0" in text:
        raise _no_text(source)
    return text


def _no_text(source: str) -> DiscoveryError:
    return DiscoveryError(f"{source} is not a text file, or it is damaged. Export it again.")
