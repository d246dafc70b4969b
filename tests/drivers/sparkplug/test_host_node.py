import pytest

from drivers.sparkplug.host_node import NodeId, Room
from drivers.sparkplug.host_writes import offline_reason
from drivers.sparkplug.model import Metric, MetricType, Property
from engine.model import Quality
from engine.nodes import NodeState
from tests.drivers.sparkplug.host_edge import NODE, Plant, number, quality, tag
from tests.drivers.sparkplug.requirements import requirement

GOOD, BAD, STALE, UNCERTAIN = Quality.GOOD, Quality.BAD, Quality.STALE, Quality.UNCERTAIN
LEVEL = "Bottling/Edge7:Level"
SPEED = "Bottling/Edge7/Filler:Speed"
PRESSURE = "Bottling/Edge7/Capper:Pressure"
_BEHAVIOUR = "tck-id-operational-behavior"
_DEATH = f"{_BEHAVIOUR}-edge-node-termination-host-action"


@pytest.fixture
def plant():
    return Plant(tag(LEVEL), tag(SPEED), tag(PRESSURE))


@pytest.fixture
def running(plant):
    """A node with two devices, everything good; the next sequence number is 3."""
    plant.born(number("Level", 1.5, 0))
    plant.say("DBIRTH", number("Speed", 58.0, 1), device="Filler", seq=1)
    plant.say("DBIRTH", number("Pressure", 6.0, 2), device="Capper", seq=2)
    assert [plant.value(each) for each in (LEVEL, SPEED, PRESSURE)] == [
        (1.5, GOOD),
        (58.0, GOOD),
        (6.0, GOOD),
    ]
    return plant


def test_data_by_alias_becomes_samples_with_the_time_of_the_metric(running):
    running.say(
        "DDATA",
        Metric(None, 59.5, MetricType.FLOAT, 1, timestamp_ms=1_773_000_000_123),
        device="Filler",
        seq=3,
    )
    sample = running.latest[f"remote/{SPEED}"]
    assert (sample.value, sample.quality, sample.source_time_us) == (59.5, GOOD, 1_773_000_000_123_000)
    assert running.node.seq == 3
    assert running.asked == []


def test_alias_zero_is_an_alias_and_a_metric_without_one_goes_by_its_name(running):
    running.say("NDATA", Metric(None, 2.5, MetricType.FLOAT, 0), seq=3)
    assert running.value(LEVEL) == (2.5, GOOD)
    running.say("DDATA", Metric("Speed", 60.0, MetricType.FLOAT), device="Filler", seq=4)
    assert (running.value(LEVEL), running.value(SPEED)) == ((2.5, GOOD), (60.0, GOOD))


def test_a_metric_without_time_has_that_of_its_payload_and_without_that_of_its_arrival(running):
    running.say("NDATA", Metric(None, 3.0, MetricType.FLOAT, 0), seq=3, at_ms=1_000)
    assert running.latest[f"remote/{LEVEL}"].source_time_us == 1_000_000
    running.say("NDATA", Metric(None, 4.0, MetricType.FLOAT, 0), seq=4, at_ms=0)
    assert running.latest[f"remote/{LEVEL}"].source_time_us == running.clock.utc_us()


@pytest.mark.parametrize(
    ("code", "expected"),
    [(192, GOOD), (0, BAD), (500, STALE), (64, UNCERTAIN), (100, UNCERTAIN), (216, GOOD)],
)
def test_the_quality_property_is_the_quality(running, code, expected):
    running.say("NDATA", number(None, 9.0, 0, properties=quality(code)), seq=3)
    assert running.value(LEVEL) == (9.0, expected)
    running.say("NDATA", number(None, 9.5, 0), seq=4)
    assert running.value(LEVEL) == (9.5, GOOD)


def test_null_is_bad_unless_its_quality_says_otherwise(running):
    running.say("NDATA", number(None, None, 0), seq=3)
    assert running.value(LEVEL) == (None, BAD)
    running.say("NDATA", number(None, None, 0, properties=quality(500)), seq=4)
    assert running.value(LEVEL) == (None, STALE)


