"""The bottling line on an SLC-500, a MicroLogix and a PLC-5, read and commanded by the driver."""

from collections.abc import Iterator

import pytest

from drivers.base import ConnectionSettings
from drivers.pccc.driver import PcccDriver
from drivers.pccc.family import Family
from engine.clock import SystemClock
from engine.model import Access, TagDef, TypeSpec, parse_type
from sim.line import Line
from sim.pccc_line_memory import PRODUCT, PcccLineMemory, layout
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer


class Plant:
    """A line, its controller, and the driver with all of the line's tags."""

    def __init__(self, family: Family, server: PcccServer) -> None:
        self.line = Line(1)
        self.server = server
        self.memory = PcccLineMemory(server.files, server.kind)
        self.tags = [
            TagDef("line1", name, place.address, TypeSpec(place.type), access=Access.READ_WRITE)
            for name, place in layout(longs=server.kind.longs).items()
        ]
        settings = ConnectionSettings(
            "line1", "ALLEN_BRADLEY", family, "127.0.0.1", server.port, timeout_s=2.0
        )
        self.driver = PcccDriver(settings, self.tags, SystemClock())

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.line.tick(0.02)
        self.cycle()

    def cycle(self) -> list[tuple[str, bool | int | float]]:
        with self.server.lock:
            writes = self.memory.take_writes()
            self.memory.encode(self.line.tags(), self.line.now_s)
        return writes

    def tag(self, name: str) -> TagDef:
        return next(tag for tag in self.tags if tag.name == name)


@pytest.fixture(params=[SlcServer, MicroLogixServer, Plc5Server], ids=["SLC-500", "MicroLogix", "PLC-5"])
def plant(request: pytest.FixtureRequest) -> Iterator[Plant]:
    with request.param(port=0) as server:
        plant = Plant(Family(server.kind.family), server)
        plant.run(120.0)
        plant.driver.connect()
        yield plant
        plant.driver.close()


def test_every_tag_of_the_line_is_read_as_the_line_has_it(plant: Plant) -> None:
    for _ in range(5):
        plant.run(1.0)
        result = plant.driver.read()
        expected = plant.line.tags()
        assert [reading.error for reading in result.readings] == [""] * len(plant.tags)
        for tag, reading in zip(plant.tags, result.readings, strict=True):
            assert reading.value == pytest.approx(expected[tag.name], rel=1e-6), tag.name
    assert plant.line.tags()["BottlesFilled"] > 0


def test_commands_and_setpoints_reach_the_line(plant: Plant) -> None:
    plant.driver.write(plant.tag("StopCommand"), True)
    plant.driver.write(plant.tag("ConveyorSpeedSetpoint"), 60.5)
    assert plant.cycle() == [("StopCommand", True), ("ConveyorSpeedSetpoint", 60.5)]
    assert plant.driver.read_one(plant.tag("StopCommand")).value is False


def test_timers_texts_and_tables_are_read_too(plant: Plant) -> None:
    def value(address: str, spec: str) -> object:
        return plant.driver.read_one(TagDef("line1", address, address, parse_type(spec))).value

    assert value("T4:0.PRE", "INT") == 200
    assert value("ST10:0", "STRING") == PRODUCT
    hours = value("N11:0", "INT[24]")
    assert isinstance(hours, tuple)
    assert sum(hours) == plant.line.tags()["BottlesFilled"]
