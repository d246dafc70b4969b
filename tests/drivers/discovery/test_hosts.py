"""Addresses, networks and ranges as people write them."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.discovery.hosts import MAX_HOSTS, expand_hosts
from engine.discovery import DiscoveryError


@pytest.mark.parametrize(
    ("texts", "hosts"),
    [
        (["10.0.0.5"], ["10.0.0.5"]),
        (["plc-7.line.local", "filler"], ["plc-7.line.local", "filler"]),
        (["10.0.0.0/30"], ["10.0.0.1", "10.0.0.2"]),
        (["10.0.0.7/32"], ["10.0.0.7"]),
        (["10.0.0.6/31"], ["10.0.0.6", "10.0.0.7"]),
        (["10.0.0.9/29"], [f"10.0.0.{n}" for n in range(9, 15)]),
        (["10.0.0.254-10.0.1.1"], ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]),
        (["10.0.0.5-7"], ["10.0.0.5", "10.0.0.6", "10.0.0.7"]),
        ([" 10.0.0.5 - 6 ", "10.0.0.6"], ["10.0.0.5", "10.0.0.6"]),
        ([], []),
    ],
)
def test_what_people_write_is_expanded(texts, hosts):
    assert expand_hosts(texts) == hosts


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("10.0.0.300", "not an address"),
        ("10.0.0", "not an address"),
        ("", "not an address"),
        ("two words", "not an address"),
        ("http://plc", "not a network"),
        ("10.0.0.0/33", "not a network"),
        ("10.0.0.9-10.0.0.3", "ends before it begins"),
        ("10.0.0.9-300", "not an address"),
        ("10.0.0.0/19", "8192 addresses, more than the 4096"),
        ("0.0.0.0/0", "more than the 4096"),
        ("1.0.0.0-200.0.0.0", "more than the 4096"),
    ],
)
def test_what_cannot_be_asked_is_said(text, part):
    with pytest.raises(DiscoveryError, match=part):
        expand_hosts([text])


def test_the_limit_is_for_all_together():
    assert len(expand_hosts(["10.0.0.0/20"])) == MAX_HOSTS - 2
    with pytest.raises(DiscoveryError, match="together more than the 4096"):
        expand_hosts(["10.0.0.0/20", "10.1.0.0/28"])


@given(st.ip_addresses(v=4), st.integers(0, 300))
def test_a_range_is_every_address_from_end_to_end(first, count):
    last = ipaddress.IPv4Address(min(int(first) + count, 2**32 - 1))
    hosts = expand_hosts([f"{first}-{last}"])
    assert [int(ipaddress.IPv4Address(host)) for host in hosts] == list(range(int(first), int(last) + 1))


@given(st.text(alphabet="0123456789./-abz ", max_size=24) | st.text(max_size=12))
def test_any_text_is_expanded_or_refused(text):
    try:
        hosts = expand_hosts([text])
    except DiscoveryError:
        return
    assert 1 <= len(hosts) <= MAX_HOSTS
    assert len(set(hosts)) == len(hosts)