def test_zero_false_and_negative_values_are_values():
    plant = Plant(tag("G/N:Zero"), tag("G/N:Off", "BOOL"), tag("G/N:Minus", "DINT"), tag("G/N:Byte", "SINT"))
    node = NodeId("G", "N")
    plant.say(
        "NBIRTH",
        number("Zero", 1.0, 0),
        number("Off", True, 1, MetricType.BOOLEAN),
        number("Minus", 5, 2, MetricType.INT32),
        number("Byte", 5, 3, MetricType.INT8),
        seq=0,
        node=node,
    )
    plant.say(
        "NDATA",
        number(None, 0.0, 0),
        number(None, False, 1, MetricType.BOOLEAN),
        number(None, -12, 2, MetricType.INT32),
        number(None, -1, 3, MetricType.INT8),
        seq=1,
        node=node,
    )
    assert [plant.value(f"G/N:{name}") for name in ("Zero", "Off", "Minus", "Byte")] == [
        (0.0, GOOD),
        (False, GOOD),
        (-12, GOOD),
        (-1, GOOD),
    ]


def test_historical_values_go_to_the_past_and_leave_the_live_value_alone(running):
    running.say("DDATA", number(None, 11.0, 1, timestamp_ms=5000, is_historical=True), device="Filler", seq=3)
    assert running.value(SPEED) == (58.0, GOOD)
    assert [(s.tag, s.value, s.quality, s.source_time_us) for s in running.outbox.past] == [
        (f"remote/{SPEED}", 11.0, GOOD, 5_000_000)
    ]
    assert running.node.slot("Filler", "Speed").value == 58.0


def test_a_value_that_the_tag_cannot_hold_is_bad_and_an_error_of_its_connection():
    plant = Plant(tag("G/N:Big", "SINT"))
    node = NodeId("G", "N")
    plant.say("NBIRTH", number("Big", 300, 0, MetricType.INT32), seq=0, node=node)
    assert plant.value("G/N:Big") == (None, BAD)
    assert "300 does not fit SINT" in plant.outbox.errors["remote/G/N:Big"]
    plant.say("NDATA", number(None, 3, 0, MetricType.INT32), seq=1, node=node)
    assert plant.value("G/N:Big") == (3, GOOD)
    assert plant.outbox.errors == {}


def test_a_birth_without_the_metric_of_a_tag_makes_the_tag_bad_and_says_so(running):
    running.born(number("Other", 1.0, 0))
    assert running.value(LEVEL) == (None, BAD)
    assert "no such metric" in running.outbox.errors[f"remote/{LEVEL}"]
    running.born(number("Level", 1.0, 0))
    assert running.value(LEVEL) == (1.0, GOOD)
    assert running.outbox.errors == {}


@requirement(
    f"{_DEATH}-ndeath-node-offline",
    f"{_DEATH}-ndeath-node-tags-stale",
    f"{_DEATH}-ndeath-devices-offline",
    f"{_DEATH}-ndeath-devices-tags-stale",
)
def test_a_nodes_death_makes_it_and_its_devices_offline_and_their_metrics_stale_at_our_time(running):
    running.clock.advance(3)
    running.dies(at_ms=1)
    assert running.node.state is NodeState.OFFLINE
    assert {device.state for device in running.node.devices.values()} == {NodeState.OFFLINE}
    for address in (LEVEL, SPEED, PRESSURE):
        sample = running.latest[f"remote/{address}"]
        assert (sample.value, sample.quality, sample.source_time_us) == (None, STALE, running.clock.utc_us())


@requirement(f"{_DEATH}-ddeath-devices-offline", f"{_DEATH}-ddeath-devices-tags-stale")
def test_a_devices_death_makes_only_its_own_metrics_stale_at_the_time_of_the_payload(running):
    running.say("DDEATH", device="Filler", seq=3, at_ms=1_700_000_000_000)
    assert running.node.devices["Filler"].state is NodeState.OFFLINE
    assert running.latest[f"remote/{SPEED}"][1:] == (None, STALE, 1_700_000_000_000_000)
    assert (running.value(LEVEL), running.value(PRESSURE)) == ((1.5, GOOD), (6.0, GOOD))
    assert running.node.state is NodeState.ONLINE


