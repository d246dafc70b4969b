"""The S7 driver against the simulated S7 CPU."""

from collections.abc import Iterator, Sequence

import pytest

from drivers.base import ConnectionSettings, Driver
from drivers.registry import driver_factory
from drivers.s7.address import Area, parse_address
from drivers.s7.types import decode, encode, size_of
from engine.clock import SystemClock
from engine.model import Access, DataType, TagDef, Value, parse_type
from sim.s7_server import S7Server
from tests.drivers.conformance import DriverConformance

VALUES: dict[str, tuple[Value, Value]] = {
    "BOOL": (True, False),
    "BYTE": (0x5A, 255),
    "SINT": (-128, 127),
    "USINT": (0, 255),
    "INT": (-32768, 32767),
    "UINT": (1, 65535),
    "WORD": (0x1234, 0xFFFF),
    "DINT": (-(2**31), 2**31 - 1),
    "UDINT": (7, 2**32 - 1),
    "DWORD": (0x12345678, 1),
    "LINT": (-(2**63), 2**63 - 1),
    "ULINT": (1, 2**64 - 1),
    "REAL": (58.5, -0.25),
    "LREAL": (3.141592653589793, -1e300),
    "CHAR": ("A", "ü"),
    "STRING[11]": ("Fill 500 ml", ""),
    "WSTRING[8]": ("Füllung€", "žlutý"),
    "TIME": (-1500, 86_400_000),
    "DATE": ("1990-01-01", "2026-03-31"),
    "TOD": (0, 86_399_999),
    "DATE_AND_TIME": ("1999-12-31T23:59:59.999", "2026-03-31T14:05:00.250"),
    "DTL": ("2026-03-31T14:05:00.250", "1970-01-01T00:00:00.123456789"),
    "BOOL[11]": ((True, False, True) * 3 + (True, True), (False,) * 11),
    "INT[4]": ((1, -2, 3, -4), (0, 0, 0, 0)),
    "REAL[300]": (tuple(float(n) for n in range(300)), (0.5,) * 300),
    "STRING[5][3]": (("one", "two", "three"), ("", "x", "")),
    "DTL[2]": (("2026-03-31T14:05:00.250", "2026-03-31T14:05:00.251"),) * 2,
}


def tag(name: str, address: str, type_text: str) -> TagDef:
    return TagDef("line1", name, address, parse_type(type_text), access=Access.READ_WRITE)


def laid_out() -> list[tuple[TagDef, Value, Value]]:
    """All types in DB1 one after the other, then some of the other areas."""
    entries, start = [], 0
    for type_text, (first, second) in VALUES.items():
        spec = parse_type(type_text)
        bit = ".3" if spec.base is DataType.BOOL else ""
        entries.append((tag(type_text, f"DB1,{start}{bit}", type_text), first, second))
        start += size_of(spec, 7) + 1
        start += start % 2
    entries.append((tag("Marker", "MW20", "INT"), 12, -12))
    entries.append((tag("Input", "I3.7", "BOOL"), True, False))
    entries.append((tag("Output", "QB4", "BYTE"), 3, 4))
    return entries


class S7Harness:
    """The driver as the plant file makes it, and a CPU with two data blocks."""

    tells_state = True
    missing = tag("Missing", "DB99,0", "INT")
    malformed = tag("Malformed", "Program:Main.Level", "INT")
    out_of_range = (
        (tag("Int", "DB1,0", "INT"), 40_000),
        (tag("Real", "DB1,0", "REAL"), 1e39),
        (tag("NaN", "DB1,0", "REAL"), float("nan")),
        (tag("String", "DB1,0", "STRING[3]"), "four"),
        (tag("Bool", "DB1,0.0", "BOOL"), 2),
        (tag("Bools", "DB1,0.0", "BOOL[3]"), True),
        (tag("Reals", "DB1,0", "REAL[3]"), (1.0, 2.0)),
    )
    bits = tuple(tag(f"Bit{n}", f"DB2.DBX5.{n}", "BOOL") for n in range(8))

    def __init__(self) -> None:
        self.typed = laid_out()
        self._memory = {1: bytearray(4000), 2: bytearray(16)}
        self._server = S7Server("127.0.0.1", 0)
        for number, memory in self._memory.items():
            self._server.add_db(number, memory)

    def make_driver(self, tags: Sequence[TagDef], timeout_s: float) -> Driver:
        settings = ConnectionSettings(
            "line1", "SIEMENS_S7", "S7-1500", "127.0.0.1", self._server.port, timeout_s=timeout_s
        )
        return driver_factory("SIEMENS_S7")(settings, tags, SystemClock())

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def peek(self, tag: TagDef) -> Value:
        address = parse_address(tag.address)
        bit = address.bit or 0
        with self._server.lock:
            memory = self._area(address.area, address.db)
            raw = bytes(memory[address.byte : address.byte + size_of(tag.type, bit)])
        return decode(tag.type, raw, bit)

    def poke(self, tag: TagDef, value: Value) -> None:
        address = parse_address(tag.address)
        with self._server.lock:
            memory = self._area(address.area, address.db)
            if tag.type.base is DataType.BOOL:
                bits = value if isinstance(value, tuple) else (value,)
                for n, bit in enumerate(bits, address.bit or 0):
                    mask = 1 << n % 8
                    byte = memory[address.byte + n // 8]
                    memory[address.byte + n // 8] = byte | mask if bit else byte & ~mask
            else:
                raw = encode(tag.type, value)
                memory[address.byte : address.byte + len(raw)] = raw

    def set_stopped(self, stopped: bool) -> None:
        self._server.faults.stopped = stopped

    def set_mute(self, mute: bool) -> None:
        self._server.faults.mute = mute

    def set_delay(self, seconds: float) -> None:
        self._server.faults.delay_s = seconds

    def drop(self) -> None:
        self._server.faults.drop()

    def _area(self, area: Area, db: int) -> bytearray:
        others = {
            Area.MARKER: self._server.markers,
            Area.INPUT: self._server.inputs,
            Area.OUTPUT: self._server.outputs,
        }
        return self._memory[db] if area is Area.DB else others[area]


class TestS7(DriverConformance):
    @pytest.fixture
    def harness(self) -> Iterator[S7Harness]:
        harness = S7Harness()
        harness.start()
        yield harness
        harness.stop()
