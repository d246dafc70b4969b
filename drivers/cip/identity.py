"""Who a CIP device is and whether it runs: the Identity object, as read or as ListIdentity tells it."""

import struct
from dataclasses import dataclass

STATE_UNKNOWN = 255
_FIELDS = struct.Struct("<HHHBBHI")
_LIST_ITEM = struct.Struct("<HHHHHI8x")
_IDENTITY_ITEM = 0x0C
_ROCKWELL = 1
_PROGRAMMABLE_CONTROLLER = 14
_RUNNING = {5: False, 6: True, 7: False}


@dataclass(frozen=True, slots=True)
class CipIdentity:
    """Attributes 1 to 7 of the Identity object; ``state`` (8) is 255 where it was not told."""

    vendor: int
    device_type: int
    product_code: int
    major: int
    minor: int
    status: int
    serial: int
    product_name: str
    state: int = STATE_UNKNOWN

    @property
    def text(self) -> str:
        """As in ``1756-L83E/B · FW 32.11 · SN 0012ABCD``."""
        name = self.product_name or "unnamed device"
        return f"{name} · FW {self.firmware} · SN {self.serial:08X}"

    @property
    def firmware(self) -> str:
        return f"{self.major}.{self.minor:02d}"

    @property
    def running(self) -> bool | None:
        """Whether a Rockwell controller executes its program; None where it does not tell.

        In bits 4 to 7 of the status these controllers say 6 in RUN, 7 in PROGRAM and 5 after a major fault.
        """
        if self.vendor != _ROCKWELL or self.device_type != _PROGRAMMABLE_CONTROLLER:
            return None
        return running_of(self.status)

    @property
    def is_micro800(self) -> bool:
        return self.product_name.startswith("2080")


def running_of(status: int) -> bool | None:
    """Whether a Rockwell controller with this identity status executes its program."""
    return _RUNNING.get(status >> 4 & 0xF)


def parse_identity(data: bytes) -> CipIdentity:
    """From Get_Attributes_All of the Identity object. Raises ``ValueError``."""
    if len(data) <= _FIELDS.size:
        raise ValueError("an identity that is too short")
    size = data[_FIELDS.size]
    end = _FIELDS.size + 1 + size
    if len(data) < end:
        raise ValueError("an identity whose name is cut off")
    name = data[_FIELDS.size + 1 : end].decode("latin-1")
    cleaned = "".join(letter for letter in name if letter.isprintable()).strip()
    state = data[end] if len(data) > end else STATE_UNKNOWN
    vendor, device_type, code, major, minor, status, serial = _FIELDS.unpack_from(data)
    return CipIdentity(vendor, device_type, code, major, minor, status, serial, cleaned, state)


def parse_list_identity(data: bytes) -> tuple[CipIdentity, str]:
    """Identity, and the device's own IPv4 address, from the data of a ListIdentity reply.

    Raises ``ValueError``.
    """
    if len(data) < 2 or not int.from_bytes(data[:2], "little"):
        raise ValueError("a ListIdentity reply without an item")
    if len(data) < 2 + _LIST_ITEM.size:
        raise ValueError("a ListIdentity reply that is too short")
    kind, size, *_ = _LIST_ITEM.unpack_from(data, 2)
    if kind != _IDENTITY_ITEM or len(data) < 6 + size:
        raise ValueError("a ListIdentity reply with an unexpected item")
    address = ".".join(str(part) for part in data[12:16])
    return parse_identity(data[2 + _LIST_ITEM.size : 6 + size]), address