def test_a_death_of_an_earlier_session_is_ignored_and_counted(running):
    running.born(number("Level", 1.0, 0), bd=2)
    running.dies(bd=1)
    assert running.node.state is NodeState.ONLINE
    assert running.node.faults.stale_deaths == 1
    running.dies(bd=2)
    running.dies(bd=2)
    assert running.node.state is NodeState.OFFLINE
    assert running.node.faults.stale_deaths == 2


def test_a_new_session_makes_the_devices_of_the_old_one_stale_until_they_are_born(running):
    running.born(number("Level", 1.0, 0), bd=2)
    assert (running.value(SPEED), running.value(PRESSURE)) == ((None, STALE), (None, STALE))
    running.say("DBIRTH", number("Speed", 1.0, 1), device="Filler", seq=1)
    assert (running.value(SPEED), running.value(PRESSURE)) == ((1.0, GOOD), (None, STALE))


def test_a_rebirth_keeps_values_for_a_moment_and_makes_stale_what_is_not_born_again(running):
    running.born(number("Level", 1.0, 0))
    running.say("DBIRTH", number("Speed", 1.0, 1), device="Filler", seq=1)
    assert running.value(PRESSURE) == (6.0, GOOD)
    running.wait(2.1)
    assert (running.value(SPEED), running.value(PRESSURE)) == ((1.0, GOOD), (None, STALE))
    assert running.node.devices["Capper"].state is NodeState.OFFLINE


def test_aliases_of_an_earlier_birth_are_forgotten(running):
    running.born(number("Level", 1.0, 7))
    running.say("NDATA", number(None, 99.0, 0), seq=1)
    assert running.value(LEVEL) == (1.0, GOOD)
    assert running.node.faults.unknown_alias == 1
    running.wait(0.1)
    assert [cause for _, _, cause in running.asked] == ["alias 0 of Bottling/Edge7 is not in its birth"]


def test_the_same_alias_in_two_devices_is_named_and_both_are_still_read_rightly(running):
    running.say("DBIRTH", number("Pressure", 6.0, 1), device="Capper", seq=3)
    assert "alias 1 is used by Bottling/Edge7/Capper and by Bottling/Edge7/Filler" in running.node.last_error
    running.say("DDATA", number(None, 7.0, 1), device="Capper", seq=4)
    assert (running.value(SPEED), running.value(PRESSURE)) == ((58.0, GOOD), (7.0, GOOD))


@pytest.mark.parametrize(
    ("verb", "device"), [("NDATA", None), ("DDATA", "Filler"), ("DBIRTH", "Filler"), ("DDEATH", "Filler")]
)
def test_anything_before_the_birth_of_the_node_asks_for_it_once(plant, verb, device):
    for seq in range(3, 50):
        plant.say(verb, number("Speed", 1.0, 1), device=device, seq=seq)
    plant.wait(4.9)
    assert [id_ for _, id_, _ in plant.asked] == [NODE]
    assert plant.node.state is NodeState.UNBORN
    assert plant.value(SPEED) is None
    assert plant.node.faults.before_birth == 47


def test_data_of_a_device_that_was_not_born_or_is_dead_asks_for_a_rebirth(running):
    running.say("DDATA", number(None, 1.0, 5), device="Labeller", seq=3)
    running.wait(0.1)
    assert [cause for _, _, cause in running.asked] == ["data of device Labeller before its birth"]
    running.say("DDEATH", device="Filler", seq=4)
    running.say("DDATA", number(None, 70.0, 1), device="Filler", seq=5)
    assert running.value(SPEED) == (None, STALE)
    assert running.node.faults.before_birth == 2


def test_data_after_the_death_of_the_node_is_not_believed(running):
    running.dies()
    running.say("NDATA", number(None, 99.0, 0), seq=3)
    assert running.value(LEVEL) == (None, STALE)
    running.wait(0.1)
    assert len(running.asked) == 1


