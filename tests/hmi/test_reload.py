"""A changed plant file is taken into the running plant; what did not change is not touched."""

import struct
import time

import pytest

from engine.clock import SystemClock
from engine.config import parse_plant
from engine.model import Quality
from hmi.plant import build_plant
from hmi.reload import PlantReload
from sim.s7_server import S7Server
from tests.waiting import wait_until

PLANT = """\
schema_version: 1
site: {{name: Hall, timezone: UTC}}
plc_connections:
  - id: line1
    type: SIEMENS_S7
    host: 127.0.0.1
    port: {port}
    timeout: 1
    scan_rate_ms: 50
    tags:
      - {{name: Level, address: DB1.DBD0, data_type: REAL, unit: "%"}}
      {more}
  - id: line2
    type: SIEMENS_S7
    host: 127.0.0.1
    port: {port}
    timeout: 1
    scan_rate_ms: 50
    tags: [{{name: Level, address: DB1.DBD0, data_type: REAL}}]
"""


@pytest.fixture
def server():
    memory = bytearray(struct.pack(">ff", 1.0, 2.0) + bytes(56))
    server = S7Server("127.0.0.1", 0)
    server.add_db(1, memory)
    server.start()
    server.memory = memory
    yield server
    server.stop()


@pytest.fixture
def make_config(server):
    def make(more="", tail="", text=PLANT):
        return parse_plant(text.format(port=server.port, more=more) + tail, "plant.yaml", {})

    return make


@pytest.fixture
def plant(make_config, tmp_path):
    plant = build_plant(make_config(), tmp_path, SystemClock())
    plant.start()
    yield plant
    plant.stop()


def good(plant, key):
    return plant.engine.tags.definition(key) and plant.engine.tags.state(key).sample.quality is Quality.GOOD


def test_a_new_tag_gets_its_value_and_its_history_and_the_other_line_goes_on(plant, make_config):
    reload = PlantReload(plant)
    wait_until(lambda: good(plant, "line1/Level") and good(plant, "line2/Level"), "the first values")
    before = plant.engine.connection("line2")
    config = make_config("- {name: Speed, address: DB1.DBD4, data_type: REAL, unit: RPM}")
    reloaded = reload.apply(config)
    assert (reloaded.connections, reloaded.later) == (("line1",), ())
    wait_until(lambda: good(plant, "line1/Speed"), "the value of the new tag")
    assert plant.engine.tags.state("line1/Speed").sample.value == 2.0
    assert plant.engine.connection("line2").since_us == before.since_us
    assert reload.config is config

    def recorded():
        if not plant.engine.recorder.status().rows_written:
            return None
        start = time.time_ns() // 1000 - 60_000_000
        return [s.value for s in plant.engine.history.samples("line1/Speed", start, start + 120_000_000)]

    wait_until(lambda: recorded() == [2.0], "the new tag in history")
    assert {"line1/Level": "%", "line1/Speed": "RPM"}.items() <= {
        tag.tag: tag.unit for tag in plant.engine.history.tags()
    }.items()


def test_a_connection_comes_and_goes(plant, make_config):
    reload = PlantReload(plant)
    third = (
        "  - id: line3\n    type: SIEMENS_S7\n    host: 127.0.0.1\n    port: {port}\n    scan_rate_ms: 50\n"
        "    tags: [{{name: Speed, address: DB1.DBD4, data_type: REAL}}]\n"
    )
    reload.apply(make_config(text=PLANT + third))
    wait_until(lambda: good(plant, "line3/Speed"), "the new connection's value")
    reload.apply(make_config())
    assert [each.connection for each in plant.engine.connections()] == ["line1", "line2"]
    assert plant.engine.tags.definition("line3/Speed") is None
    plant.engine.retry_now("line3")  # somebody touched the button just then


def test_what_cannot_change_while_the_plant_runs_is_named(plant, make_config):
    reload = PlantReload(plant)
    tail = "machines: [{id: filler, name: Filler, connection: line1}]\n"
    reloaded = reload.apply(make_config(tail=tail))
    assert (reloaded.connections, reloaded.later) == ((), ("machines",))
    assert "started again" in str(reloaded)


def test_a_controller_that_is_not_there_keeps_nobody_from_changing_its_tags(plant, make_config, server):
    reload = PlantReload(plant)
    wait_until(lambda: good(plant, "line1/Level"), "the first value")
    server.faults.mute = True
    reload.apply(make_config("- {name: Speed, address: DB1.DBD4, data_type: REAL}"))
    assert plant.engine.tags.state("line1/Speed").sample.quality is Quality.BAD
    server.faults.mute = False
    wait_until(lambda: good(plant, "line1/Speed"), "the value of the new tag")


def test_the_same_file_again_changes_nothing(plant, make_config):
    assert str(PlantReload(plant).apply(make_config())) == "nothing of the running plant changed"


def test_a_connection_that_leads_elsewhere_forgets_the_other_controller_s_values(plant, make_config):
    reload = PlantReload(plant)
    wait_until(lambda: good(plant, "line1/Level") and good(plant, "line2/Level"), "the first values")
    config = make_config()
    line1 = config.connection("line1").model_copy(update={"port": 1})
    others = tuple(each for each in config.plc_connections if each.id != "line1")
    reload.apply(config.model_copy(update={"plc_connections": (line1, *others)}))
    assert plant.engine.tags.state("line1/Level").last_good is None
    assert good(plant, "line2/Level")
