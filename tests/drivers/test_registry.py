"""From the type and family in the plant file to a driver."""

import subprocess
import sys

import pytest

from drivers.logix.driver import LogixDriver
from drivers.pccc.driver import PcccDriver
from drivers.registry import AVAILABLE, UnknownDriverError, driver_factory
from drivers.s7.driver import S7Driver
from engine.config.connections import DEFAULT_PORTS, FAMILIES


@pytest.mark.parametrize("family", ["", *FAMILIES["SIEMENS_S7"]])
def test_every_s7_family_gets_the_s7_driver(family: str) -> None:
    assert driver_factory("SIEMENS_S7", family) is S7Driver


@pytest.mark.parametrize("family", ["", "ControlLogix", "CompactLogix", "Micro800"])
def test_controllers_with_tags_get_the_logix_driver(family: str) -> None:
    assert driver_factory("ALLEN_BRADLEY", family) is LogixDriver


@pytest.mark.parametrize("family", ["MicroLogix", "SLC-500", "PLC-5"])
def test_controllers_with_files_get_the_pccc_driver(family: str) -> None:
    assert driver_factory("ALLEN_BRADLEY", family) is PcccDriver


def test_every_controller_that_a_plant_file_may_name_has_a_driver() -> None:
    assert frozenset(DEFAULT_PORTS) == AVAILABLE
    for type_name in DEFAULT_PORTS:
        for family in FAMILIES[type_name]:
            assert driver_factory(type_name, family)


def test_an_unknown_type_or_family_names_the_known_ones() -> None:
    with pytest.raises(UnknownDriverError, match="available: ALLEN_BRADLEY, SIEMENS_S7"):
        driver_factory("MODBUS")
    with pytest.raises(UnknownDriverError, match=r"'PLC-3'; available: ControlLogix.* PLC-5"):
        driver_factory("ALLEN_BRADLEY", "PLC-3")


def test_a_driver_is_imported_only_when_it_is_chosen() -> None:
    program = "import sys, drivers.registry; sys.exit(bool({'snap7', 'pycomm3'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
