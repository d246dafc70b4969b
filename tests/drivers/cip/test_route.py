"""Routes from the Ethernet port to the controller."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cip.route import RouteError, encode_route


@pytest.mark.parametrize(
    ("route", "slot", "path"),
    [
        ("", 0, "0100"),
        ("", 3, "0103"),
        ("", None, ""),
        ("1", 0, "0101"),
        ("16", None, "0110"),
        ("bp/2", 0, "0102"),
        ("BP/2", 0, "0102"),
        ("backplane/2/", 0, "0102"),
        ("1/2", 0, "0102"),
        ("a/5", 0, "0205"),
        ("B/5", 0, "0305"),
        ("bp/2/enet/10.1.0.7/bp/0", 0, "0102120831302e312e302e370100"),
        ("bp/2/enet/10.1.0.77/bp/0", 0, "0102120931302e312e302e3737000100"),
    ],
)
def test_a_route_is_a_path_of_ports(route: str, slot: int | None, path: str) -> None:
    assert encode_route(route, slot).hex() == path


@pytest.mark.parametrize(
    "route", ["bp/1/2", "moon/1", "0/1", "15/1", "bp/256", "256", "bp/there", "enet/10.0.0"]
)
def test_what_is_no_route_is_said_so(route: str) -> None:
    with pytest.raises(RouteError):
        encode_route(route, 0)


@given(st.text(max_size=30))
def test_any_text_is_a_route_of_whole_words_or_an_error(text: str) -> None:
    try:
        path = encode_route(text, 0)
    except RouteError:
        return
    assert len(path) % 2 == 0
