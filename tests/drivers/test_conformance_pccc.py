"""The PCCC driver against simulated SLC-500, MicroLogix and PLC-5 controllers."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import pytest

from drivers.base import ConnectionSettings, Driver
from drivers.pccc.address import Address, parse_address
from drivers.pccc.commands import from_wire, to_wire
from drivers.pccc.family import Family
from drivers.pccc.layout import Area, Span, place
from drivers.pccc.types import decode, encode, to_bits
from drivers.registry import driver_factory
from engine.clock import SystemClock
from engine.model import Access, DataType, TagDef, Value, parse_type
from sim.pccc_files import FileType
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer
from tests.drivers.conformance import DriverConformance

VALUES: dict[str, tuple[str, Value, Value]] = {
    "N7:0": ("INT", -32768, 32767),
    "N7:1": ("UINT", 1, 65535),
    "N7:2": ("WORD", 0x1234, 0xFFFF),
    "N7:3": ("INT[40]", tuple(range(-20, 20)), (7,) * 40),
    "N7:300": ("INT", 12, -12),
    "N7:60/13": ("BOOL", True, False),
    "B3/17": ("BOOL", True, False),
    "B3:2": ("WORD", 0xA5A5, 1),
    "B3:4/9": ("BOOL[30]", (True, False, True) * 10, (False,) * 30),
    "F8:0": ("REAL", 58.5, -0.25),
    "F8:1": ("REAL[100]", tuple(n / 4 for n in range(100)), (0.5,) * 100),
    "F8:400": ("REAL", 2.0**100, -(2.0**-100)),
    "T4:0.PRE": ("INT", 500, 32767),
    "T4:0.ACC": ("INT", 123, 0),
    "T4:1/DN": ("BOOL", True, False),
    "C5:2.ACC": ("INT", -7, 7),
    "C5:2.CU": ("BOOL", False, True),
    "R6:1.LEN": ("INT", 10, 20),
    "R6:1.POS": ("INT", 3, 4),
    "R6:1/IN": ("BOOL", True, False),
    "ST10:0": ("STRING", "Still 0.5 L", ""),
    "ST10:1": ("STRING[20]", "Füllung", "x" * 20),
    "ST10:2": ("STRING[82][3]", ("one", "two", "three"), ("", "x" * 82, "odd")),
    "A11:0": ("STRING[7]", "Filler1", "ab"),
    "A11:8": ("WORD", 0x4142, 3),
}
SLC_VALUES: dict[str, tuple[str, Value, Value]] = {
    "O:1.0": ("WORD", 0x00FF, 0),
    "O:2.0/3": ("BOOL", True, False),
    "I:0.5/2": ("BOOL", True, False),
}
MICROLOGIX_VALUES: dict[str, tuple[str, Value, Value]] = {
    "L9:0": ("DINT", -(2**31), 2**31 - 1),
    "L9:1": ("UDINT[3]", (0, 2**32 - 1, 5), (1, 2, 3)),
    "L9:5/20": ("BOOL", True, False),
}
PLC5_VALUES: dict[str, tuple[str, Value, Value]] = {
    "O:001": ("WORD", 0x00FF, 0),
    "O:002/17": ("BOOL", True, False),
    "I:005/03": ("BOOL", True, False),
}
FILES = (
    (FileType.BIT, 3, 16),
    (FileType.TIMER, 4, 4),
    (FileType.COUNTER, 5, 4),
    (FileType.CONTROL, 6, 4),
    (FileType.INTEGER, 7, 301),
    (FileType.FLOAT, 8, 401),
    (FileType.STRING, 10, 6),
    (FileType.ASCII, 11, 10),
)


def tag(address: str, type_text: str) -> TagDef:
    name = address.replace("/", "_")
    return TagDef("line1", name, address, parse_type(type_text), access=Access.READ_WRITE)


class PcccHarness:
    """The driver as the plant file makes it, and a controller with files of every type."""

    tells_state = True
    missing = tag("N99:0", "INT")
    malformed = tag("Program:Main.Level", "INT")
    out_of_range = (
        (tag("N7:0", "INT"), 40_000),
        (tag("N7:0", "UINT"), -1),
        (tag("F8:0", "REAL"), 1e39),
        (tag("F8:0", "REAL"), float("nan")),
        (tag("ST10:0", "STRING"), "x" * 83),
        (tag("ST10:0", "STRING[3]"), "four"),
        (tag("B3/0", "BOOL"), 2),
        (tag("B3/0", "BOOL[3]"), True),
        (tag("F8:0", "REAL[3]"), (1.0, 2.0)),
        (tag("T4:0.PRE", "INT"), 32_768),
    )
    bits = tuple(tag(f"B3:15/{n}", "BOOL") for n in range(8))

    def __init__(
        self, family: Family, server: PcccServer, values: dict[str, tuple[str, Value, Value]]
    ) -> None:
        self.typed = [
            (tag(address, type_text), first, second)
            for address, (type_text, first, second) in (VALUES | values).items()
        ]
        self.server = server
        self._family = family
        for file_type, number, elements in FILES:
            server.add_file(file_type, number, elements)
        if family is Family.MICROLOGIX:
            server.add_file(FileType.LONG, 9, 6)

    def make_driver(self, tags: Sequence[TagDef], timeout_s: float) -> Driver:
        settings = ConnectionSettings(
            "line1", "ALLEN_BRADLEY", self._family, "127.0.0.1", self.server.port, timeout_s=timeout_s
        )
        return driver_factory("ALLEN_BRADLEY", self._family)(settings, tags, SystemClock())

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def peek(self, tag: TagDef) -> Value:
        address, span = self._find(tag)
        with self.server.lock:
            raw = self._memory(address.file)[2 * span.start : 2 * span.end]
        area = Area(address.kind, address.file)
        return decode(tag.type, address.kind, from_wire(self._family, area, bytes(raw)), address.bit or 0)

    def poke(self, tag: TagDef, value: Value) -> None:
        address, span = self._find(tag)
        with self.server.lock:
            memory = self._memory(address.file)
            if tag.type.base is DataType.BOOL:
                first = 16 * span.start + (address.bit or 0)
                for n, bit in enumerate(to_bits(tag.type, value), first):
                    mask = 1 << n % 8
                    memory[n // 8] = memory[n // 8] | mask if bit else memory[n // 8] & ~mask
                return
            raw = encode(tag.type, address.kind, value)
            memory[2 * span.start : 2 * span.end] = to_wire(self._family, span.area, raw)

    def set_stopped(self, stopped: bool) -> None:
        self.server.faults.stopped = stopped

    def set_mute(self, mute: bool) -> None:
        self.server.faults.mute = mute

    def set_delay(self, seconds: float) -> None:
        self.server.faults.delay_s = seconds

    def drop(self) -> None:
        self.server.faults.drop()

    def _find(self, tag: TagDef) -> tuple[Address, Span]:
        """Where the simulator keeps it: there a slot is one word."""
        address = parse_address(tag.address, self._family)
        span = place(address, tag.type, self._family)
        if span.area.slot >= 0:
            span = Span(span.area, span.area.slot + span.start, span.words)
        return address, span

    def _memory(self, number: int) -> bytearray:
        return self.server.files[number].memory


class PcccConformance(DriverConformance):
    family: ClassVar[Family]
    server: ClassVar[type[PcccServer]]
    values: ClassVar[dict[str, tuple[str, Value, Value]]]

    @pytest.fixture
    def harness(self) -> Iterator[PcccHarness]:
        harness = PcccHarness(self.family, self.server(port=0), self.values)
        harness.start()
        yield harness
        harness.stop()


class TestSlc500(PcccConformance):
    family, server, values = Family.SLC500, SlcServer, SLC_VALUES


class TestMicroLogix(PcccConformance):
    family, server, values = Family.MICROLOGIX, MicroLogixServer, SLC_VALUES | MICROLOGIX_VALUES


class TestPlc5(PcccConformance):
    family, server, values = Family.PLC5, Plc5Server, PLC5_VALUES
