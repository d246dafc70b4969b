"""From an address to a place in the controller."""

import pytest

from drivers.base import AddressError
from drivers.logix.address import parse_address
from drivers.logix.place import Point
from drivers.logix.resolve import resolve
from engine.model import parse_type
from sim.logix_controller import LogixController
from tests.drivers.logix.in_memory import InMemorySession


def controller() -> LogixController:
    made = LogixController()
    made.add_struct("Motor", [("Run", "BOOL"), ("Fault", "BOOL"), ("Speed", "REAL"), ("Row", "INT", 4)])
    made.add_tag("Motor", "Motor")
    made.add_tag("Motors", "Motor", (5,))
    made.add_tag("Level", "REAL")
    made.add_tag("Count", "DINT")
    made.add_tag("Recipe", "INT", (10,))
    made.add_tag("Mat", "DINT", (3, 4))
    made.add_tag("Flags", "BOOL", (64,))
    made.add_tag("Text", "STRING")
    made.add_tag("Timer", "TIMER")
    made.add_tag("Level", "LREAL", program="Main")
    return made


def resolved(address: str, type_text: str, *, by_instance: bool = False) -> Point:
    find = InMemorySession(controller()).definitions().find
    return resolve(0, parse_address(address), parse_type(type_text), find, by_instance=by_instance)


@pytest.mark.parametrize(
    ("address", "type_text", "offset", "size", "bit"),
    [
        ("Level", "REAL", 0, 4, 0),
        ("LEVEL", "REAL", 0, 4, 0),
        ("Program:main.level", "LREAL", 0, 8, 0),
        ("Recipe", "INT[10]", 0, 20, 0),
        ("Recipe{10}", "INT[10]", 0, 20, 0),
        ("Recipe[3]", "INT", 6, 2, 0),
        ("Recipe[3]", "INT[7]", 6, 14, 0),
        ("Mat[1,2]", "DINT", 24, 4, 0),
        ("Mat", "DINT[12]", 0, 48, 0),
        ("Count.17", "BOOL", 2, 1, 1),
        ("Recipe[1].9", "BOOL", 3, 1, 1),
        ("Flags[37]", "BOOL", 4, 1, 5),
        ("Flags", "BOOL[64]", 0, 8, 0),
        ("Flags[30]", "BOOL[4]", 3, 2, 6),
        ("Motor.Fault", "BOOL", 0, 1, 1),
        ("Motor.Speed", "REAL", 4, 4, 0),
        ("Motors[2].Speed", "REAL", 36, 4, 0),
        ("Motors[2].Row[3]", "INT", 46, 2, 0),
        ("Text", "STRING", 0, 88, 0),
        ("Text.LEN", "DINT", 0, 4, 0),
        ("Text.DATA[1]", "SINT", 5, 1, 0),
        ("Timer.ACC", "TIME", 8, 4, 0),
        ("Timer.DN", "BOOL", 3, 1, 5),
    ],
)
def test_a_value_is_at_its_bytes(address: str, type_text: str, offset: int, size: int, bit: int) -> None:
    point = resolved(address, type_text)
    assert (point.offset, point.size, point.bit) == (offset, size, bit)


@pytest.mark.parametrize(
    ("address", "type_text", "told"),
    [
        ("Nowhere", "DINT", "the controller has no tag Nowhere"),
        ("Program:Main.Count", "DINT", "program Main has no tag Count"),
        ("Level", "DINT", "Level is of type REAL in the controller, the data type here is DINT"),
        ("Level", "BOOL", "Level is of type REAL in the controller, the data type here is BOOL"),
        ("Motor", "DINT", "Motor is a structure Motor; choose one of its members"),
        ("Motor.Nothing", "DINT", "Motor has no member Nothing"),
        ("Level.Nothing", "REAL", "type REAL has no member Nothing"),
        ("Motor.ZZZZZZZZZZMotor0", "SINT", "has no member"),
        ("Timer.CTL", "DINT", "has no member"),
        ("Recipe", "INT", "Recipe is of type INT[10]; name an element, as in Recipe[0]"),
        ("Motors.Speed", "REAL", "name an element, as in Motors[0]"),
        ("Mat", "DINT", "as in Mat[0,0]"),
        ("Mat[1]", "DINT", "2 indices needed"),
        ("Mat[3,0]", "DINT", "no element 3"),
        ("Recipe[10]", "INT", "no element 10"),
        (
            "Recipe[4]",
            "INT[7]",
            "here is INT[7], the controller has INT[10]: 6 elements from [4] on",
        ),
        ("Recipe{9}", "INT[10]", "the address says 9 elements"),
        ("Level[0]", "REAL", "Level is of type REAL, not an array"),
        ("Level", "REAL[2]", "Level is of type REAL in the controller, the data type here is REAL[2]"),
        ("Level.3", "BOOL", "type REAL has no bits"),
        ("Count.32", "BOOL", "type DINT has bits 0 to 31"),
        ("Count.3", "DINT", "a bit is a BOOL"),
        ("Flags[64]", "BOOL", "no element 64"),
        ("Mat[1,2]", "DINT[9]", "from [1,2] on"),
        ("Flags[60]", "BOOL[5]", "the controller has BOOL[64]: 4 elements from [60] on"),
        ("Flags", "DINT", "is of type BOOL[64] in the controller"),
        ("Flags", "BOOL", "name an element"),
        ("Text", "DINT", "is of type STRING in the controller"),
        ("Text.Color", "DINT", "type STRING has no member Color"),
        ("Count", "DTL", "these controllers have no DTL"),
    ],
)
def test_what_does_not_fit_the_controller_is_told(address: str, type_text: str, told: str) -> None:
    with pytest.raises(AddressError) as refused:
        resolved(address, type_text)
    assert told in str(refused.value)


def test_tags_of_the_controller_may_go_by_number() -> None:
    by_name = resolved("Motor.Speed", "REAL").leaf.element_path
    by_number = resolved("Motor.Speed", "REAL", by_instance=True).leaf.element_path
    assert by_name.hex() == "91054d6f746f72009105537065656400"
    assert by_number[:4].hex() == "206b2500"
    assert by_number[6:].hex() == "9105537065656400"


def test_tags_of_programs_go_by_name() -> None:
    point = resolved("Program:Main.Level", "LREAL", by_instance=True)
    assert point.leaf.element_path.hex() == "910c50726f6772616d3a4d61696e91054c6576656c00"
