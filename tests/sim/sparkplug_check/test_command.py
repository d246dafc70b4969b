"""``brimline sparkplug check`` as people call it."""

import argparse
import json

import pytest

from sim.sparkplug_check.command import add_arguments, run
from sim.sparkplug_check.hooks import WriteRequest, from_commands
from sim.sparkplug_check.session import CannotCheckError
from tests.mqtt.mosquitto import Mosquitto, free_port
from tests.sim.sparkplug_check.simple_edge import SimpleEdge
from tests.sim.sparkplug_check.simple_host import SimpleHost

pytestmark = pytest.mark.xdist_group("sparkplug-check-command")


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(words))


@pytest.fixture(scope="module")
def broker():
    with Mosquitto() as running:
        yield running


def test_a_good_node_gives_0_and_a_text(broker: Mosquitto, capsys: pytest.CaptureFixture[str]) -> None:
    edge = SimpleEdge(broker.port, "Plant", "Good")
    edge.start()
    status = _run(
        *(
            "edge",
            "--broker",
            f"127.0.0.1:{broker.port}",
            "--group",
            "Plant",
            "--node",
            "Good",
            "--timeout",
            "1",
        )
    )
    edge.stop()
    output = capsys.readouterr()

    assert status == 0, output.out
    assert "\n0 failed, " in output.out
    assert "needs --tap" in output.out
    assert "... rebirth\n" in output.err


def test_a_bad_host_gives_1_and_json_of_what_was_asked_for(
    broker: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    host = SimpleHost(broker.port, "BAD", ["online at qos 0"])
    host.start()
    wanted = ["tck-id-host-topic-phid-birth-qos", "tck-id-host-topic-phid-birth-retain"]
    status = _run(
        *("host", "--broker", f"127.0.0.1:{broker.port}", "--host-id", "BAD", "--timeout", "1", "--json"),
        *("--reorder-timeout", "1", "--only", *wanted),
    )
    host.stop()
    content = json.loads(capsys.readouterr().out)

    assert status == 1
    assert {each["id"]: each["outcome"] for each in content["results"]} == dict(
        zip(wanted, ("failed", "passed"), strict=True)
    )


def test_a_broker_can_be_checked_alone(broker: Mosquitto, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("broker", "--broker", f"127.0.0.1:{broker.port}", "--timeout", "1") == 0
    assert "4 passed" in capsys.readouterr().out


def test_without_a_broker_the_status_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()

    assert _run("broker", "--broker", f"127.0.0.1:{port}") == 2
    assert f"No broker at 127.0.0.1:{port}" in capsys.readouterr().err


def test_without_the_node_the_status_is_2(broker: Mosquitto, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "edge",
        "--broker",
        f"127.0.0.1:{broker.port}",
        "--group",
        "No",
        "--node",
        "Body",
        "--timeout",
        "0.2",
    )

    assert _run(*words) == 2
    assert "Nothing came from No/Body" in capsys.readouterr().err


def test_without_the_host_the_status_is_2(broker: Mosquitto, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("host", "--broker", f"127.0.0.1:{broker.port}", "--host-id", "Nobody", "--timeout", "0.2")

    assert _run(*words) == 2
    assert "Neither a STATE of Nobody nor a rebirth request" in capsys.readouterr().err


def test_an_unknown_requirement_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("broker", "--broker", "127.0.0.1:1", "--only", "tck-id-nothing") == 2
    assert "tck-id-nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("edge", "--broker", "nowhere", "--group", "G", "--node", "N"),
        ("edge", "--broker", "h:1", "--group", "G", "--node", "N", "--hook", "dance=true"),
        ("host", "--broker", "h:1"),
        (),
    ],
)
def test_a_wrong_command_line_is_refused(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        _run(*words)

    assert refusal.value.code == 2


def test_a_hook_gets_what_is_to_be_written_in_its_environment(tmp_path) -> None:
    file = tmp_path / "written"
    hooks = from_commands(
        {"write": f'echo "$SPARKPLUG_NODE/$SPARKPLUG_DEVICE:$SPARKPLUG_METRIC=$SPARKPLUG_VALUE" > {file}'}
    )

    assert hooks.write is not None
    hooks.write(WriteRequest("G", "N", None, "Setpoint", 42))

    assert file.read_text() == "N/:Setpoint=42\n"
    assert hooks.stop is None


def test_a_hook_that_fails_or_dumps_nonsense_ends_the_check() -> None:
    hooks = from_commands({"stop": "exit 3", "dump": "echo no json"})

    assert hooks.stop is not None
    assert hooks.dump is not None
    with pytest.raises(CannotCheckError, match="status 3"):
        hooks.stop()
    with pytest.raises(CannotCheckError, match="no JSON object"):
        hooks.dump()
