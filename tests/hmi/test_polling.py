"""Where a plant's controllers are polled, as its file says; and changing it while it runs."""

import struct

import pytest

from engine.clock import SystemClock
from engine.config import parse_plant
from engine.model import Quality
from hmi.plant import build_plant
from hmi.polling import Polling
from hmi.reload import PlantReload
from sim.s7_server import S7Server
from tests.waiting import wait_until

LINE = """\
  - id: {name}
    type: SIEMENS_S7
    host: 127.0.0.1
    port: {port}
    timeout: 1
    scan_rate_ms: 50
    tags: [{{name: {tag}, address: {address}, data_type: REAL}}]
"""


def plant_text(port, *lines, workers="auto"):
    head = f"schema_version: 1\nprocessing: {{poll_workers: {workers}}}\nplc_connections:\n"
    body = [LINE.format(name=name, port=port, tag=tag, address=address) for name, tag, address in lines]
    return head + "".join(body)


def config_of(port, *lines, workers="auto"):
    return parse_plant(plant_text(port, *lines, workers=workers), "plant.yaml", {})


@pytest.fixture
def server():
    with S7Server("127.0.0.1", 0) as server:
        server.add_db(1, bytearray(struct.pack(">ff", 1.0, 2.0) + bytes(56)))
        yield server


def good(plant, key):
    return plant.engine.tags.definition(key) and plant.engine.tags.state(key).sample.quality is Quality.GOOD


def test_a_small_plant_has_no_other_process(server, tmp_path):
    plant = build_plant(config_of(server.port, ("a", "Level", "DB1.DBD0")), tmp_path, SystemClock())
    assert plant.engine.poll_processes() == []
    assert plant.engine.polling.status().reason.startswith("Polling is estimated to take")


def test_a_large_plant_has_one_until_its_file_says_otherwise(tmp_path):
    lines = [(f"c{n}", "Level", "DB1.DBD0") for n in range(20)]
    config = config_of(1102, *lines)
    assert Polling(config, print, SystemClock(), cores=2).choice.processes == 1
    assert Polling(config, print, SystemClock(), cores=1).choice.processes == 0
    assert Polling(config_of(1102, *lines, workers=0), print, SystemClock()).choice.processes == 0


def test_what_is_not_polled_counts_for_nothing():
    text = plant_text(1102, *[(f"c{n}", "Level", "DB1.DBD0") for n in range(20)])
    text = text.replace("    timeout: 1\n", "    timeout: 1\n    enabled: false\n")
    assert Polling(parse_plant(text, "plant.yaml", {}), print, SystemClock(), cores=4).choice.processes == 0


def test_without_polling_nothing_is_said_of_it(server, tmp_path):
    config = config_of(server.port, ("a", "Level", "DB1.DBD0"), workers=1)
    plant = build_plant(config, tmp_path, SystemClock(), poll=False)
    assert plant.engine.polling is None
    assert plant.engine.poll_processes() == []


def test_a_connection_in_another_process_is_changed_while_the_others_go_on(server, tmp_path):
    lines = [("a", "Level", "DB1.DBD0"), ("b", "Level", "DB1.DBD0")]
    plant = build_plant(config_of(server.port, *lines, workers=1), tmp_path, SystemClock())
    plant.start()
    try:
        wait_until(lambda: good(plant, "a/Level") and good(plant, "b/Level"), "the first values")
        before = plant.engine.connection("b")
        (process,) = plant.engine.poll_processes()
        lines = [("a", "Speed", "DB1.DBD4"), ("b", "Level", "DB1.DBD0"), ("c", "Speed", "DB1.DBD4")]
        reload = PlantReload(plant)
        reload.apply(config_of(server.port, *lines, workers=1))
        wait_until(lambda: good(plant, "a/Speed") and good(plant, "c/Speed"), "the new values")
        assert plant.engine.tags.state("a/Speed").sample.value == 2.0
        assert plant.engine.connection("b").since_us == before.since_us
        reload.apply(config_of(server.port, *lines[1:2], workers=1))
        assert plant.engine.tags.definition("a/Speed") is None
        wait_until(lambda: plant.engine.poll_processes()[0].connections == 1, "one connection")
        assert plant.engine.poll_processes()[0].pid == process.pid
    finally:
        plant.stop()
    assert plant.engine.poll_processes()[0].pid is None
