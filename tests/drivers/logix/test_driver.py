"""The driver against a simulated controller: what it asks for, and what happens when the program changes."""

from collections.abc import Iterator, Sequence

import pytest

from drivers.base import ConnectError, ConnectionSettings, WriteRejectedError
from drivers.logix.driver import LogixDriver
from engine.clock import SystemClock
from engine.model import TagDef, Value, parse_type
from sim.cip_message import CipRequest
from sim.enip_server import EnipServer
from sim.line import Line
from sim.line_controllers import ControllerPorts, build_controllers
from sim.logix_controller import LogixController
from sim.logix_tags import Access
from sim.pccc_server import SlcServer
from sim.server_loop import ServerLoop
from tests.clock import ManualClock
from tests.drivers.logix.reloadable import Reloadable

TIMEOUT_S = 2.0
READ, WRITE, RMW, FRAGMENT, LIST = 0x4C, 0x4D, 0x4E, 0x52, 0x55


def tag(address: str, type_text: str) -> TagDef:
    return TagDef("line1", address, address, parse_type(type_text))


class Rig:
    """A controller, and drivers for it."""

    def __init__(self) -> None:
        self.controller = LogixController()
        self.objects = Reloadable(self.controller)
        self.server = EnipServer("127.0.0.1", 0, objects=self.objects)
        self.drivers: list[LogixDriver] = []

    def driver(self, *tags: tuple[str, str], clock: object = None) -> LogixDriver:
        settings = ConnectionSettings(
            "line1",
            "ALLEN_BRADLEY",
            "ControlLogix",
            "127.0.0.1",
            self.server.port,
            slot=0,
            timeout_s=TIMEOUT_S,
        )
        made = LogixDriver(settings, [tag(*each) for each in tags], clock or SystemClock())  # type: ignore[arg-type]
        self.drivers.append(made)
        made.connect()
        self.objects.requests.clear()
        return made

    def requests(self) -> list[CipRequest]:
        """What came since the last time."""
        came, self.objects.requests = self.objects.requests, []
        return came


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    with rig.server:
        yield rig
        for driver in rig.drivers:
            driver.close()


def values(driver: LogixDriver) -> list[Value | None]:
    return [reading.value for reading in driver.read().readings]


def errors(driver: LogixDriver) -> list[str]:
    return [reading.error for reading in driver.read().readings]


