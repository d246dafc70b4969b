"""The demo points its plant file at its own simulators, wherever these listen."""

import argparse

import pytest

from hmi.demo import LOGIX_HOST_VARIABLE, S7_HOST_VARIABLE, Demo, start_lines


@pytest.mark.parametrize(
    ("listens", "asked"), [("127.20.0.7", "127.20.0.7"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1")]
)
def test_the_plant_file_leads_to_where_the_lines_listen(listens: str, asked: str) -> None:
    args = argparse.Namespace(
        seed=1, host=listens, s7_port=0, logix_port=0, speed=1.0, fault=[], control_port=0, control_port_2=0
    )
    lines = start_lines(args)
    try:
        demo = Demo(*lines, nodes=0, host=listens)
        environment = demo.environment
        hosts = [connection.host for connection in demo.config().plc_connections[:2]]
    finally:
        for line in lines:
            line.stop()
    assert (environment[S7_HOST_VARIABLE], environment[LOGIX_HOST_VARIABLE]) == (asked, asked)
    assert hosts == [asked, asked]
