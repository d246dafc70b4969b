"""Whether an address and a data type can mean the same value, whatever the controller has there. Pure."""

from drivers.logix.address import Address, format_address
from drivers.logix.types import FORMATS
from engine.model import DataType, TypeSpec

_KNOWN = frozenset({*FORMATS, DataType.BOOL, DataType.STRING})


def check_type(address: Address, spec: TypeSpec) -> str:
    """What is wrong, or an empty text."""
    text = format_address(address)
    if spec.base not in _KNOWN:
        return f"{text}: the data type here is {spec}, and these controllers have no {spec.base}"
    if address.count and address.count != max(spec.length, 1):
        return f"{text}: the address says {address.count} elements, the data type here is {spec}"
    if address.bit is not None and spec != TypeSpec(DataType.BOOL):
        return f"{text}: a bit is a BOOL, the data type here is {spec}"
    return ""