class TestReading:
    def test_neighbours_in_an_array_are_one_request(self, rig: Rig) -> None:
        rig.controller.add_tag("Recipe", "REAL", (100,))
        rig.controller.poke("Recipe", tuple(float(n) for n in range(100)))
        driver = rig.driver(*((f"Recipe[{n}]", "REAL") for n in range(100)))
        assert values(driver) == [float(n) for n in range(100)]
        assert [request.service for request in rig.requests()] == [READ]

    def test_members_of_a_structure_are_one_request(self, rig: Rig) -> None:
        rig.controller.add_struct("U", [(f"M{n}", "BOOL" if n % 3 == 0 else "REAL") for n in range(38)])
        rig.controller.add_tag("Filler", "U")
        rig.controller.poke("Filler.M4", 1.5)
        rig.controller.poke("Filler.M9", value=True)
        driver = rig.driver(*((f"Filler.M{n}", "BOOL" if n % 3 == 0 else "REAL") for n in range(38)))
        read = values(driver)
        assert (read[4], read[9], read[6]) == (1.5, True, False)
        assert len(rig.requests()) == 1

    def test_one_member_of_a_large_structure_is_read_for_itself(self, rig: Rig) -> None:
        rig.controller.add_struct("Big", [("Level", "REAL"), ("Log", "DINT", 3000)])
        rig.controller.add_tag("Line", "Big")
        rig.controller.poke("Line.Level", 1.5)
        driver = rig.driver(("Line.Level", "REAL"))
        assert values(driver) == [1.5]
        (request,) = rig.requests()
        assert request.path.endswith(b"Level\0")

    def test_a_bool_that_is_read_for_itself_is_a_byte_and_not_a_bit(self, rig: Rig) -> None:
        rig.controller.add_struct("Big", [*((f"B{n}", "BOOL") for n in range(8)), ("Log", "DINT", 3000)])
        rig.controller.add_tag("Line", "Big")
        driver = rig.driver(("Line.B5", "BOOL"))
        for value in (True, False):
            rig.controller.poke("Line.B5", value)
            rig.controller.poke("Line.B4", not value)
            assert values(driver) == [value]
        assert all(request.path.endswith(b"B5") for request in rig.requests())

    @pytest.mark.parametrize("length", [*range(985, 1003), 3000])
    def test_arrays_about_as_large_as_a_message(self, rig: Rig, length: int) -> None:
        rig.controller.add_tag("Big", "DINT", (length,))
        rig.controller.add_tag("Other", "DINT")
        expected = tuple(range(length))
        rig.controller.poke("Big", expected)
        driver = rig.driver(("Big", f"DINT[{length}]"), ("Other", "DINT"))
        assert values(driver) == [expected, 0]

    def test_a_structure_larger_than_a_message_is_read_in_pieces(self, rig: Rig) -> None:
        rig.controller.add_struct("Step", [("A", "DINT"), ("B", "REAL"), ("C", "BOOL")])
        rig.controller.add_tag("Steps", "Step", (1000,))
        for n in (0, 500, 999):
            rig.controller.poke(f"Steps[{n}].A", n)
        tags = [(f"Steps[{n}].{m}", t) for n in range(1000) for m, t in (("A", "DINT"), ("B", "REAL"))]
        driver = rig.driver(*tags)
        read = values(driver)
        assert (read[0], read[1000], read[1998]) == (0, 500, 999)
        assert len(rig.requests()) < 10

    def test_program_state_comes_along_in_the_same_packet(self, rig: Rig) -> None:
        rig.controller.add_tag("Level", "REAL")
        driver = rig.driver(("Level", "REAL"))
        assert driver.read().running is True
        rig.server.faults.stopped = True
        assert driver.read().running is False

    def test_wrong_types_are_told_and_harm_nobody(self, rig: Rig) -> None:
        rig.controller.add_tag("Level", "REAL")
        rig.controller.add_tag("Flags", "BOOL", (32,))
        rig.controller.add_struct("U", [("A", "DINT")])
        rig.controller.add_tag("S", "U")
        rig.controller.poke("Level", 2.5)
        driver = rig.driver(
            ("Level", "DINT"),
            ("Level", "REAL"),
            ("Level[1]", "REAL"),
            ("Flags[32]", "BOOL"),
            ("Flags", "BOOL[33]"),
            ("S", "DINT"),
            ("S.B", "DINT"),
            ("Program:Nowhere.Level", "REAL"),
            ("Level.3", "BOOL"),
        )
        assert values(driver) == [None, 2.5, *[None] * 7]
        told = errors(driver)
        assert told[0] == "Level is of type REAL in the controller, the data type here is DINT"
        assert told[7] == "program Nowhere has no tag Level"

    def test_what_cannot_be_read_of_a_structure_takes_nothing_else_down(self, rig: Rig) -> None:
        rig.controller.add_struct("U", [("A", "DINT"), ("B", "DINT")])
        rig.controller.add_tag("Hidden", "U", access=Access.NONE)
        rig.controller.add_tag("Open", "U")
        rig.controller.poke("Open.A", 7)
        driver = rig.driver(
            ("Hidden.A", "DINT"), ("Open.A", "DINT"), ("Hidden.B", "DINT"), ("Open.B", "DINT")
        )
        for _ in range(3):
            assert values(driver) == [None, 7, None, 0]
        assert all(errors(driver)[n] for n in (0, 2))


