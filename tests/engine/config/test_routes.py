"""Hosts of Allen-Bradley controllers may carry a route; the slot's default depends on the type."""

import pytest
from pydantic import ValidationError

from engine.config.connections import Connection


@pytest.mark.parametrize("host", ["10.0.0.5/1", "plc.local/0", "10.0.0.5/bp/2/enet/10.1.0.7/bp/0", "h"])
def test_a_route_may_follow_the_host(host: str) -> None:
    assert Connection(id="a", type="ALLEN_BRADLEY", host=host).host == host


@pytest.mark.parametrize("host", ["10.0.0.5/", "/1", "10.0.0.5/bp", "10.0.0.5/1/2/3", "10.0.0.5/up/1"])
def test_what_is_no_route_is_refused(host: str) -> None:
    with pytest.raises(ValidationError):
        Connection(id="a", type="ALLEN_BRADLEY", host=host)


def test_siemens_controllers_have_no_route() -> None:
    with pytest.raises(ValidationError):
        Connection(id="a", type="SIEMENS_S7", host="10.0.0.5/1")


def test_the_slot_follows_the_type() -> None:
    assert Connection(id="a", type="SIEMENS_S7", host="h").slot == 1
    assert Connection(id="a", type="ALLEN_BRADLEY", host="h").slot == 0
    assert Connection(id="a", type="ALLEN_BRADLEY", host="h", slot=3).slot == 3
