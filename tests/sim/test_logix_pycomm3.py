"""pycomm3, unmodified, against the simulated Logix controllers."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pycomm3 import CIPDriver, CommError, LogixDriver, ResponseError

from sim.logix_plain import PlainLogix
from sim.logix_server import COMPACTLOGIX, MICRO800, LogixServer
from sim.server_loop import ServerLoop
from tests.sim.logix_bench import VALUES, fill

REFUSED = "forward_open'? failed"
pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def server() -> Iterator[LogixServer]:
    with LogixServer(port=0) as running:
        yield fill(running)


@pytest.fixture(scope="module")
def driver(server: LogixServer) -> Iterator[LogixDriver]:
    with LogixDriver(f"127.0.0.1:{server.port}") as opened:
        yield opened


def value_of(driver: LogixDriver, address: str):
    tag = driver.read(address)
    assert tag.error is None
    return tag.value


def write(driver: LogixDriver, address: str, value: object) -> None:
    assert driver.write((address, value)).error is None


def test_it_opens_a_large_connection_and_knows_the_controller(driver: LogixDriver):
    assert driver.connection_size == 4000
    info = driver.info
    assert (info["product_name"], info["name"], info["keyswitch"]) == (
        "1756-L83E/B",
        "Brimline",
        "REMOTE RUN",
    )
    assert info["programs"]["MainProgram"]["routines"] == ["MainRoutine"]
    assert list(info["tasks"]) == ["MainTask"]


def test_it_uploads_all_tags_of_controller_and_program(driver: LogixDriver):
    assert len(driver.tags) == 11 + 13 + 3 + 300
    assert driver.tags["Program:MainProgram.Row"]["dimensions"] == [20, 0, 0]
    assert driver.tags["Cube"]["dimensions"] == [2, 3, 4]
    assert driver.tags["Fixed"]["external_access"] == "Read Only"
    assert driver.tags["Secret"]["external_access"] == "None"
    assert not driver.tags["Box"]["alias"]
    assert driver.tags["Bits"]["data_type_name"] == "DWORD"


def test_it_uploads_the_definitions_of_structures(driver: LogixDriver):
    outer = driver.data_types["Outer"]
    assert outer["attributes"] == [
        "First",
        "Second",
        "Number",
        "Inners",
        "Text",
        "Clock",
        "Long",
        "Third",
        "Flags",
    ]
    members = outer["internal_tags"]
    assert (members["First"]["offset"], members["First"]["bit"]) == (0, 0)
    assert (members["Second"]["offset"], members["Second"]["bit"]) == (0, 1)
    assert members["Inners"]["array"] == 2
    assert members["Text"]["data_type_name"] == "STRING"
    assert driver.data_types["STRING20"]["string"] == 20


@pytest.mark.parametrize("name", VALUES)
def test_elementary_tags_are_read_and_written(server: LogixServer, driver: LogixDriver, name: str):
    assert value_of(driver, f"A_{name}") == VALUES[name]
    write(driver, f"A_{name}", 0)
    assert server.peek(f"A_{name}") == 0
    write(driver, f"A_{name}", VALUES[name])
    assert server.peek(f"A_{name}") == VALUES[name]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Row[7]", 7),
        ("Row[300]", 300),
        ("Row{5}", [0, 1, 2, 3, 4]),
        ("Row[596]{4}", [596, 597, 598, 599]),
        ("Row{600}", list(range(600))),
    ],
)
def test_arrays_are_read_by_element_slice_and_whole(driver: LogixDriver, address: str, expected: object):
    assert value_of(driver, address) == expected


def test_arrays_are_written(server: LogixServer, driver: LogixDriver):
    write(driver, "Row[7]", -7)
    write(driver, "Row[300]{3}", [1, 2, 3])
    row = server.peek("Row")
    assert (row[7], row[299:304]) == (-7, (299, 1, 2, 3, 303))
    write(driver, "Row{600}", list(range(600)))
    assert server.peek("Row") == tuple(range(600))


def test_arrays_of_more_dimensions(server: LogixServer, driver: LogixDriver):
    write(driver, "Grid[1,2]", 6.5)
    write(driver, "Cube[1,2,3]", 123)
    assert (server.peek("Grid")[6], server.peek("Cube")[23]) == (6.5, 123)
    assert (value_of(driver, "Grid[1,2]"), value_of(driver, "Cube[1,2,3]")) == (6.5, 123)
    assert value_of(driver, "Grid{12}")[6] == 6.5


def test_bits_of_integers(server: LogixServer, driver: LogixDriver):
    server.poke("A_DINT", 0b1000)
    assert [value_of(driver, f"A_DINT.{bit}") for bit in (2, 3)] == [False, True]
    write(driver, "A_DINT.31", True)
    write(driver, "A_DINT.3", False)
    assert server.peek("A_DINT") == -(1 << 31)
    server.poke("A_DINT", VALUES["DINT"])


def test_arrays_of_bools(server: LogixServer, driver: LogixDriver):
    write(driver, "Bits[33]", True)
    assert server.peek("Bits") == (0, 2)
    assert [value_of(driver, f"Bits[{bit}]") for bit in (32, 33)] == [False, True]
    assert value_of(driver, "Bits{64}") == [bit == 33 for bit in range(64)]
    write(driver, "Bits{32}", [True] * 32)
    assert server.peek("Bits") == (0xFFFFFFFF, 2)


def test_texts(server: LogixServer, driver: LogixDriver):
    write(driver, "Text", "Still 0.5 L")
    write(driver, "Short", "twenty")
    write(driver, "Texts{3}", ["a", "bb", ""])
    assert (server.peek("Text"), server.peek("Short")) == ("Still 0.5 L", "twenty")
    assert server.peek("Texts") == ("a", "bb", "")
    assert [value_of(driver, name) for name in ("Text", "Short", "Texts[1]")] == [
        "Still 0.5 L",
        "twenty",
        "bb",
    ]
    assert value_of(driver, "Text.LEN") == 11


def test_members_of_structures(server: LogixServer, driver: LogixDriver):
    for address, value in {
        "Box.Second": True,
        "Box.Number": 42,
        "Box.Inners[1].Values[2]": 2.5,
        "Box.Inners[1].Flag": True,
        "Box.Text": "in a box",
        "Box.Clock.PRE": 1500,
        "Box.Long": -5,
        "Box.Third": True,
        "Boxes[29].Number": 29,
    }.items():
        write(driver, address, value)
        assert server.peek(address) == value
        assert value_of(driver, address) == value
    assert not server.peek("Box.First")


def test_whole_structures(server: LogixServer, driver: LogixDriver):
    server.poke("Box.Number", 7)
    box = value_of(driver, "Box")
    assert box["Number"] == 7
    box["Number"], box["First"], box["Inners"][0]["Values"] = 8, True, [1.0, 2.0, 3.0]
    write(driver, "Box", box)
    assert value_of(driver, "Box") == box
    assert server.peek("Box.Inners[0].Values") == (1.0, 2.0, 3.0)


def test_arrays_of_structures_in_several_fragments(server: LogixServer, driver: LogixDriver):
    server.poke("Boxes[17].Text", "seventeen")
    boxes = value_of(driver, "Boxes{30}")
    assert (len(boxes), boxes[17]["Text"]) == (30, "seventeen")
    boxes[23]["Number"] = 23
    write(driver, "Boxes{30}", boxes)
    assert server.peek("Boxes[23].Number") == 23


def test_timers_and_counters(server: LogixServer, driver: LogixDriver):
    server.poke("Delay.PRE", 5000)
    server.poke("Delay.DN", True)
    server.poke("Parts.ACC", 12)
    assert value_of(driver, "Delay") == {"PRE": 5000, "ACC": 0, "EN": False, "TT": False, "DN": True}
    assert value_of(driver, "Parts.ACC") == 12
    assert value_of(driver, "Delay.DN") is True


def test_program_tags(server: LogixServer, driver: LogixDriver):
    write(driver, "Program:MainProgram.Level", 12.5)
    write(driver, "Program:MainProgram.Row[19]", 19)
    write(driver, "Program:MainProgram.Box.Inners[0].Small", -1)
    assert server.peek("Program:MainProgram.Level") == 12.5
    assert value_of(driver, "Program:MainProgram.Row{20}")[19] == 19
    assert value_of(driver, "Program:MainProgram.Box")["Inners"][0]["Small"] == -1


def test_many_tags_in_one_read(driver: LogixDriver):
    names = [f"Rate{number:03d}" for number in range(300)]
    assert [(tag.value, tag.error) for tag in driver.read(*names)] == [(n / 4, None) for n in range(300)]


def test_many_tags_in_one_write(server: LogixServer, driver: LogixDriver):
    written = [(f"Rate{number:03d}", float(number)) for number in range(300)]
    assert not any(tag.error for tag in driver.write(*written))
    assert server.peek("Rate299") == 299.0
    driver.write(*[(name, value / 4) for name, value in written])


def test_good_and_refused_writes_in_one_message(server: LogixServer, driver: LogixDriver):
    results = driver.write(("A_REAL", 2.5), ("Fixed", 1), ("A_INT.0", True))
    assert [tag.error for tag in results] == [None, "Permission denied", None]
    assert (server.peek("A_REAL"), server.peek("Fixed")) == (2.5, 0)
    driver.write(("A_REAL", VALUES["REAL"]), ("A_INT", VALUES["INT"]))


def test_a_secret_tag_is_not_read(driver: LogixDriver):
    assert driver.read("Secret").error == "Permission denied"


def test_symbolic_addressing(server: LogixServer):
    with LogixDriver(f"127.0.0.1:{server.port}") as driver:
        driver._cfg["use_instance_ids"] = False
        assert value_of(driver, "Row[300]") == 300
        assert value_of(driver, "Box.Inners[0].Values{3}") is not None


def test_a_standard_connection_where_it_asks_for_it(server: LogixServer):
    driver = LogixDriver(f"127.0.0.1:{server.port}")
    driver._cfg["extended forward open"] = False
    driver._cfg["connection_size"] = 500
    with driver:
        assert value_of(driver, "Row{600}") == list(range(600))
        write(driver, "Row{600}", list(range(600)))
        assert len(driver.tags) == 327
        assert value_of(driver, "Box") is not None


def test_the_clock_is_read_and_set(driver: LogixDriver):
    now = datetime.now(UTC)
    assert abs((driver.get_plc_time(tz=UTC).value["datetime"] - now).total_seconds()) < 60
    assert driver.set_plc_time(1_000_000_000_000_000).error is None
    assert driver.get_plc_time(tz=UTC).value["datetime"].year == 2001
    assert driver.set_plc_time().error is None


def test_the_identity_of_the_slot(driver: LogixDriver):
    assert driver.get_module_info(0)["product_name"] == "1756-L83E/B"


def test_a_controller_in_another_slot():
    with (
        LogixServer(port=0, slot=3) as server,
        LogixDriver(f"127.0.0.1:{server.port}/3", init_tags=False) as driver,
    ):
        assert driver.get_plc_name() == "Brimline"


def test_program_mode_is_seen(server: LogixServer):
    server.faults.stopped = True
    with LogixDriver(f"127.0.0.1:{server.port}", init_tags=False) as driver:
        assert driver.info["keyswitch"] == "REMOTE PROG"
    server.faults.stopped = False


def test_exhausted_slots_are_said(server: LogixServer, expected_logs):
    expected_logs.add(REFUSED)
    server.faults.connection_slots = 0
    driver = LogixDriver(f"127.0.0.1:{server.port}")
    with pytest.raises(ResponseError, match="did not connected"):
        driver.open()
    driver.close()
    server.faults.connection_slots = None


def test_a_mute_controller_times_out(expected_logs):
    expected_logs.add(r"Error closing connection")
    with LogixServer(port=0) as server:
        driver = LogixDriver(f"127.0.0.1:{server.port}", init_tags=False)
        driver.open()
        server.faults.mute = True
        driver._sock.sock.settimeout(0.2)
        with pytest.raises(ResponseError, match="failed to get the plc name"):
            driver.get_plc_name()
        with pytest.raises(CommError, match="failed to receive reply"):
            driver.close()


def test_a_compactlogix():
    with LogixServer(port=0, identity=COMPACTLOGIX) as server:
        server.add_tag("N", "DINT")
        with LogixDriver(f"127.0.0.1:{server.port}") as driver:
            assert driver.info["product_name"] == "5069-L320ER/A"
            assert value_of(driver, "N") == 0


@pytest.fixture
def micro() -> Iterator[LogixServer]:
    with LogixServer(port=0, identity=MICRO800) as running:
        yield fill(running)


def test_a_micro800_has_small_connections_and_no_structures(micro: LogixServer, expected_logs):
    expected_logs.add(REFUSED)
    micro.add_tag("Note", "SHORT_STRING")
    micro.poke("Note", "short")
    with LogixDriver(f"127.0.0.1:{micro.port}") as driver:
        assert driver.connection_size == 500
        assert driver.info.get("name") is None
        assert {"Box", "Text", "Delay"}.isdisjoint(driver.tags)
        assert {"A_REAL", "Row", "Grid", "Note"} <= set(driver.tags)
        assert [tag.value for tag in driver.read("A_REAL", "Row{5}", "Note", "A_BOOL")] == [
            1.5,
            [0, 1, 2, 3, 4],
            "short",
            True,
        ]
        assert not any(
            tag.error for tag in driver.write(("A_REAL", 2.5), ("Note", "new"), ("A_DINT.0", True))
        )
    assert (micro.peek("A_REAL"), micro.peek("Note"), micro.peek("A_DINT")) == (2.5, "new", -1999999999)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_it_is_found_on_the_network(worker_id: str):
    """The library leaves its sockets to the garbage collector."""
    host = f"127.11.9.{1 + int(worker_id.removeprefix('gw')) if worker_id != 'master' else 200}"
    with LogixServer(host, udp=True):
        found = CIPDriver.discover(broadcast_address=host)
    gc.collect()
    assert {(each["ip_address"], each["product_name"]) for each in found} == {(host, "1756-L83E/B")}


def test_a_large_controller_is_uploaded_by_many_neighbours():
    with ServerLoop() as loop:
        servers = [PlainLogix(2000, loop=loop).start() for _ in range(2)]
        servers[1].set(1999, 4.5)
        for server, expected in zip(servers, (0.0, 4.5), strict=True):
            with LogixDriver(f"127.0.0.1:{server.port}") as driver:
                assert list(driver.tags) == list(server.addresses)
                assert value_of(driver, server.addresses[-1]) == expected
            server.stop()


def test_a_plain_controller_with_one_array():
    with PlainLogix(1000, in_array=True) as server:
        server.set_all(1.0)
        server.set(999, 2.0)
        with LogixDriver(f"127.0.0.1:{server.port}") as driver:
            assert value_of(driver, "Values{900}") == [1.0] * 900
            assert value_of(driver, server.addresses[999]) == 2.0