@requirement(
    f"{_BEHAVIOUR}-host-reordering-param",
    f"{_BEHAVIOUR}-host-reordering-start",
    f"{_BEHAVIOUR}-host-reordering-rebirth",
)
def test_a_missing_message_is_waited_for_and_then_a_rebirth_is_asked_for(running):
    running.say("NDATA", number(None, 2.0, 0), seq=4)
    running.wait(1.9)
    assert running.asked == []
    assert running.value(LEVEL) == (1.5, GOOD)
    running.wait(0.3)
    assert [cause for _, _, cause in running.asked] == ["a message is missing"]
    assert running.value(LEVEL) == (2.0, GOOD)
    assert running.node.faults.gaps == 1


@requirement(f"{_BEHAVIOUR}-host-reordering-success")
def test_messages_that_overtook_each_other_are_put_in_order(running):
    running.say("NDATA", number(None, 4.0, 0), seq=4)
    running.wait(1.0)
    running.say("NDATA", number(None, 3.0, 0), seq=3)
    assert [sample.value for sample in running.samples] == [3.0, 4.0]
    running.wait(10)
    assert running.asked == []
    assert running.node.current_faults().reordered == 1


def test_a_device_birth_that_overtook_that_of_its_node_is_kept_for_it(plant):
    plant.clock.advance(1)
    plant.say("DBIRTH", number("Speed", 1.0, 1), device="Filler", seq=1)
    plant.wait(0.5)
    plant.born(number("Level", 2.0, 0), at_ms=plant.now_ms() - 500)
    assert plant.value(SPEED) == (1.0, GOOD)
    plant.wait(10)
    assert plant.asked == []


def test_a_duplicate_is_handled_once(running):
    for _ in range(3):
        running.say("NDATA", number(None, 2.0, 0), seq=3)
    running.wait(5)
    assert running.asked == []
    assert running.node.seq == 3


def test_the_sequence_wraps_and_starts_anywhere(plant):
    plant.born(number("Level", 0.0, 0), seq=200)
    for n in range(1, 300):
        plant.say("NDATA", number(None, float(n), 0), seq=(200 + n) % 256)
    plant.wait(5)
    assert plant.value(LEVEL) == (299.0, GOOD)
    assert plant.asked == []


def test_a_birth_that_the_broker_kept_tells_what_there_is_but_not_how_it_is(plant):
    plant.born(number("Level", 3.0, 0), retain=True)
    plant.say("DBIRTH", number("Speed", 3.0, 1), device="Filler", seq=1, retain=True)
    assert plant.node.state is NodeState.UNBORN
    assert plant.node.slot("Filler", "Speed").quality is STALE
    assert plant.value(SPEED) is None
    plant.wait(0.1)
    assert len(plant.asked) == 1


def test_a_lost_broker_makes_everything_stale_and_its_return_asks_for_births(running):
    running.tracker.on_link_lost(running.clock.utc_us())
    running.take()
    assert {running.value(each) for each in (LEVEL, SPEED, PRESSURE)} == {(None, STALE)}
    assert running.node.state is NodeState.OFFLINE
    running.wait(20)
    assert running.asked == []
    running.tracker.on_link_up(running.clock.monotonic())
    running.wait(2)
    assert len(running.asked) == 1


def test_malformed_messages_are_counted_and_change_nothing(running):
    for _ in range(10):
        running.say_bytes("DDATA", b"\xff\xff\xffgarbage", "Filler")
    assert running.node.faults.malformed == 10
    assert running.value(SPEED) == (58.0, GOOD)
    running.say_bytes("NBIRTH", b"\xff\xff", node=NodeId("X", "Y"))
    assert NodeId("X", "Y") not in running.tracker.nodes
    assert running.tracker.counts.malformed == 11


