"""Whom the edge node waits for, and what it takes for a sign of it."""

import pytest

from drivers.sparkplug.primary_host import PrimaryHost
from tests.drivers.sparkplug.edge_rig import state_message
from tests.drivers.sparkplug.requirements import requirement


def tell(host, online, timestamp_ms, name="scada"):
    message = state_message(online, timestamp_ms, name)
    return host.on_message(message.topic, message.payload)


def test_without_a_primary_host_there_is_nothing_to_wait_for():
    host = PrimaryHost(None)
    assert host.online
    assert not host.topics


@requirement(
    "tck-id-message-flow-edge-node-birth-publish-phid-wait-id",
    "tck-id-message-flow-edge-node-birth-publish-phid-wait-online",
)
def test_only_the_named_host_counts_and_only_online():
    host = PrimaryHost("scada")
    assert not tell(host, True, 5, "other")
    assert not tell(host, False, 6)
    assert not host.online
    assert tell(host, True, 7)
    assert host.online


@requirement(
    "tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp",
    "tck-id-operational-behavior-edge-node-termination-host-offline-timestamp",
)
def test_an_older_state_is_ignored_and_an_equal_one_is_not():
    host = PrimaryHost("scada")
    tell(host, True, 100)
    assert not tell(host, False, 99)
    assert host.online
    assert tell(host, False, 100)
    assert not tell(host, True, 99)
    assert not host.online
    assert tell(host, True, 100)
    assert host.ignored == 2


def test_a_new_session_believes_what_its_broker_holds_even_after_the_hosts_clock_went_back():
    host = PrimaryHost("scada")
    tell(host, True, 4_000_000_000_000)
    host.on_session()
    assert not host.online
    assert tell(host, True, 5)


@pytest.mark.parametrize("payload", [b"", b"\xff", b"{}", b'{"online": 1, "timestamp": 2}', b"[" * 100_000])
def test_junk_is_ignored(payload):
    host = PrimaryHost("scada")
    assert not host.on_message(host.topics[0], payload)
    assert host.ignored == 1


def test_a_host_of_version_2_is_understood():
    host = PrimaryHost("scada", legacy=True)
    assert host.topics == ("spBv1.0/STATE/scada", "STATE/scada")
    assert host.on_message("STATE/scada", b"ONLINE")
    assert host.on_message("STATE/scada", b"OFFLINE")
    assert not host.online
