"""Whatever happens to an edge node, in whatever order: it breaks no rule, and loses and doubles nothing."""

from collections import Counter
from pathlib import Path

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from drivers.mqtt.base import Incoming
from drivers.sparkplug.edge_births import Catalogue
from drivers.sparkplug.edge_commands import CommandDesk
from drivers.sparkplug.edge_flow import EdgeFlow
from drivers.sparkplug.edge_session import death_certificate
from drivers.sparkplug.store import Store
from engine.model import Quality, Sample
from engine.nodes import EdgeState
from tests.clock import ManualClock
from tests.drivers.sparkplug.edge_observer import EdgeObserver
from tests.drivers.sparkplug.edge_rig import REBIRTH, devices, settings, state_message
from tests.drivers.sparkplug.requirements import requirement

DEVICES = devices(count=3, tags=2)
KEYS = [tag.key for device in DEVICES for tag in device.tags]
QUALITIES = [Quality.GOOD, Quality.BAD, Quality.STALE]
IDS = [device.id for device in DEVICES]


class FakeLine:
    """A broker that takes messages in order, and at the end of a session only as many as the test says."""

    def __init__(self, observer):
        self.observer = observer
        self.open = False
        self.refusing = False
        self.left = False
        self.on_its_way = []
        self.probes = []
        self._tokens = 0

    def send(self, message):
        if not self.open or self.refusing:
            return False
        self.on_its_way.append(message)
        return True

    def probe(self):
        if not self.open:
            return None
        self._tokens += 1
        self.probes.append((self._tokens, len(self.on_its_way)))
        return self._tokens

    def leave(self, farewell, next_broker):
        if self.open:
            self.on_its_way += farewell
            self.arrive(len(self.on_its_way))
        self.open, self.left = False, True

    def arrive(self, count):
        arrived, self.on_its_way = self.on_its_way[:count], self.on_its_way[count:]
        for message in arrived:
            self.observer.publish(message)
        self.probes = [(token, max(0, behind - len(arrived))) for token, behind in self.probes]

    def end(self, arriving):
        self.arrive(arriving)
        self.on_its_way, self.probes, self.open = [], [], False