class TestWriting:
    def test_a_value_is_sent_once(self, rig: Rig) -> None:
        rig.controller.add_tag("Count", "DINT")
        driver = rig.driver(("Count", "DINT"))
        driver.write(tag("Count", "DINT"), 5)
        (request,) = rig.requests()
        assert (request.service, request.data.hex()) == (WRITE, "c400010005000000")

    def test_the_masks_of_a_bit_are_as_wide_as_its_word(self, rig: Rig) -> None:
        rig.controller.add_tag("Word", "DINT")
        driver = rig.driver(("Word", "DINT"))
        driver.write(tag("Word.3", "BOOL"), value=True)
        driver.write(tag("Word.4", "BOOL"), value=False)
        sets, clears = rig.requests()
        assert (sets.service, sets.data.hex()) == (RMW, "040008000000ffffffff")
        assert clears.data.hex() == "040000000000efffffff"

    def test_bits_of_an_array_of_bools(self, rig: Rig) -> None:
        rig.controller.add_tag("Flags", "BOOL", (96,))
        driver = rig.driver(("Flags", "BOOL[96]"))
        bits = tuple(n % 3 == 0 for n in range(50))
        driver.write(tag("Flags[20]", "BOOL[50]"), bits)
        read = values(driver)[0]
        assert read == (False,) * 20 + bits + (False,) * 26
        driver.write(tag("Flags[95]", "BOOL"), value=True)
        assert driver.read_one(tag("Flags[95]", "BOOL")).value is True

    def test_an_array_larger_than_a_message(self, rig: Rig) -> None:
        rig.controller.add_tag("Big", "LREAL", (2000,))
        driver = rig.driver(("Big", "LREAL[2000]"))
        numbers = tuple(n / 7 for n in range(2000))
        driver.write(tag("Big", "LREAL[2000]"), numbers)
        assert values(driver) == [numbers]

    def test_a_text_longer_than_its_room_in_the_controller(self, rig: Rig) -> None:
        rig.controller.add_string_type("STRING8", 8)
        rig.controller.add_tag("Name", "STRING8")
        driver = rig.driver(("Name", "STRING"))
        with pytest.raises(WriteRejectedError, match="room for 8"):
            driver.write(tag("Name", "STRING"), "nine char")
        assert rig.requests() == []
        driver.write(tag("Name", "STRING"), "eight ch")
        assert values(driver) == ["eight ch"]

    def test_a_tag_that_may_only_be_read(self, rig: Rig) -> None:
        rig.controller.add_tag("Level", "REAL", access=Access.READ_ONLY)
        driver = rig.driver(("Level", "REAL"))
        with pytest.raises(WriteRejectedError, match="External Access"):
            driver.write(tag("Level", "REAL"), 1.0)
        assert values(driver) == [0.0]

    def test_a_tag_that_is_not_polled(self, rig: Rig) -> None:
        rig.controller.add_struct("U", [("Cmd", "BOOL"), ("Level", "REAL")])
        rig.controller.add_tag("Filler", "U", program="Main")
        driver = rig.driver()
        driver.write(tag("Program:Main.Filler.Cmd", "BOOL"), value=True)
        assert driver.read_one(tag("program:MAIN.filler.CMD", "BOOL")).value is True


