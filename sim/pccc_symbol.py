"""Addresses of a PLC-5 as texts: ``N7:0``, ``T4:1.ACC``, ``I:017`` (inputs and outputs in octal)."""

import re
from typing import NamedTuple

from sim.pccc_protocol import Ext, PcccError

_TEXT = re.compile(r"([A-Z]{1,2})(\d{0,3}):(\d{1,4})(?:\.([A-Z]{3}))?", re.ASCII)
_MEMBERS = {None: 0, "PRE": 1, "LEN": 1, "ACC": 2, "POS": 2}
_FILE_NUMBERS = {"O": 0, "I": 1, "S": 2}
_OCTAL = ("O", "I")


class Symbol(NamedTuple):
    """Letter and number of a file, element, sub-element."""

    letter: str
    number: int
    element: int
    sub: int


def parse_symbol(text: str) -> Symbol:
    """Read an address; raises ``PcccError`` for what is none."""
    found = _TEXT.fullmatch(text.upper())
    if found is None:
        raise PcccError(Ext.SYMBOL_FORMAT)
    letter, number, element, member = found.groups()
    try:
        file = int(number) if number else _FILE_NUMBERS[letter]
        return Symbol(letter, file, int(element, 8 if letter in _OCTAL else 10), _MEMBERS[member])
    except (KeyError, ValueError) as error:
        raise PcccError(Ext.SYMBOL_FORMAT) from error
