"""The load test: what it counts, and a small one against a real broker."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.payload import PayloadError, decode
from hmi.cli import main
from sim.load_messages import SparkplugNode, make_json, read_json, read_sparkplug
from sim.load_tally import Tally
from tests.drivers.sparkplug.requirements import requirement
from tests.mqtt.mosquitto import Mosquitto, free_port


@pytest.fixture(scope="module")
def broker():
    with Mosquitto() as mosquitto:
        yield mosquitto


@given(st.permutations(range(1, 30)), st.sets(st.integers(1, 29)), st.lists(st.integers(1, 29), max_size=9))
def test_whatever_is_lost_doubled_or_overtaken_is_counted(order, lost, again):
    tally = Tally()
    arriving = [number for number in order if number not in lost]
    for number in arriving:
        tally.on_message("s", number, 1.0)
    repeated = [number for number in again if number not in lost]
    for number in repeated:
        tally.on_message("s", number, 1.0)
    figures = tally.figures(29, 1.0)
    assert (figures.received, figures.lost) == (len(arriving), len(lost))
    assert figures.duplicated == len(repeated)
    assert figures.out_of_order == sum(
        number < max(arriving[:place], default=0) for place, number in enumerate(arriving)
    )


def test_two_devices_number_their_messages_each_for_itself():
    tally = Tally()
    for stream in ("a", "b"):
        for number in (1, 2, 3):
            tally.on_message(stream, number, 2.0)
    figures = tally.figures(6, 2.0)
    assert (figures.received, figures.duplicated, figures.per_s, figures.p95_ms) == (6, 0, 3.0, 2.0)


def test_a_test_in_which_nothing_arrived_has_no_latency():
    figures = Tally().figures(10, 1.0)
    assert figures.lost == 10
    assert figures.success == 0.0
    assert figures.p95_ms != figures.p95_ms


def test_messages_carry_their_number_and_time_both_ways():
    node = SparkplugNode("G", "N", ("A", "B"), 4)
    births = node.births(1_000)
    assert [topic for topic, _ in births] == [
        "spBv1.0/G/NBIRTH/N",
        "spBv1.0/G/DBIRTH/N/A",
        "spBv1.0/G/DBIRTH/N/B",
    ]
    topic, payload = node.data(1, 7, 2_000_000)
    assert topic == "spBv1.0/G/DDATA/N/B"
    assert read_sparkplug(payload) == (7, 2_000_000)
    assert [decode(each).seq for _, each in births] == [0, 1, 2]
    assert decode(payload).seq == 3
    assert read_json(make_json(7, 2_000_000, 4)) == (7, 2_000_000)


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"{}", b"[]", b'{"number": null}'])
def test_what_others_publish_is_not_taken_for_a_message_of_the_test(payload):
    with pytest.raises(ValueError, match="not a message of a load test"):
        read_json(payload)
    with pytest.raises((ValueError, PayloadError)):
        read_sparkplug(payload)


@requirement("tck-id-payloads-alias-uniqueness")
def test_aliases_are_unique_over_a_node_and_its_devices():
    node = SparkplugNode("G", "N", ("A", "B", "C"), 5)
    aliases = [
        m.alias for _, payload in node.births(1) for m in decode(payload).metrics if m.alias is not None
    ]
    assert len(aliases) == len(set(aliases)) == 15


@pytest.mark.parametrize("format_", ["sparkplug", "json"])
def test_a_small_load_arrives_whole(broker, capsys, format_):
    options = ["--nodes", "3", "--devices", "2", "--interval", "0.05", "--duration", "1", "--qos", "1"]
    limits = ["--max-lost", "0", "--min-rate", "10", "--json"]
    address = ["--broker", f"127.0.0.1:{broker.port}", "--format", format_, "--processes", "2"]
    assert main(["loadtest", *address, *options, *limits]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["sent"] == result["received"] > 0
    assert (result["lost"], result["duplicated"], result["malformed"]) == (0, 0, 0)
    assert result["p50_ms"] <= result["p95_ms"] <= result["p99_ms"]


def test_a_limit_that_is_not_kept_fails_the_command_and_is_named(broker, capsys):
    address = ["--broker", f"127.0.0.1:{broker.port}", "--nodes", "1", "--duration", "0.3"]
    assert main(["loadtest", *address, "--min-rate", "1000000"]) == 1
    assert "at least 1e+06 wanted" in capsys.readouterr().out


def test_without_a_broker_there_is_a_sentence(capsys):
    assert main(["loadtest", "--broker", f"127.0.0.1:{free_port()}"]) == 1
    assert "cannot be reached" in capsys.readouterr().err
