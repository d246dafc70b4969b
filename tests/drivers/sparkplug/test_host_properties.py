"""Whatever the network does to a node's messages: nothing dead looks good, nothing comes twice, all heals."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model import Quality
from engine.nodes import NodeState
from tests.drivers.sparkplug.host_edge import INTERVAL_S, NODE, Plant, bd_seq, number, tag

DEVICES = ("D1", "D2", "D3")
BIRTH_MARK = 0.5
"""Values in births end in .5, values in data are whole and never repeat."""


class ModelNode:
    """A node that keeps all rules, on a network that keeps none. ``deaf``: how many requests it misses."""

    def __init__(self, plant):
        self.plant = plant
        self.bd, self.seq, self.counter = 0, 0, 0
        self.running = False
        self.alive = dict.fromkeys(DEVICES, True)
        self.deaf = 0
        self.held = None
        self.answered = 0
        self.samples = []

    def say(self, verb, *metrics, device=None, how="ok", numbered=True):
        seq = None
        if numbered:
            seq, self.seq = self.seq, (self.seq + 1) % 256
        message = (verb, metrics, device, seq, self.plant.now_ms())
        if how == "lost":
            return
        if how == "late" and self.held is None:
            self.held = message
            return
        self._deliver(message)
        if how == "twice":
            self._deliver(message)
        self.release()

    def release(self):
        if self.held is not None:
            message, self.held = self.held, None
            self._deliver(message)

    def births(self, how="ok"):
        self.seq = 0
        self.plant.clock.advance(0.001)

        self.say("NBIRTH", bd_seq(self.bd), how="ok")
        for device in DEVICES:
            if self.alive[device]:
                self.born(device, how)

    def born(self, device, how="ok"):
        value = self.counter + BIRTH_MARK
        self.say("DBIRTH", number("Value", value, DEVICES.index(device)), device=device, how=how)

    def starts(self, how="ok"):
        self.bd = (self.bd + 1) % 256
        self.running = True
        self.births(how)

    def dies(self, late):

        self.release()
        self.running = False
        dead = (self.bd, self.plant.now_ms())
        if not late:
            self.plant.say("NDEATH", bd_seq(dead[0]))
            self._collect()
        return dead

    def step(self, action, device, how):
        plant = self.plant
        plant.clock.advance(0.01)
        if action == "restart":
            late = how == "late"
            dead = self.dies(late) if self.running else None
            self.starts()
            if dead and late:
                plant.say("NDEATH", bd_seq(dead[0]))
                self._collect()
        elif action == "die" and self.running:
            self.dies(late=False)
        elif action == "garbage":
            plant.say_bytes("DDATA", b"\xff\xff\x01", device)
        elif not self.running:
            self.starts()
        elif action == "data" and self.alive[device]:
            self.counter += 1
            alias = DEVICES.index(device)
            self.say("DDATA", number(None, float(self.counter), alias), device=device, how=how)
        elif action == "kill" and self.alive[device]:
            self.alive[device] = False
            self.say("DDEATH", device=device, how=how)
        elif action == "revive" and not self.alive[device]:
            self.alive[device] = True
            self.born(device, how)

    def wait(self, seconds):
        """Time passes in which the node answers what it hears."""
        for _ in range(max(1, round(seconds / 0.25))):
            self.plant.wait(0.25, 0.25)
            self._collect()
            if len(self.plant.asked) > self.answered:
                self.answered = len(self.plant.asked)
                if self.deaf:
                    self.deaf -= 1
                elif self.running:
                    self.births()

    def _deliver(self, message):
        verb, metrics, device, seq, at_ms = message
        self.plant.say(verb, *metrics, device=device, seq=seq, at_ms=at_ms)
        self._collect()

    def _collect(self):
        self.samples += self.plant.samples
        self.plant.samples = []


steps = st.lists(
    st.tuples(
        st.sampled_from(["data"] * 6 + ["kill", "revive", "restart", "die", "garbage", "wait"]),
        st.sampled_from(DEVICES),
        st.sampled_from(["ok", "ok", "ok", "lost", "twice", "late"]),
    ),
    max_size=80,
)


def run(moves, deaf):
    plant = Plant(*(tag(f"{NODE.group}/{NODE.id}/{device}:Value", name=device) for device in DEVICES))
    node = ModelNode(plant)
    node.deaf = deaf
    node.starts()
    for action, device, how in moves:
        if action == "wait":
            node.wait(3.0)
        else:
            node.step(action, device, how)
        node._collect()
        yield plant, node
    node.release()


@settings(max_examples=150)
@given(steps, st.integers(0, 2))
def test_in_the_end_the_host_knows_exactly_what_lives_and_asked_no_more_than_allowed(moves, deaf):
    made = list(run(moves, deaf))
    if not made:
        return
    plant, node = made[-1]
    if not node.running:
        node.starts()
    for _ in range(3):
        for device in DEVICES:
            if node.alive[device]:
                node.step("data", device, "ok")
        node.say("NDATA")
        node.wait(60)
    for device in DEVICES:
        sample = plant.latest.get(f"remote/{device}", None)
        if node.alive[device]:
            assert sample is not None
            assert sample.quality is Quality.GOOD
            assert sample.value == plant.node.slot(device, "Value").value
        else:
            assert sample is None or sample.quality is Quality.STALE
    times = [time for time, _, _ in plant.asked]
    assert all(later - earlier >= INTERVAL_S - 0.01 for earlier, later in itertools.pairwise(times))
    assert not plant.tracker.rebirths.cause(NODE)


@settings(max_examples=150)
@given(steps, st.integers(0, 2))
def test_no_value_of_data_is_handled_twice_and_none_of_a_device_that_the_host_knows_to_be_dead(moves, deaf):
    for plant, _ in run(moves, deaf):
        host_node = plant.node
        for device in DEVICES:
            known = host_node.devices.get(device)
            latest = plant.latest.get(f"remote/{device}")
            if known is not None and known.state is not NodeState.ONLINE and latest is not None:
                assert latest.quality is Quality.STALE
            if host_node.state is not NodeState.ONLINE and latest is not None:
                assert latest.quality is Quality.STALE
    if moves:
        _, node = plant, _
        values = [s.value for s in node.samples if s.value is not None and s.value % 1 != BIRTH_MARK]
        assert len(values) == len(set(values))
