"""From what a controller calls itself to the families of the plant file. Pure."""

import re

from drivers.cip.families import LOGIX_FAMILIES, allen_bradley_family

ROCKWELL = 1
_CONTROLLER = 14

_BRIDGE = re.compile(r"1756-(?:EN|EWEB)")


def is_backplane_bridge(product: str) -> bool:
    """Whether it is a communication module in a ControlLogix chassis, with the CPU beside it."""
    return _BRIDGE.match(product.strip().upper()) is not None


def is_chassis_cpu(product: str) -> bool:
    """Whether it is a CPU with a network port of its own that may be in any slot of its chassis."""
    return product.strip().upper().startswith("1756-L")


def not_readable_note(vendor: int, device_type: int, product: str) -> str:
    """Why a device that answered cannot be read; empty where its family is known."""
    if allen_bradley_family(product):
        return ""
    if vendor != ROCKWELL:
        return "It is no Allen-Bradley controller and cannot be read."
    if device_type == _CONTROLLER:
        return "Its product name tells no family; choose the family in the plant file by hand."
    return "It is no controller and has no tags to read."


def vendor_name(vendor: int) -> str:
    """Who made it, by the number that the ODVA gave."""
    return _VENDORS.get(vendor, f"Vendor {vendor}")


_VENDORS = {ROCKWELL: "Rockwell Automation", 47: "Omron", 90: "HMS", 678: "Cognex"}

_MODES = {5: "FAULT", 6: "RUN", 7: "PROGRAM"}
_REMOTE = 3
_STATES = {1: "SELF-TEST", 2: "STANDBY", 4: "RECOVERABLE FAULT", 5: "FAULT"}


def device_state(product: str, status: int, state: int) -> str:
    """Key switch and mode of a Logix controller, otherwise what the device says besides working."""
    if allen_bradley_family(product) in LOGIX_FAMILIES:
        mode = _MODES.get(status >> 4 & 0xF, "")
        if mode:
            return f"REMOTE {mode}" if status >> 12 & 0x3 == _REMOTE and mode != "FAULT" else mode
    return _STATES.get(state, "")


def s7_family(order_number: str, module: str) -> str:
    """The family of an order number such as ``6ES7 512-1DK01-0AB0``, else of the CPU's name; or empty."""
    order = re.sub(r"[\s-]", "", order_number.upper())
    if order.startswith("6ED1") or "LOGO" in module.upper():
        return "LOGO"
    if re.search(r"15\d\dSP", module.upper()) or re.match(
        r"6(?:ES|AG)[17](?:510|51[24][12]?[DSV]|677)", order
    ):
        return "ET200SP"
    number = re.match(r"6(?:ES|AG)[17](\d\d)", order)
    if number:
        return _BY_ORDER.get(number[1], _BY_ORDER.get(number[1][0], ""))
    name = re.match(r"CPU\s*([1-4])([1-5]?)", module.upper())
    if name is None:
        return ""
    return {"3": "S7-300", "4": "S7-400"}.get(
        name[1], {"12": "S7-1200", "15": "S7-1500"}.get("".join(name.groups()), "")
    )


_BY_ORDER = {
    "21": "S7-1200",
    "14": "S7-300",
    "15": "S7-300",
    "67": "S7-1500",
    "3": "S7-300",
    "4": "S7-400",
    "5": "S7-1500",
}
"""By the first two digits behind 6ES7, then by the first one; 14 and 15 are CPUs of the ET 200 range."""