def test_the_skew_of_the_nodes_clock_is_noted_and_its_times_are_kept(running):
    running.say("NDATA", number(None, 2.0, 0), seq=3, at_ms=running.now_ms() + 7_200_000)
    assert running.node.skew_ms == pytest.approx(7_200_000)
    assert running.latest[f"remote/{LEVEL}"].source_time_us == running.clock.utc_us() + 7_200_000_000


def test_two_nodes_with_one_id_are_recognised(plant):
    for first, second in ((3, 17), (4, 18), (5, 19)):
        for bd in (first, second):
            plant.born(number("Level", 1.0, 0), bd=bd)
            plant.wait(1)
    assert plant.node.faults.duplicate_ids > 0
    assert plant.node.births.note(plant.clock.utc_us()).startswith("Two nodes seem to use this id")
    assert [id_ for id_, _ in plant.tracker.take_suspicions()] == [NODE]
    plant.clock.advance(700)
    assert plant.node.births.note(plant.clock.utc_us()) == ""


def test_a_node_that_comes_back_again_and_again_is_not_taken_for_two(plant):
    for bd in range(250, 260):
        plant.born(number("Level", 1.0, 0), bd=bd % 256)
        plant.wait(1)
        plant.born(number("Level", 1.0, 0), bd=bd % 256)
    assert plant.node.faults.duplicate_ids == 0


def test_clocks_that_jump_change_nothing_but_the_skew(running):
    for jump_s, node_jump_s, seq in (
        (86_400, 0, 3),
        (-172_800, 0, 4),
        (0, 31_536_000, 5),
        (0, -31_536_000, 6),
    ):
        running.clock.jump_utc(jump_s)
        at_ms = running.now_ms() + node_jump_s * 1000
        running.say("NDATA", number(None, float(seq), 0), seq=seq, at_ms=at_ms)
        running.wait(3)
        assert running.value(LEVEL) == (float(seq), GOOD)
        assert running.node.skew_ms == pytest.approx(node_jump_s * 1000, abs=1)
    assert running.asked == []
    running.dies()
    assert running.value(LEVEL) == (None, STALE)


def test_times_beyond_all_calendars_are_no_harm(running):
    running.say(
        "NDATA", Metric(None, 8.0, MetricType.FLOAT, 0, timestamp_ms=2**64 - 1), seq=3, at_ms=2**64 - 1
    )
    assert running.value(LEVEL) == (8.0, GOOD)
    assert running.latest[f"remote/{LEVEL}"].source_time_us == running.clock.utc_us()


def test_a_device_that_died_beyond_all_calendars_can_still_be_spoken_of(running):
    running.say("DDEATH", device="Mixer", seq=3, at_ms=2**64 - 1)
    device = running.node.devices["Mixer"]
    assert device.since_us == running.clock.utc_us()
    assert "is offline since" in offline_reason(running.node, "Mixer")


def test_properties_made_up_in_data_are_not_collected_without_end(running):
    for n in range(300):
        made_up = {f"key{n}": Property(MetricType.INT32, n)}
        running.say("NDATA", number(None, float(n), 0, properties=made_up), seq=(3 + n) % 256)
    slot = running.node.own.table.by_alias[0]
    assert slot.value == 299.0
    assert len(slot.properties) <= 100


def test_made_up_devices_are_not_collected_without_end(plant, monkeypatch):
    monkeypatch.setattr(plant.tracker, "_room", Room(3))
    for node in ("a", "b"):
        plant.say("NBIRTH", seq=0, node=NodeId("G", node))
        for seq, verb in enumerate(("DBIRTH", "DDEATH", "DBIRTH"), 1):
            plant.say(verb, device=f"device{seq}", seq=seq, node=NodeId("G", node))
    followed = [len(node.devices) for node in plant.tracker.nodes.values()]
    assert followed == [3, 0]
    assert "too many" in plant.tracker.nodes[NodeId("G", "b")].last_error


def test_long_names_are_not_repeated_in_full(running):
    running.say("NDATA", number("x" * 100_000, 1.0), seq=3)
    assert len(running.node.last_error) <= 300
    assert len(running.tracker.rebirths.cause(NODE)) <= 300
