"""System status lists (SZL): what a simulated CPU says of itself. Pure.

Layouts as in Siemens' "System and Standard Functions", chapter System Status Lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

_LIST = Struct(">HHHH")
_MODULE = Struct(">H20sHHH")
_COMPONENT = Struct(">H32s")
_COMMUNICATION = Struct(">HHHII26x")
_PROTECTION = Struct(">HHHHHH28x")
_MODE = Struct(">HBB4x4x8s")

_INVALID_ID = 0xD401
_INVALID_INDEX = 0xD402
_RUN = 0x08
_EVENT_TO_RUN = 0x4302
_EVENT_TO_STOP = 0x4304
_BUS_RATE = 187_500
_SERVED = (0x0000, 0x0F00, 0x0011, 0x0111, 0x0F11, 0x001C, 0x011C, 0x0F1C, 0x0131, 0x0132, 0x0232, 0x0424)


@dataclass(frozen=True, slots=True)
class CpuIdentity:
    """What the simulated CPU presents itself as.

    ``stop_code`` is its operating state in STOP: 4 (internal) or 3 (self-initialisation) are what
    CPUs in STOP report, RUN is always 8.
    """

    system_name: str = "Brimline filler"
    module_name: str = "PLC_1"
    plant_id: str = ""
    copyright: str = "Simulated by Brimline"
    serial_number: str = "S C-BRIMLINE0001"
    module_type: str = "CPU 1516-3 PN/DP"
    order_code: str = "6ES7 516-3AN02-0AB0"
    hardware: int = 1
    firmware: tuple[int, int, int] = (2, 9, 4)
    location: str = ""
    stop_code: int = 0x04


@dataclass(frozen=True, slots=True)
class CpuStatus:
    """What changes: the operating state, since when (DATE_AND_TIME), and the communication's limits."""

    running: bool
    since: bytes
    max_pdu: int
    max_connections: int


class SzlError(Exception):
    """The list or its index does not exist; ``code`` goes into the answer's parameters."""

    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code:04X}")
        self.code = code


def build_szl(szl_id: int, index: int, identity: CpuIdentity, status: CpuStatus) -> bytes:
    """The whole list: id, index, length of a record, number of records, records."""
    match szl_id & 0x00FF:
        case 0x00 if szl_id in (0x0000, 0x0F00):
            records: Sequence[bytes] = [served.to_bytes(2, "big") for served in _SERVED]
            return _build_list(szl_id, index, records, header_only=szl_id == 0x0F00)
        case 0x11 if szl_id in _SERVED:
            return _build_part(szl_id, index, _module_records(identity))
        case 0x1C if szl_id in _SERVED:
            return _build_part(szl_id, index, _component_records(identity))
        case 0x31 if szl_id in _SERVED:
            return _build_list(szl_id, index, [_communication_record(index, status)])
        case 0x32 if szl_id in _SERVED:
            return _build_list(szl_id, index, [_protection_record(index)])
        case 0x24 if szl_id in _SERVED:
            return _build_list(szl_id, index, [_mode_record(identity, status)])
        case _:
            raise SzlError(_INVALID_ID)


def _build_part(szl_id: int, index: int, records: Sequence[bytes]) -> bytes:
    """All records (id 00xx), the one with this index (01xx), or only the header (0Fxx)."""
    kind = szl_id >> 8
    if kind == 0x01:
        records = [record for record in records if int.from_bytes(record[:2], "big") == index]
        if not records:
            raise SzlError(_INVALID_INDEX)
    return _build_list(szl_id, index, records, header_only=kind == 0x0F)


def _build_list(szl_id: int, index: int, records: Sequence[bytes], *, header_only: bool = False) -> bytes:
    header = _LIST.pack(szl_id, index, len(records[0]), len(records))
    return header if header_only else header + b"".join(records)


def _module_records(identity: CpuIdentity) -> list[bytes]:
    order_code = _text(identity.order_code, 20, fill=b" ")
    major, minor, patch = identity.firmware
    return [
        _MODULE.pack(0x0001, order_code, 0, identity.hardware, 0x2020),
        _MODULE.pack(0x0006, order_code, 0, identity.hardware, 0x2020),
        _MODULE.pack(0x0007, order_code, 0, 0x5600 | major, minor << 8 | patch),
    ]


def _component_records(identity: CpuIdentity) -> list[bytes]:
    texts = {
        0x0001: identity.system_name,
        0x0002: identity.module_name,
        0x0003: identity.plant_id,
        0x0004: identity.copyright,
        0x0005: identity.serial_number,
        0x0007: identity.module_type,
        0x0008: "",
        0x000B: identity.location,
    }
    return [_COMPONENT.pack(index, _text(text, 32)) for index, text in texts.items()]


def _communication_record(index: int, status: CpuStatus) -> bytes:
    if index != 0x0001:
        raise SzlError(_INVALID_INDEX)
    return _COMMUNICATION.pack(index, status.max_pdu, status.max_connections, _BUS_RATE, _BUS_RATE)


def _protection_record(index: int) -> bytes:
    """No password, full access, mode selector in RUN."""
    if index != 0x0004:
        raise SzlError(_INVALID_INDEX)
    return _PROTECTION.pack(index, 1, 0, 1, 1, 0)


def _mode_record(identity: CpuIdentity, status: CpuStatus) -> bytes:
    if status.running:
        return _MODE.pack(_EVENT_TO_RUN, 0xFF, _RUN, status.since)
    return _MODE.pack(_EVENT_TO_STOP, 0xFF, identity.stop_code, status.since)


def _text(text: str, size: int, fill: bytes = b"\x00") -> bytes:
    return text.encode("latin-1", "replace")[:size].ljust(size, fill)