class TestDownload:
    """Another program is loaded while a session stands: never a wrong number."""

    @staticmethod
    def other(*tags: tuple[str, str, Value]) -> LogixController:
        controller = LogixController()
        for name, type_name, value in tags:
            controller.add_tag(name, type_name)
            controller.poke(name, value)
        return controller

    @pytest.mark.parametrize("tells_changes", [True, False])
    def test_tags_that_changed_places_are_still_themselves(self, rig: Rig, tells_changes: bool) -> None:
        rig.objects.tells_changes = tells_changes
        rig.objects.controller = self.other(("First", "DINT", 1), ("Second", "DINT", 2))
        driver = rig.driver(("First", "DINT"), ("Second", "DINT"))
        assert values(driver) == [1, 2]
        rig.objects.load(self.other(("Second", "DINT", 22), ("New", "REAL", 0.5), ("First", "DINT", 11)))
        for _ in range(2):
            assert values(driver) == [11, 22]

    def test_a_tag_of_another_type_is_an_error_and_not_a_number(self, rig: Rig) -> None:
        rig.objects.controller = self.other(("Level", "DINT", 7), ("Speed", "DINT", 8))
        driver = rig.driver(("Level", "DINT"), ("Speed", "DINT"))
        assert values(driver) == [7, 8]
        rig.objects.load(self.other(("Level", "REAL", 7.5), ("Speed", "DINT", 9)))
        assert values(driver) == [None, 9]
        assert "Level is of type REAL in the controller" in errors(driver)[0]

    def test_without_counters_too(self, rig: Rig) -> None:
        rig.objects.tells_changes = False
        clock = ManualClock()
        rig.objects.controller = self.other(("Level", "DINT", 7), ("Speed", "DINT", 8))
        driver = rig.driver(("Level", "DINT"), ("Speed", "DINT"), clock=clock)
        assert values(driver) == [7, 8]
        rig.objects.load(self.other(("Level", "REAL", 7.5), ("Speed", "DINT", 9)))
        assert values(driver) == [None, 9]
        assert "another type" in errors(driver)[0]
        clock.advance(120.0)
        assert values(driver) == [None, 9]
        assert "Level is of type REAL" in errors(driver)[0]
        rig.objects.load(self.other(("Level", "DINT", 70), ("Speed", "DINT", 9)))
        clock.advance(120.0)
        assert values(driver) == [70, 9]

    @pytest.mark.parametrize("tells_changes", [True, False])
    def test_a_structure_with_a_member_more(self, rig: Rig, tells_changes: bool) -> None:
        rig.objects.tells_changes = tells_changes
        clock = ManualClock()

        def program(*members: tuple[str, str]) -> LogixController:
            controller = LogixController()
            controller.add_struct("U", members)
            controller.add_tag("Filler", "U")
            controller.poke("Filler.A", 1)
            controller.poke("Filler.B", 2)
            return controller

        rig.objects.controller = program(("A", "DINT"), ("B", "DINT"))
        driver = rig.driver(("Filler.A", "DINT"), ("Filler.B", "DINT"), clock=clock)
        assert values(driver) == [1, 2]
        rig.objects.load(program(("New", "REAL"), ("A", "DINT"), ("B", "DINT")))
        assert values(driver) in ([1, 2], [None, None])
        clock.advance(120.0)
        assert values(driver) == [1, 2]

    def test_a_tag_that_is_added_is_found(self, rig: Rig) -> None:
        rig.objects.controller = self.other(("Level", "DINT", 7))
        driver = rig.driver(("Level", "DINT"), ("Later", "REAL"))
        assert values(driver) == [7, None]
        rig.objects.load(self.other(("Level", "DINT", 7), ("Later", "REAL", 0.5)))
        assert values(driver) == [7, 0.5]

    @pytest.mark.parametrize("tells_changes", [True, False])
    def test_a_write_reaches_its_tag_though_no_scan_saw_the_other_program(
        self, rig: Rig, tells_changes: bool
    ) -> None:
        rig.objects.tells_changes = tells_changes
        rig.objects.controller = self.other(("Speed", "REAL", 0.5), ("Pressure", "REAL", 1.0))
        driver = rig.driver(("Speed", "REAL"))
        loaded = self.other(("Pressure", "REAL", 1.0), ("Speed", "REAL", 0.5))
        rig.objects.load(loaded)
        driver.write(tag("Speed", "REAL"), 58.0)
        assert (loaded.peek("Speed"), loaded.peek("Pressure")) == (58.0, 1.0)
        loaded.poke("Pressure", 2.0)
        assert driver.read_one(tag("Speed", "REAL")).value == 58.0

    @pytest.mark.parametrize("tells_changes", [True, False])
    def test_a_session_that_only_writes_learns_of_another_program(
        self, rig: Rig, tells_changes: bool
    ) -> None:
        rig.objects.tells_changes = tells_changes
        rig.objects.controller = self.other(("Speed", "DINT", 1))
        driver = rig.driver(("Speed", "REAL"), ("Later", "REAL"))
        loaded = self.other(("Speed", "REAL", 0.5), ("Later", "REAL", 0.5))
        for name in ("Speed", "Later"):
            with pytest.raises(WriteRejectedError):
                driver.write(tag(name, "REAL"), 58.0)
        rig.objects.load(loaded)
        for name in ("Speed", "Later"):
            driver.write(tag(name, "REAL"), 58.0)
            assert loaded.peek(name) == 58.0

    def test_a_structure_that_was_not_told_for_a_moment_is_asked_for_again(self, rig: Rig) -> None:
        rig.controller.add_struct("Two", [("A", "REAL"), ("B", "REAL")])
        rig.controller.add_tag("Line", "Two")
        rig.controller.poke("Line.B", 2.0)
        clock = ManualClock()
        rig.objects.refuses_definitions = True
        driver = rig.driver(("Line.B", "REAL"), clock=clock)
        assert values(driver) == [None]
        rig.objects.refuses_definitions = False
        clock.advance(61.0)
        assert values(driver) == [2.0]
        rig.requests()
        clock.advance(61.0)
        assert values(driver) == [2.0]
        assert not [request for request in rig.requests() if request.service == LIST]

    def test_counters_that_never_stand_still_are_not_relied_upon(self, rig: Rig) -> None:
        rig.objects.controller = self.other(("First", "DINT", 1), ("Second", "DINT", 2))
        driver = rig.driver(("First", "DINT"), ("Second", "DINT"))
        rig.objects.changes_always = True
        assert values(driver) == [1, 2]
        rig.requests()
        assert values(driver) == [1, 2]
        assert LIST not in [request.service for request in rig.requests()]

    def test_definitions_are_kept_as_long_as_the_program_is_the_same(self, rig: Rig) -> None:
        rig.controller.add_tag("Level", "DINT")
        driver = rig.driver(("Level", "DINT"))
        driver.close()
        driver.connect()
        assert LIST not in [request.service for request in rig.requests()]
        driver.close()
        rig.objects.load(self.other(("Level", "DINT", 1)))
        driver.connect()
        assert LIST in [request.service for request in rig.requests()]

    def test_tags_go_by_number_only_where_changes_are_told(self, rig: Rig) -> None:
        rig.controller.add_tag("Level", "DINT")
        for tells_changes, by_name in ((True, False), (False, True)):
            rig.objects.tells_changes = tells_changes
            driver = rig.driver(("Level", "DINT"))
            driver.read()
            assert any(b"Level" in request.path for request in rig.requests()) is by_name


