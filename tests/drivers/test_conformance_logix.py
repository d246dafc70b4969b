"""The Logix driver against simulated ControlLogix and Micro800 controllers."""

from collections.abc import Iterator, Sequence

import pytest

from drivers.base import ConnectionSettings, Driver
from drivers.registry import driver_factory
from engine.clock import SystemClock
from engine.model import Access, TagDef, Value, parse_type
from sim.logix_server import CONTROLLOGIX, MICRO800, EnipIdentity, LogixServer
from tests.drivers.conformance import DriverConformance

ATOMIC: dict[str, tuple[Value, Value]] = {
    "BOOL": (True, False),
    "SINT": (-128, 127),
    "USINT": (0, 255),
    "INT": (-32768, 32767),
    "UINT": (1, 65535),
    "DINT": (-(2**31), 2**31 - 1),
    "UDINT": (7, 2**32 - 1),
    "LINT": (-(2**63), 2**63 - 1),
    "ULINT": (1, 2**64 - 1),
    "REAL": (58.5, -0.25),
    "LREAL": (3.141592653589793, -1e300),
}
"""Also the members of the structure."""
ARRAYS: dict[str, tuple[Value, Value]] = {
    "INT[4]": ((1, -2, 3, -4), (0, 0, 0, 0)),
    "REAL[300]": (tuple(float(n) for n in range(300)), (0.5,) * 300),
    "LREAL[1500]": (tuple(float(n) for n in range(1500)), (0.5,) * 1500),
}


def tag(name: str, address: str, type_text: str) -> TagDef:
    return TagDef("line1", name, address, parse_type(type_text), access=Access.READ_WRITE)


def sim_address(address: str) -> str:
    """As the simulator's ``peek`` takes it: without the number of elements, and bits of integers apart."""
    return address.partition("{")[0]


class LogixHarness:
    """The driver as the plant file makes it, and a controller with a tag of every type."""

    tells_state = True
    missing = tag("Missing", "NoSuchTag", "INT")
    malformed = tag("Malformed", "DB1,0", "INT")
    out_of_range = (
        (tag("Int", "T_INT", "INT"), 40_000),
        (tag("Real", "T_REAL", "REAL"), 1e39),
        (tag("NaN", "T_REAL", "REAL"), float("nan")),
        (tag("Bool", "T_BOOL", "BOOL"), 2),
        (tag("Reals", "T_REAL", "REAL[3]"), (1.0, 2.0)),
        (tag("String", "T_STRING", "STRING[3]"), "four"),
    )
    bits = tuple(tag(f"Bit{n}", f"Word.{n}", "BOOL") for n in range(8))
    family = "ControlLogix"

    def __init__(self, identity: EnipIdentity = CONTROLLOGIX) -> None:
        self.server = LogixServer("127.0.0.1", 0, identity)
        self.typed: list[tuple[TagDef, Value, Value]] = []
        for name, (first, second) in ATOMIC.items():
            self.add(name, first, second)
        for name, (first, second) in ARRAYS.items():
            self.add(name, first, second)
        self.server.add_tag("Word", "DINT")

    def add(self, type_text: str, first: Value, second: Value) -> None:
        spec = parse_type(type_text)
        name = f"T_{type_text.replace('[', '_').replace(']', '')}"
        self.server.add_tag(name, spec.base.value, (spec.length,) if spec.length else ())
        self.typed.append((tag(type_text, name, type_text), first, second))

    def make_driver(self, tags: Sequence[TagDef], timeout_s: float) -> Driver:
        settings = ConnectionSettings(
            "line1",
            "ALLEN_BRADLEY",
            self.family,
            "127.0.0.1",
            self.server.port,
            slot=0,
            timeout_s=timeout_s,
        )
        return driver_factory(settings.type, settings.family)(settings, tags, SystemClock())

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def peek(self, tag: TagDef) -> Value:
        if tag in self.bits:
            return self._bit(tag, self.server.peek("Word"))
        value = self.server.peek(sim_address(tag.address))
        assert not isinstance(value, bytes)
        return value[: tag.type.length] if isinstance(value, tuple) else value  # type: ignore[return-value]

    def poke(self, tag: TagDef, value: Value) -> None:
        self.server.poke(sim_address(tag.address), value)

    def set_stopped(self, stopped: bool) -> None:
        self.server.faults.stopped = stopped

    def set_mute(self, mute: bool) -> None:
        self.server.faults.mute = mute

    def set_delay(self, seconds: float) -> None:
        self.server.faults.delay_s = seconds

    def drop(self) -> None:
        self.server.faults.drop()

    @staticmethod
    def _bit(tag: TagDef, word: object) -> bool:
        assert isinstance(word, int)
        return bool(word >> int(tag.address.rpartition(".")[2]) & 1)


class ControlLogixHarness(LogixHarness):
    """Structures, strings and programs beside the elementary types."""

    def __init__(self) -> None:
        super().__init__()
        self.server.add_struct("Inner", [("Speed", "REAL"), ("Names", "STRING", 3), ("Ready", "BOOL")])
        self.server.add_struct(
            "Everything", [(f"M_{name}", name) for name in ATOMIC] + [("Nested", "Inner", 4)]
        )
        self.server.add_tag("Line", "Everything")
        self.server.add_tag("Text", "STRING")
        self.server.add_tag("Flags", "BOOL", (64,))
        self.server.add_tag("Mat", "DINT", (3, 4))
        self.server.add_tag("Level", "REAL", program="Main")
        self.server.add_string_type("STRING20", 20)
        self.server.add_tag("Short", "STRING20")
        for name, (first, second) in ATOMIC.items():
            self.typed.append((tag(f"Line{name}", f"Line.M_{name}", name), first, second))
        self.typed += [
            (tag("Speed", "Line.Nested[2].Speed", "REAL"), 1.5, -1.5),
            (tag("Ready", "Line.Nested[3].Ready", "BOOL"), True, False),
            (tag("Name", "Line.Nested[1].Names[2]", "STRING[40]"), "Still", ""),
            (tag("Text", "Text", "STRING"), "Fill 500 ml", "ü"),
            (tag("Short", "Short", "STRING[20]"), "exactly twenty chars", ""),
            (tag("Element", "Mat[1,2]", "DINT"), 42, -42),
            (tag("Program", "program:main.level", "REAL"), 0.25, 12.5),
        ]


class Micro800Harness(LogixHarness):
    family = "Micro800"

    def __init__(self) -> None:
        super().__init__(MICRO800)
        for name, kind, first, second in (
            ("Text", "SHORT_STRING", "Fill 500 ml", ""),
            ("Byte", "BYTE", 0x5A, 255),
            ("Word16", "WORD", 0x1234, 0xFFFF),
            ("Word32", "DWORD", 0x12345678, 1),
            ("Word64", "LWORD", 1, 2**64 - 1),
        ):
            self.server.add_tag(name, kind)
            declared = {"SHORT_STRING": "STRING[80]", "LWORD": "ULINT"}.get(kind, kind)
            self.typed.append((tag(name, name, declared), first, second))


class TestControlLogix(DriverConformance):
    @pytest.fixture
    def harness(self) -> Iterator[LogixHarness]:
        harness = ControlLogixHarness()
        harness.start()
        yield harness
        harness.stop()


class TestMicro800(DriverConformance):
    @pytest.fixture
    def harness(self) -> Iterator[LogixHarness]:
        harness = Micro800Harness()
        harness.start()
        yield harness
        harness.stop()
