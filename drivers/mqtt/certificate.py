"""Reads of an X.509 certificate what a person needs to see why it was not trusted (RFC 5280). Pure.

The ``ssl`` module tells this only of certificates that it trusts.
"""

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

_UTC_TIME, _EXTENSIONS, _VERSION, _BMP_STRING = 0x17, 0xA3, 0xA0, 0x1E
_SUBJECT_ALT_NAME = b"\x55\x1d\x11"
_COMMON_NAME = b"\x55\x04\x03"
_ORGANIZATION = b"\x55\x04\x0a"
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87


class Certificate(NamedTuple):
    """``names`` are the DNS names and addresses it is valid for; ``subject`` and ``issuer`` common names."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]


class _Element(NamedTuple):
    tag: int
    body: bytes


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate: 64 lower-case hexadecimal digits."""
    return sha256(der).hexdigest()


def parse_certificate(der: bytes) -> Certificate:
    """ValueError where it is not an X.509 certificate."""
    try:
        (certificate,) = _elements(der)
        fields = [item for item in _elements(_first(certificate.body)) if item.tag != _VERSION]
        validity = list(_elements(fields[3].body))
        return Certificate(
            _common_name(fields[4].body),
            _common_name(fields[2].body),
            _time(validity[0]),
            _time(validity[1]),
            tuple(_alternative_names(fields)),
        )
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError("not a certificate") from error


def _elements(data: bytes) -> Iterator[_Element]:
    """The DER elements of a constructed value, one after the other."""
    at = 0
    while at < len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            octets = size & 0x7F
            size = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + size > len(data):
            raise ValueError("a field is longer than the certificate")
        yield _Element(tag, data[at : at + size])
        at += size


def _first(data: bytes) -> bytes:
    """What is in the first element."""
    for element in _elements(data):
        return element.body
    raise ValueError("a field is empty")


def _common_name(name: bytes) -> str:
    """The common name, or else the organization; empty if there is neither."""
    found = {}
    for relative in _elements(name):
        for attribute in _elements(relative.body):
            kind, value = _elements(attribute.body)
            found[kind.body] = value.body.decode("utf-16-be" if value.tag == _BMP_STRING else "utf-8")
    return found.get(_COMMON_NAME) or found.get(_ORGANIZATION, "")


def _time(element: _Element) -> datetime:
    text = element.body.decode("ascii")
    if element.tag == _UTC_TIME:
        century = "19" if int(text[:2]) >= 50 else "20"
        text = century + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _alternative_names(fields: list[_Element]) -> Iterator[str]:
    for extensions in (item for item in fields if item.tag == _EXTENSIONS):
        for extension in _elements(_first(extensions.body)):
            parts = list(_elements(extension.body))
            if parts[0].body == _SUBJECT_ALT_NAME:
                for name in _elements(_first(parts[-1].body)):
                    if name.tag == _DNS_NAME:
                        yield name.body.decode("ascii")
                    elif name.tag == _IP_ADDRESS:
                        yield str(ipaddress.ip_address(name.body))
