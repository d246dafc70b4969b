"""Commands taken apart again, and addresses to make them of, for the tests beside this module."""

from typing import NamedTuple

from hypothesis import strategies as st

from drivers.pccc.address import CONTROL_BITS, IO_FILES, MEMBERS, STRUCTURES, Address, FileType
from drivers.pccc.family import Family


class Taken(NamedTuple):
    """What a controller finds in a command. ``type`` is None where a PLC-5 is not told it."""

    function: int
    file: int
    type: int | None
    element: int
    sub_element: int
    size: int
    rest: bytes


def take_apart(family: Family, body: bytes) -> Taken:
    """The fields of a command, from its function code on."""
    return _plc5(body) if family is Family.PLC5 else _slc(body)


def _slc(body: bytes) -> Taken:
    function, size, rest = body[0], body[1], body[2:]
    file, rest = _field(rest)
    type_code, rest = rest[0], rest[1:]
    element, rest = _field(rest)
    sub_element, rest = _field(rest)
    return Taken(function, file, type_code, element, sub_element, size, rest)


def _plc5(body: bytes) -> Taken:
    function, rest = body[0], body[1:]
    words = 1
    if function != 0x26:
        assert rest[:2] == b"\0\0"
        words, rest = int.from_bytes(rest[2:4], "little"), rest[4:]
    levels, rest = rest[0], rest[1:]
    assert levels in (0x06, 0x0E)
    file, rest = _field(rest)
    element, rest = _field(rest)
    sub_element, rest = _field(rest) if levels & 0x08 else (0, rest)
    return Taken(function, file, None, element, sub_element, 2 * words, rest)


def _field(data: bytes) -> tuple[int, bytes]:
    if data[0] == 0xFF:
        value = int.from_bytes(data[1:3], "little")
        assert value >= 0xFF
        return value, data[3:]
    return data[0], data[1:]


def addresses(family: Family) -> st.SearchStrategy[Address]:
    """Every address that the family has."""
    kinds = [kind for kind in FileType if family is not Family.PLC5 or kind is not FileType.LONG]
    return st.sampled_from(kinds).flatmap(lambda kind: _of_kind(kind, family))


def _of_kind(kind: FileType, family: Family) -> st.SearchStrategy[Address]:
    fixed = {FileType.OUTPUT: 0, FileType.INPUT: 1, FileType.STATUS: 2}
    last_file = 999 if family is Family.PLC5 else 255
    usual = "BTCRNF".find(kind) + 3
    own = st.integers(9 if family is Family.PLC5 else 3, last_file)
    files = st.just(fixed[kind]) if kind in fixed else st.just(usual) | own if usual > 2 else own
    elements = st.integers(0, 0o377 if kind in IO_FILES else 65535)
    words, bits = st.just(0), st.none() | st.integers(0, 15)
    if kind in STRUCTURES:
        return st.one_of(
            st.builds(Address, st.just(kind), files, elements, st.just(0), st.integers(0, 15)),
            st.builds(
                Address, st.just(kind), files, elements, st.sampled_from(sorted(MEMBERS[kind].values())), bits
            ),
        )
    if kind in (FileType.FLOAT, FileType.STRING):
        bits = st.none()
    elif kind in IO_FILES and family is not Family.PLC5:
        words = st.integers(0, 255)
    elif kind is FileType.LONG:
        whole = st.builds(Address, st.just(kind), files, elements)
        return whole | st.builds(
            Address, st.just(kind), files, elements, st.integers(0, 1), st.integers(0, 15)
        )
    return st.builds(Address, st.just(kind), files, elements, words, bits)


NAMED_BITS = [(kind, name, bit) for kind, names in CONTROL_BITS.items() for name, bit in names.items()]
