"""A link on a network that fails: cut, stalled, slow."""

from drivers.mqtt.base import Outgoing
from drivers.mqtt.packets import Connect, Disconnect, Publish, Subscribe
from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.proxy import NetworkProxy
from tests.mqtt.recording import Recorder, at, linked
from tests.waiting import wait_until


def test_every_connect_carries_a_will_of_its_own_and_the_broker_sends_the_one_of_the_lost_session(
    broker: Mosquitto, expected_logs
) -> None:
    expected_logs.add("test: ")
    wills = [Outgoing("own/will", str(number).encode(), 1) for number in range(1, 10)]
    with NetworkProxy(broker.port) as net, linked(at(broker.port), filters=[("own/#", 1)]) as (_, witness):
        with linked(at(net.port), Recorder(wills)) as (_, seen):
            net.drop()
            wait_until(lambda: len(seen.connected) == 2, "the second session")
            net.cut()
            wait_until(lambda: len(seen.causes) >= 2, "the loss")
            net.restore()
            wait_until(lambda: len(seen.connected) == 3, "the third session")
        wait_until(lambda: len(witness.messages) >= 2, "two wills")
        assert [message.payload for message in witness.messages] == [b"1", b"2"]
        connects = [packet for packet in net.packets() if isinstance(packet, Connect)]
        assert [packet.will.payload for packet in connects if packet.will][:2] == [b"1", b"2"]
        assert len({packet.will for packet in connects}) == len(connects)
        assert all(packet.clean for packet in connects)


def test_the_tap_reads_what_a_client_says(broker: Mosquitto) -> None:
    for protocol, version, reason in (("3.1.1", 4, 0), ("5", 5, 4)):
        will = Outgoing("tap/will", b"w", 1, False)
        with NetworkProxy(broker.port) as net:
            with linked(
                at(net.port, protocol=protocol, keep_alive_s=7),
                Recorder([will]),
                filters=[("tap/+", 1), ("tap2/#", 0)],
                client_id="tapped",
            ) as (link, seen):
                link.publish(Outgoing("tap/one", b"1", 1, True))
                wait_until(lambda s=seen: s.sent, "the confirmation")
                link.stop([Outgoing("tap/bye", b"2", 1)])
            said = net.packets()
        connect = said[0]
        assert isinstance(connect, Connect)
        assert connect == Connect(version, "tapped", True, 7, ("tap/will", b"w", 1, False), None, None, 0)
        assert [packet.filters for packet in said if isinstance(packet, Subscribe)] == [
            (("tap/+", 1), ("tap2/#", 0))
        ]
        published = [packet for packet in said if isinstance(packet, Publish)]
        assert [(packet.topic, packet.payload, packet.qos, packet.retain) for packet in published] == [
            ("tap/one", b"1", 1, True),
            ("tap/bye", b"2", 1, False),
        ]
        assert said[-1] == Disconnect(reason)


def test_a_stalled_network_ends_the_session_after_the_keep_alive_time(
    broker: Mosquitto, expected_logs
) -> None:
    expected_logs.add("test: ")
    with NetworkProxy(broker.port) as net, linked(at(net.port, keep_alive_s=1)) as (_, seen):
        net.stall()
        wait_until(lambda: seen.causes, "the loss")
        assert "has not answered for" in seen.causes[0]
        net.restore()
        wait_until(lambda: len(seen.connected) == 2, "the second session")
