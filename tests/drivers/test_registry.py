"""From the type in the plant file to a driver."""

import subprocess
import sys

import pytest

from drivers.registry import ANNOUNCED, UnknownDriverError, driver_factory


def test_an_s7_connection_gets_the_s7_driver() -> None:
    from drivers.s7.driver import S7Driver

    assert driver_factory("SIEMENS_S7") is S7Driver


@pytest.mark.parametrize("name", sorted(ANNOUNCED))
def test_types_that_come_later_are_said_to_come_later(name: str) -> None:
    with pytest.raises(UnknownDriverError, match="not available in this version"):
        driver_factory(name)


def test_an_unknown_type_names_the_known_ones() -> None:
    with pytest.raises(UnknownDriverError, match="available: SIEMENS_S7"):
        driver_factory("MODBUS")


def test_a_driver_is_imported_only_when_it_is_chosen() -> None:
    program = "import sys, drivers.registry; sys.exit('snap7' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
