"""pylogix, ciplink and cm-ethernetip, unmodified, against the simulated Logix controllers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import ciplink
import pylogix
import pytest
from ethernetip.logix.tag_client import TagClient

from sim.logix_server import MICRO800, LogixServer
from tests.sim.logix_bench import VALUES, fill

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def server() -> Iterator[LogixServer]:
    with LogixServer(port=0) as running:
        yield fill(running)


@contextmanager
def opened(server: LogixServer, *, micro800: bool = False) -> Iterator[pylogix.PLC]:
    """A pylogix client; the socket it opens to listen on is left open by its own close."""
    with pylogix.PLC("127.0.0.1", Micro800=micro800, port=server.port) as client:
        yield client
    client.conn.msg_socket.close()


@pytest.fixture(scope="module")
def plc(server: LogixServer) -> Iterator[pylogix.PLC]:
    with opened(server) as client:
        yield client


@pytest.fixture(scope="module")
def accelerated(server: LogixServer) -> Iterator[ciplink.LogixDriver]:
    with ciplink.LogixDriver(f"127.0.0.1:{server.port}") as opened:
        yield opened


def value_of(plc: pylogix.PLC, address: str, count: int = 1):
    response = plc.Read(address, count)
    assert response.Status == "Success"
    return response.Value


def write(plc: pylogix.PLC, address: str, value: object) -> None:
    assert plc.Write(address, value).Status == "Success"


@pytest.mark.parametrize("name", [name for name in VALUES if name != "ULINT"])
def test_pylogix_reads_and_writes_elementary_tags(server: LogixServer, plc: pylogix.PLC, name: str):
    assert value_of(plc, f"A_{name}") == VALUES[name]
    write(plc, f"A_{name}", 1)
    assert server.peek(f"A_{name}") == 1
    write(plc, f"A_{name}", VALUES[name])
    assert server.peek(f"A_{name}") == VALUES[name]


def test_pylogix_reads_and_writes_arrays(server: LogixServer, plc: pylogix.PLC):
    assert value_of(plc, "Row[0]", 600) == list(range(600))
    assert value_of(plc, "Row[597]", 3) == [597, 598, 599]
    write(plc, "Row[597]", [-1, -2, -3])
    assert server.peek("Row")[597:] == (-1, -2, -3)
    write(plc, "Row[0]", list(range(600)))
    assert server.peek("Row") == tuple(range(600))
    write(plc, "Cube[1,2,3]", 5)
    assert (server.peek("Cube")[23], value_of(plc, "Cube[1,2,3]")) == (5, 5)


def test_pylogix_reads_and_writes_bits(server: LogixServer, plc: pylogix.PLC):
    server.poke("A_DINT", 0)
    write(plc, "A_DINT.5", 1)
    assert (server.peek("A_DINT"), value_of(plc, "A_DINT.5")) == (32, True)
    write(plc, "Bits[40]", 1)
    assert server.peek("Bits") == (0, 256)
    assert value_of(plc, "Bits[38]", 4) == [False, False, True, False]
    server.poke("A_DINT", VALUES["DINT"])


def test_pylogix_reads_and_writes_texts_and_members(server: LogixServer, plc: pylogix.PLC):
    write(plc, "Text", "by pylogix")
    write(plc, "Box.Second", True)
    write(plc, "Box.Inners[1].Values[2]", 2.5)
    assert server.peek("Text") == value_of(plc, "Text") == "by pylogix"
    assert (server.peek("Box.Second"), server.peek("Box.First")) == (True, False)
    assert server.peek("Box.Inners[1].Values[2]") == value_of(plc, "Box.Inners[1].Values[2]") == 2.5


def test_pylogix_reads_structures_as_bytes(server: LogixServer, plc: pylogix.PLC):
    server.poke("Box.Number", 77)
    raw = value_of(plc, "Box")
    assert (len(raw), raw[4:8]) == (len(server.peek("Box")), b"\x4d\0\0\0")


def test_pylogix_reads_and_writes_many_and_program_tags(server: LogixServer, plc: pylogix.PLC):
    names = [f"Rate{number:03d}" for number in range(300)]
    assert [(r.Value, r.Status) for r in plc.Read(names)] == [(n / 4, "Success") for n in range(300)]
    results = plc.Write([("Program:MainProgram.Level", 3.5), ("A_REAL", 2.5)])
    assert [result.Status for result in results] == ["Success", "Success"]
    assert (server.peek("Program:MainProgram.Level"), server.peek("A_REAL")) == (3.5, 2.5)
    write(plc, "A_REAL", VALUES["REAL"])


def test_pylogix_is_told_what_is_wrong(plc: pylogix.PLC):
    assert plc.Read("Nothing").Status == "Path destination unknown"
    assert plc.Read("Row[600]").Status == "Unknown error 255"
    assert plc.Write("Fixed", 1, datatype=0xC4).Status == "Privilege violation"


def test_pylogix_uploads_tags_and_structures(server: LogixServer, plc: pylogix.PLC):
    listed = plc.GetTagList()
    assert listed.Status == "Success"
    by_name = {tag.TagName: tag.DataType for tag in listed.Value}
    assert len(by_name) == 327 + 1
    assert by_name["Box"] == by_name["Program:MainProgram.Box"] == "Outer"
    assert (by_name["Text"], by_name["Delay"]) == ("ASCIISTRING82", "TIMER")
    assert by_name["Program:MainProgram.Level"] == "REAL"
    outer = plc.UDTByName["Outer"].FieldsByName
    assert (outer["Inners"].DataType, outer["Clock"].DataType) == ("Inner", "TIMER")
    assert set(plc.UDTByName["Inner"].FieldsByName) >= {"Small", "Flag", "Values"}
    assert plc.GetProgramsList().Value == ["Program:MainProgram"]
    program = plc.GetProgramTagList("Program:MainProgram")
    assert [tag.TagName.split(".")[1] for tag in program.Value] == ["Level", "Row", "Box"]


def test_pylogix_reads_and_sets_the_clock(server: LogixServer, plc: pylogix.PLC):
    assert plc.SetPLCTime().Status == "Success"
    read = plc.GetPLCTime()
    assert read.Status == "Success"
    assert abs((read.Value.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()) < 60


def test_pylogix_reads_the_properties_of_device_and_module(server: LogixServer):
    with opened(server) as plc:
        for response in (plc.GetDeviceProperties(), plc.GetModuleProperties(0)):
            assert response.Status == "Success"
            device = response.Value
            assert (device.ProductName, device.Revision) == ("1756-L83E/B", "32.11")


def test_pylogix_with_a_standard_connection(server: LogixServer):
    with opened(server) as plc:
        plc.ConnectionSize = 504
        assert value_of(plc, "Row[0]", 600) == list(range(600))
        write(plc, "Row[0]", list(range(600)))


def test_pylogix_with_a_micro800():
    with LogixServer(port=0, identity=MICRO800) as server:
        server.add_tag("Level", "REAL")
        server.add_tag("Row", "DINT", [200])
        server.add_tag("Note", "SHORT_STRING")
        server.poke("Row", tuple(range(200)))
        with opened(server, micro800=True) as plc:
            assert [tag.TagName for tag in plc.GetTagList().Value] == ["Level", "Row", "Note"]
            write(plc, "Level", 2.5)
            write(plc, "Note", "micro")
            assert (value_of(plc, "Level"), value_of(plc, "Note")) == (2.5, "micro")
            assert value_of(plc, "Row[0]", 200) == list(range(200))
        assert server.peek("Note") == "micro"


def test_ciplink_uploads_reads_and_writes(server: LogixServer, accelerated: ciplink.LogixDriver):
    assert len(accelerated.tags) == 327
    for address, value in {
        "A_LREAL": 0.1,
        "Row[300]{3}": [300, 301, 302],
        "Row{600}": list(range(600)),
        "Rate012": 3.0,
    }.items():
        tag = accelerated.read(address)
        assert (tag.value, tag.error) == (value, None)
    for address, value in {
        "Box.Inners[0].Flag": True,
        "Box.Number": 5,
        "Text": "by ciplink",
        "Program:MainProgram.Level": 8.5,
        "Delay.PRE": 100,
    }.items():
        assert accelerated.write((address, value)).error is None
        assert server.peek(address) == value == accelerated.read(address).value


def test_ciplink_reads_many_tags(accelerated: ciplink.LogixDriver):
    names = [f"Rate{number:03d}" for number in range(300)]
    assert [(tag.value, tag.error) for tag in accelerated.read(*names)] == [(n / 4, None) for n in range(300)]


@pytest.mark.parametrize("connected", [False, True])
def test_cm_ethernetip_reads_writes_and_browses(server: LogixServer, connected: bool):
    async def talk() -> tuple[object, ...]:
        client = TagClient("127.0.0.1", server.port, path="1,0", use_connected=connected)
        await client.connect()
        try:
            await client.write_dint("Box.Number", 31)
            found = await client.browse_tags()
            types = {tag.name: tag.template.name for tag in found.tags if tag.template}
            return await client.read_dint("Row[7]"), await client.read_real("A_REAL"), types, len(found.tags)
        finally:
            await client.disconnect()

    row, real, types, count = asyncio.run(talk())
    assert (row, real, count) == (7, 1.5, 327 + 4)
    assert [types[name].split(";")[0] for name in ("Box", "Boxes", "Short")] == ["Outer", "Outer", "STRING20"]
    assert server.peek("Box.Number") == 31