def test_the_bottling_line_is_read_through_its_structure() -> None:
    clock = SystemClock()
    loop = ServerLoop("line", clock)
    line = Line(seed=1)
    controller = build_controllers("127.0.0.1", ControllerPorts(logix=0), loop, clock)["logix"]
    loop.start()
    controller.server.start()
    try:
        settings = ConnectionSettings(
            "line2",
            "ALLEN_BRADLEY",
            "ControlLogix",
            "127.0.0.1",
            controller.port,
            slot=0,
            timeout_s=TIMEOUT_S,
        )
        wanted: Sequence[tuple[str, str]] = (
            ("Filler.FillLevel", "REAL"),
            ("Filler.TankTemperature", "REAL"),
            ("Filler.BottlesFilled", "DINT"),
            ("Filler.StartCommand", "BOOL"),
            ("Program:MainProgram.FillTimer.PRE", "TIME"),
            ("Program:MainProgram.FillTimer.DN", "BOOL"),
            ("ProductName", "STRING"),
            ("Recipe", "DINT[10]"),
            ("BottleCounts[23]", "DINT"),
        )
        driver = LogixDriver(settings, [tag(*each) for each in wanted], clock)
        driver.connect()
        controller.cycle(line)
        result = driver.read()
        driver.close()
        assert [reading.error for reading in result.readings] == [""] * len(wanted)
        assert result.readings[6].value == "Still 0.5 L"
        assert result.running is True
    finally:
        controller.server.stop()
        loop.stop()


def test_a_controller_of_another_family_at_the_address_is_called_by_its_name() -> None:
    with SlcServer("127.0.0.1", 0) as server:
        settings = ConnectionSettings(
            "line1", "ALLEN_BRADLEY", "ControlLogix", server.host, server.port, slot=0, timeout_s=TIMEOUT_S
        )
        driver = LogixDriver(settings, [tag("Level", "REAL")], SystemClock())
        with pytest.raises(ConnectError, match=r"check the family: it says that it is 1747-L5.* is SLC-500"):
            driver.connect()
        driver.close()
