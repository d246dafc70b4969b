"""Userdata services of a simulated CPU: block lists, status lists, clock; long answers in pieces."""

from collections.abc import Callable
from struct import Struct

from sim.s7_blocks import (
    DB,
    build_block_counts,
    build_block_info,
    build_block_list,
    parse_block_number,
    parse_block_type,
)
from sim.s7_clock import from_clock_data, to_block_date, to_clock_data
from sim.s7_cpu import S7Cpu, S7Session
from sim.s7_protocol import Area, ItemCode, JobError, Pdu, Transport, build_userdata
from sim.s7_szl import SzlError, build_szl

_REQUEST = Struct(">BBBBBBBB")
_ANSWER = Struct(">BBBBBBBBBBH")
_DATA = Struct(">BBH")
_ID = Struct(">HH")

_REQUEST_TYPES = (0x40, 0x00)
"""Some clients leave the type out and ask with the bare group, which CPUs answer too."""

_ANSWER_TYPE = 0x80
_METHOD_REQUEST = 0x11
_METHOD_CONTINUED = 0x12
_OVERHEAD = 26

_BLOCKS, _SZL, _CLOCK = 3, 4, 7
_NO_SUCH_BLOCK = 0xD209
_NO_BLOCK_OF_TYPE = 0xD20E
_BAD_SYNTAX = 0xD405
_NOTHING_PENDING = 0xD402


class _RefusedError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code:04X}")
        self.code = code


Service = Callable[[S7Cpu, bytes], bytes | None]


def answer_userdata(cpu: S7Cpu, session: S7Session, pdu: Pdu) -> bytes:
    """The answer to a userdata request: data, a bare acknowledgement, or an error; never silence."""
    if len(pdu.parameter) < _REQUEST.size:
        return _build(pdu, (0, 0), 0, error=JobError.MALFORMED)
    _reserved, _one, _head, _length, method, kind, function, sequence = _REQUEST.unpack_from(pdu.parameter)
    service = (kind & 0x0F, function)
    is_request = kind & 0xF0 in _REQUEST_TYPES and session.pdu_size
    try:
        if is_request and method == _METHOD_CONTINUED:
            _require_rest(session, service, sequence)
            return _next_piece(session, pdu)
        if is_request and method == _METHOD_REQUEST:
            return _first_piece(cpu, session, pdu, service, sequence)
    except (_RefusedError, SzlError) as refused:
        return _build(pdu, service, sequence, error=refused.code)
    return _build(pdu, service, sequence, error=JobError.NOT_SUPPORTED)


def _first_piece(cpu: S7Cpu, session: S7Session, pdu: Pdu, service: tuple[int, int], sequence: int) -> bytes:
    payload = _serve(cpu, service, pdu.data)
    if payload is None:
        return _build(pdu, service, sequence)
    session.rest, session.rest_of = payload, service
    session.sequence = session.sequence % 255 + 1
    return _next_piece(session, pdu)


def _require_rest(session: S7Session, service: tuple[int, int], sequence: int) -> None:
    if not session.rest or session.rest_of != service or session.sequence != sequence:
        raise _RefusedError(_NOTHING_PENDING)


def _serve(cpu: S7Cpu, service: tuple[int, int], data: bytes) -> bytes | None:
    handler = _SERVICES.get(service)
    if handler is None:
        raise _RefusedError(JobError.NOT_SUPPORTED)
    if len(data) < _DATA.size:
        return handler(cpu, b"")
    _code, _transport, length = _DATA.unpack_from(data)
    return handler(cpu, data[_DATA.size : _DATA.size + length])


def _next_piece(session: S7Session, pdu: Pdu) -> bytes:
    """As much of the answer as one PDU takes; pieces are multiples of four bytes, whole list entries."""
    room = (session.pdu_size - _OVERHEAD) & ~3
    piece, session.rest = session.rest[:room], session.rest[room:]
    return _build(pdu, session.rest_of, session.sequence, piece, more=bool(session.rest))


def _build(
    pdu: Pdu,
    service: tuple[int, int],
    sequence: int,
    payload: bytes | None = None,
    *,
    error: int = 0,
    more: bool = False,
) -> bytes:
    group, function = service
    parameter = _ANSWER.pack(
        0, 1, 0x12, 8, 0x12, _ANSWER_TYPE | group, function, sequence, sequence if more else 0, more, error
    )
    if payload is None:
        return build_userdata(pdu.reference, parameter, _DATA.pack(ItemCode.NO_OBJECT, Transport.NONE, 0))
    header = _DATA.pack(ItemCode.OK, Transport.OCTETS, len(payload))
    return build_userdata(pdu.reference, parameter, header + payload)


def _count_blocks(cpu: S7Cpu, _data: bytes) -> bytes:
    with cpu.lock:
        return build_block_counts(len(cpu.memory.db_numbers()))


def _list_blocks(cpu: S7Cpu, data: bytes) -> bytes:
    with cpu.lock:
        numbers = cpu.memory.db_numbers() if parse_block_type(data) == DB else []
    if not numbers:
        raise _RefusedError(_NO_BLOCK_OF_TYPE)
    return build_block_list(numbers)


def _describe_block(cpu: S7Cpu, data: bytes) -> bytes:
    number = parse_block_number(data)
    with cpu.lock:
        if parse_block_type(data) != DB or number is None or number not in cpu.memory.db_numbers():
            raise _RefusedError(_NO_SUCH_BLOCK)
        size = len(cpu.memory.area(Area.DB, number))
    return build_block_info(number, size, to_block_date(cpu.created_us))


def _read_szl(cpu: S7Cpu, data: bytes) -> bytes:
    if len(data) < _ID.size:
        raise _RefusedError(_BAD_SYNTAX)
    szl_id, index = _ID.unpack_from(data)
    return build_szl(szl_id, index, cpu.identity, cpu.status())


def _read_clock(cpu: S7Cpu, _data: bytes) -> bytes:
    return to_clock_data(cpu.now_us())


def _set_clock(cpu: S7Cpu, data: bytes) -> None:
    try:
        asked_us = from_clock_data(data)
    except ValueError as error:
        raise _RefusedError(_BAD_SYNTAX) from error
    cpu.clock_offset_us += asked_us - cpu.now_us()


_SERVICES: dict[tuple[int, int], Service] = {
    (_BLOCKS, 1): _count_blocks,
    (_BLOCKS, 2): _list_blocks,
    (_BLOCKS, 3): _describe_block,
    (_SZL, 1): _read_szl,
    (_CLOCK, 1): _read_clock,
    (_CLOCK, 2): _set_clock,
}
