"""Families from what controllers call themselves."""

import pytest

from drivers.cip.families import allen_bradley_family
from drivers.discovery.families import (
    device_state,
    is_backplane_bridge,
    not_readable_note,
    s7_family,
    vendor_name,
)


@pytest.mark.parametrize(
    ("product", "family"),
    [
        ("1756-L83E/B", "ControlLogix"),
        ("1756-L61/B LOGIX5561", "ControlLogix"),
        ("1769-L33ER/A LOGIX5333ER", "CompactLogix"),
        ("5069-L306ER/A", "CompactLogix"),
        ("1768-L43", "CompactLogix"),
        ("2080-LC50-24QWB", "Micro800"),
        ("1747-L553/C C/13 - DC 3.46", "SLC-500"),
        ("1763-L16BWA B/13.00", "MicroLogix"),
        ("1766-L32BXBA", "MicroLogix"),
        ("1761-NET-ENI/D", "MicroLogix"),
        ("1785-L40E/F", "PLC-5"),
        ("1756-EN2T/D", ""),
        ("PowerFlex 525 3P 400V", ""),
        ("", ""),
    ],
)
def test_allen_bradley(product, family):
    assert allen_bradley_family(product) == family
    assert bool(not_readable_note(1, 14, product)) is (family == "")


def test_a_communication_module_is_a_bridge():
    assert is_backplane_bridge("1756-EN2T/D")
    assert not is_backplane_bridge("1756-L83E/B")
    assert not is_backplane_bridge("1734-AENT/B")


def test_devices_of_others_are_listed_with_what_they_are():
    assert vendor_name(1) == "Rockwell Automation"
    assert vendor_name(4711) == "Vendor 4711"
    assert "no Allen-Bradley controller" in not_readable_note(47, 14, "NX102-9000")
    assert "no controller" in not_readable_note(1, 2, "PowerFlex 525")


@pytest.mark.parametrize(
    ("product", "status", "state", "text"),
    [
        ("1756-L83E/B", 0x3160, 3, "REMOTE RUN"),
        ("1756-L83E/B", 0x1060, 3, "RUN"),
        ("1769-L33ER/A", 0x3170, 3, "REMOTE PROGRAM"),
        ("1769-L33ER/A", 0x2070, 3, "PROGRAM"),
        ("1756-L83E/B", 0x0850, 5, "FAULT"),
        ("1747-L553/C", 0x0064, 3, ""),
        ("1747-L553/C", 0x0000, 4, "RECOVERABLE FAULT"),
        ("PowerFlex 525", 0x0060, 255, ""),
    ],
)
def test_state(product, status, state, text):
    assert device_state(product, status, state) == text


@pytest.mark.parametrize(
    ("order", "module", "family"),
    [
        ("6ES7 516-3AN02-0AB0", "CPU 1516-3 PN/DP", "S7-1500"),
        ("6ES7 512-1CK01-0AB0", "", "S7-1500"),
        ("6ES7 513-2PL00-0AB0", "", "S7-1500"),
        ("6ES7 510-1DJ01-0AB0", "", "ET200SP"),
        ("6ES7 512-1DK01-0AB0", "", "ET200SP"),
        ("6ES7 512-1SK01-0AB0", "CPU 1512SP F-1 PN", "ET200SP"),
        ("6ES7 677-2DB42-0GB0", "", "ET200SP"),
        ("6ES7 672-7AC01-0YA0", "", "S7-1500"),
        ("6ES7 214-1AG40-0XB0", "CPU 1214C DC/DC/DC", "S7-1200"),
        ("6AG1 214-1AG40-2XB0", "", "S7-1200"),
        ("6ES7 315-2EH14-0AB0", "CPU 315-2 PN/DP", "S7-300"),
        ("6ES7 151-8AB01-0AB0", "IM151-8 PN/DP CPU", "S7-300"),
        ("6ES7 414-3EM07-0AB0", "", "S7-400"),
        ("6ED1052-1MD08-0BA1", "", "LOGO"),
        ("", "CPU 1214C", "S7-1200"),
        ("", "CPU 1512SP-1 PN", "ET200SP"),
        ("", "CPU 416-2", "S7-400"),
        ("", "LOGO! 8", "LOGO"),
        ("", "", ""),
        ("9XX1 000", "Something", ""),
    ],
)
def test_s7(order, module, family):
    assert s7_family(order, module) == family