class EdgeMachine(RuleBasedStateMachine):
    primary = None

    @initialize()
    def start(self):
        self.clock = ManualClock()
        self.observer = EdgeObserver()
        self.line = FakeLine(self.observer)
        self.store = Store(Path(":memory:"), 1 << 30, 1 << 60)
        self.store.open()
        self.bd_seq = 41
        self.given = []
        self.latest = {key: Sample(key, None, Quality.BAD, 0) for key in KEYS}
        self.last_us = {}
        self.up = set()
        self.sessions = 0
        self.state_ms = 1
        self._make_flow()

    def _make_flow(self):
        config = settings(
            interval_s=0.5,
            batch_size=4,
            history_per_s=100.0,
            queue_limit=6,
            rebirth_s=1.0,
            primary_host_id=self.primary,
        )
        self.config = config
        catalogue = Catalogue(DEVICES)
        desk = CommandDesk(config, catalogue, lambda *asked: None, lambda event: None, self.clock)
        self.flow = EdgeFlow(config, catalogue, self.store, self.line, desk, lambda text: None, self.clock)
        self.flow.session.remember(self.latest.values())

    def teardown(self):
        if not hasattr(self, "flow"):
            return
        self.settle()
        self.store.close()

    @rule(online=st.booleans())
    @precondition(lambda self: not self.line.open)
    def connect(self, online):
        if self.line.left:
            self.line.left = False
            self.flow.on_session_lost("left")
        self.sessions += 1
        self.bd_seq = (self.bd_seq + 1) % 256
        self.line.end(0)
        self.line.open = True
        self.observer.connect(death_certificate(self.config, self.bd_seq, 1))
        self.flow.on_session(self.bd_seq, "broker")
        if self.primary:
            self.host(online, False)

    @rule(share=st.floats(0, 1))
    @precondition(lambda self: self.line.open)
    def lose_session(self, share):
        self.line.end(round(share * len(self.line.on_its_way)))
        self.flow.on_session_lost("cut")

    @rule(share=st.floats(0, 1))
    def kill_the_program(self, share):
        self.line.end(round(share * len(self.line.on_its_way)))
        self.line.left = False
        self.store.recall()
        self._make_flow()
        for device in self.up:
            self.flow.on_device(device, True)

    @rule(online=st.booleans(), older=st.booleans())
    @precondition(lambda self: self.primary)
    def host(self, online, older):
        self.state_ms += 1
        message = state_message(online, 0 if older else self.state_ms)
        self.flow.on_message(Incoming(message.topic, message.payload, 1, False, 0))

    @rule(
        changes=st.lists(
            st.tuples(st.sampled_from(KEYS), st.floats(0, 1e6), st.sampled_from(QUALITIES)),
            min_size=1,
            max_size=8,
        ),
        back_s=st.sampled_from([0, 0, 0, 3]),
    )
    def change(self, changes, back_s):
        samples = []
        for key, value, quality in changes:
            self.clock.advance(0.001)
            sample = Sample(
                key,
                None if quality is Quality.BAD else value,
                quality,
                self.clock.utc_us() - back_s * 1_000_000,
            )
            if self.latest[key][1:3] == sample[1:3]:
                continue
            if any(
                given.tag == key and given.source_time_us == sample.source_time_us for given in self.given
            ):
                continue
            self.latest[key] = sample
            samples.append(sample)
        if samples:
            self.given += samples
            self.flow.on_changes(samples)

    @rule(device=st.sampled_from(IDS))
    def device_up(self, device):
        self.up.add(device)
        self.flow.on_device(device, True)

    @rule(device=st.sampled_from(IDS))
    def device_down(self, device):
        self.up.discard(device)
        self.flow.on_device(device, False)

    @rule()
    @precondition(lambda self: self.line.open)
    def rebirth(self):
        self.flow.on_message(Incoming("spBv1.0/plant/NCMD/filler", REBIRTH, 0, False, 0))

    @rule(on=st.booleans())
    def refuse(self, on):
        self.line.refusing = on

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.6, 2.0]))
    def time_passes(self, seconds):
        self.clock.advance(seconds)
        self.flow.tick()

    @rule()
    def broker_answers(self):
        self.line.arrive(len(self.line.on_its_way))
        probes, self.line.probes = self.line.probes, []
        for token, _ in probes:
            self.flow.on_sent(token)

    @rule(count=st.integers(0, 5))
    def some_arrives(self, count):
        self.line.arrive(count)

    @invariant()
    def nothing_is_said_behind_a_closed_gate(self):
        if hasattr(self, "flow") and self.flow.state is EdgeState.OFFLINE:
            assert self.flow.session.bd_seq is None

    def settle(self):
        """In the end everything is well for a while: then every value has arrived."""
        self.line.refusing = False
        if not self.line.open:
            self.connect(True)
        if self.primary:
            self.host(True, False)
        for device in IDS:
            self.device_up(device)
        for _ in range(400):
            self.time_passes(0.6)
            self.broker_answers()
            if not self.store.values and not self.flow.unproven:
                break
        self._nothing_lost()
        self._nothing_doubled()
        self._live_is_newest()

    def _nothing_lost(self):
        heard = {(h.device, h.name, h.time_ms) for h in self.observer.heard}
        for sample in self.given:
            device, name = sample.tag.split("/")
            assert (device, name, sample.source_time_us // 1000) in heard, f"{sample} was lost"
        assert self.store.values == 0
        assert self.flow.delivery.lost == 0

    def _nothing_doubled(self):
        """At most once for each session that ended without a proof, and then as history."""
        said = Counter((h.device, h.name, h.time_ms) for h in self.observer.heard if h.how != "birth")
        live = Counter((h.device, h.name, h.time_ms) for h in self.observer.heard if h.how == "live")
        assert all(count <= self.sessions for count in said.values())
        assert all(count == 1 for count in live.values())

    def _live_is_newest(self):
        shown = {}
        for heard in self.observer.heard:
            if heard.how != "history":
                shown[heard.device, heard.name] = heard
        for key, sample in self.latest.items():
            if not sample.source_time_us:
                continue
            assert shown[tuple(key.split("/"))].value == sample.value


class EdgeMachineWithPrimaryHost(EdgeMachine):
    primary = "scada"


HARD = hypothesis_settings(max_examples=120, stateful_step_count=40)


@requirement(
    "tck-id-payloads-sequence-num-always-included",
    "tck-id-payloads-sequence-num-req-nbirth",
    "tck-id-payloads-sequence-num-incrementing",
    "tck-id-topics-ndata-seq-num",
    "tck-id-topics-ddata-seq-num",
    "tck-id-topics-dbirth-seq",
    "tck-id-topics-ddeath-seq-num",
    "tck-id-payloads-dbirth-seq",
    "tck-id-payloads-dbirth-seq-inc",
    "tck-id-payloads-ndata-seq",
    "tck-id-payloads-ndata-seq-inc",
    "tck-id-payloads-ddata-seq",
    "tck-id-payloads-ddata-seq-inc",
    "tck-id-payloads-ddeath-seq",
    "tck-id-payloads-ddeath-seq-inc",
    "tck-id-payloads-ddeath-seq-number",
    "tck-id-payloads-ndeath-seq",
    "tck-id-topics-ndeath-seq",
    "tck-id-message-flow-device-birth-publish-dbirth-payload-seq",
    "tck-id-payloads-dbirth-order",
    "tck-id-payloads-ndata-order",
    "tck-id-payloads-ddata-order",
    "tck-id-operational-behavior-data-publish-nbirth-order",
    "tck-id-operational-behavior-data-publish-dbirth-order",
    "tck-id-operational-behavior-data-publish-nbirth-change",
    "tck-id-operational-behavior-data-publish-dbirth-change",
    "tck-id-principles-rbe-recommended",
    "tck-id-message-flow-device-birth-publish-nbirth-wait",
    "tck-id-topic-structure-namespace-unique-device-id",
    "tck-id-topics-nbirth-bdseq-matching",
    "tck-id-payloads-nbirth-bdseq-repeat",
)
def test_no_course_of_events_breaks_a_rule_or_loses_a_value():
    run_state_machine_as_test(EdgeMachine, settings=HARD)


def test_nor_does_a_primary_host_that_comes_and_goes():
    run_state_machine_as_test(EdgeMachineWithPrimaryHost, settings=HARD)
