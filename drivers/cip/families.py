"""From a product name to the controller family of the plant file. Pure."""

import re

LOGIX_FAMILIES = ("ControlLogix", "CompactLogix", "Micro800")
_BY_CATALOGUE = (
    (re.compile(r"17(?:56|89)-L"), "ControlLogix"),
    (re.compile(r"(?:1768|1769|5069)-L"), "CompactLogix"),
    (re.compile(r"2080-"), "Micro800"),
    (re.compile(r"1747-L"), "SLC-500"),
    (re.compile(r"176[1-6]-"), "MicroLogix"),
    (re.compile(r"1785-"), "PLC-5"),
)


def allen_bradley_family(product: str) -> str:
    """The family of a product name such as ``1756-L83E/B``; empty where it is no controller."""
    name = product.strip().upper()
    return next((family for pattern, family in _BY_CATALOGUE if pattern.match(name)), "")
