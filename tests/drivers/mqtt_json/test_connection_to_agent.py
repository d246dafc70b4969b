"""The JSON connection and the bottle filler agent through a whole engine: values, writes, a lost agent."""

import random
from collections.abc import Iterator

import pytest

from drivers.base import ConnectionSettings
from drivers.mqtt.link import MqttLink
from drivers.mqtt_json.connection import JsonConnection
from engine.clock import SystemClock
from engine.commands import CommandResult, CommandState
from engine.connections import ConnectionState
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.model import Quality
from engine.runtime import Engine
from engine.tags import TagDatabase
from tests.engine.tag_defs import tag_def
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.recording import QUICK, at
from tests.sim.test_mqtt_agent import Running
from tests.waiting import wait_until

DATA = "plc/bottlefiller/data"
TAGS = [
    tag_def("FillLevel", address="plc/bottlefiller/analog $.FillLevel"),
    tag_def("StateCurrent", "DINT", address=f"{DATA} $.StateCurrent"),
    tag_def("FillLevelWrong", "BOOL", address=f"{DATA} $.FillLevel", writable=True),
    tag_def("ConveyorSpeedSetpoint", address=f"{DATA} $.ConveyorSpeedSetpoint", writable=True),
    tag_def("StopCommand", "BOOL", address=f"{DATA} $.StopCommand", writable=True, pulse=True),
]


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as running:
        yield running


@pytest.fixture
def engine(broker) -> Iterator[Engine]:
    clock = SystemClock()
    engine = Engine(TagDatabase(TAGS), EventJournal(), NullRecorder(), history=None, clock=clock)
    engine.add_connections(
        [
            JsonConnection(
                ConnectionSettings("line1", "MQTT_JSON", "", "", 0, scan_ms=500),
                TAGS,
                [at(broker.port)],
                "brimline-test",
                engine.post,
                lambda brokers, name, handler, role: MqttLink(
                    brokers, name, handler, role, clock, random.Random(1), QUICK
                ),
                clock,
                "plc/bottlefiller/command",
            )
        ]
    )
    engine.start()
    yield engine
    engine.stop()


def sample(engine: Engine, name: str):
    return engine.tags.state(f"line1/{name}").sample


def written(engine: Engine, name: str, value: object) -> CommandResult:
    done: list[CommandResult] = []
    asked = engine.commands.request(f"line1/{name}", value, "operator", done.append)
    assert asked.state is CommandState.PENDING, asked.text
    wait_until(lambda: done, "the outcome")
    return done[0]


def test_the_line_is_read_and_written(broker, engine):
    with Running(broker.port, interval_s=0.3):
        wait_until(lambda: sample(engine, "FillLevel").quality is Quality.GOOD, "values")
        assert 50.0 < sample(engine, "FillLevel").value < 70.0
        assert sample(engine, "FillLevelWrong").quality is Quality.BAD

        result = written(engine, "ConveyorSpeedSetpoint", 50.0)
        assert (result.state, result.readback) == (CommandState.DONE, 50.0)
        result = written(engine, "ConveyorSpeedSetpoint", 99.0)
        assert (result.state, result.readback) == (CommandState.FAILED, 66.0)
        result = written(engine, "FillLevelWrong", True)
        assert result.state is CommandState.FAILED
        assert "line1 refused it: 'FillLevelWrong' is not a tag of the line" in result.text

        assert written(engine, "StopCommand", True).state is CommandState.DONE
        wait_until(lambda: sample(engine, "StateCurrent").value in (2, 7), "a stopped line")
    wait_until(lambda: sample(engine, "FillLevel").quality is Quality.STALE, "age")
    assert engine.connections()[0].state is ConnectionState.CONNECTED


def test_a_lost_broker_makes_everything_bad_and_locks_commands(broker, engine, expected_logs):
    expected_logs.add("line1: |bottlefiller: ")
    with Running(broker.port, interval_s=0.3):
        wait_until(lambda: sample(engine, "FillLevel").quality is Quality.GOOD, "values")
        broker.kill()
        wait_until(lambda: sample(engine, "FillLevel").quality is Quality.BAD, "the loss")
        refused = engine.commands.request("line1/ConveyorSpeedSetpoint", 50.0, "operator")
        assert refused.state is CommandState.REFUSED
        broker.start()
        wait_until(lambda: sample(engine, "FillLevel").quality is Quality.GOOD, "values again", 20.0)
