"""ISO transport on TCP as S7 uses it: TPKT frames (RFC 1006) holding COTP class 0 units (ISO 8073). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

_TPKT = Struct(">BBH")
_CONNECT = Struct(">BHHB")
_TPKT_VERSION = 3
_MIN_FRAME = 7
_MAX_MESSAGE = 65535

_CONNECT_REQUEST = 0xE0
_CONNECT_CONFIRM = 0xD0
_DISCONNECT_REQUEST = 0x80
_DATA = 0xF0
_END_OF_MESSAGE = 0x80

_PARAMETER_TPDU_SIZE = 0xC0
_PARAMETER_CALLING_TSAP = 0xC1
_PARAMETER_CALLED_TSAP = 0xC2
_SMALLEST_TPDU_CODE = 0x07
_LARGEST_TPDU_CODE = 0x0A


class FramingError(ValueError):
    """The peer's bytes are not ISO-on-TCP; nothing that follows them can be trusted."""


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """A COTP connection request.

    ``calling_tsap`` is the client's end, ``called_tsap`` ours: for most clients connection type
    and rack * 32 + slot, for LOGO! two configured numbers. ``tpdu_code`` is the binary logarithm
    of the largest unit the client takes, None where it did not say.
    """

    reference: int
    calling_tsap: bytes
    called_tsap: bytes
    tpdu_code: int | None


@dataclass(frozen=True, slots=True)
class DisconnectRequest:
    """The client says goodbye."""


Message = ConnectRequest | DisconnectRequest | bytes


class FrameReader:
    """Turns a stream of received bytes, cut anywhere, into connect requests and whole S7 PDUs."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._parts = bytearray()

    def feed(self, received: bytes) -> Iterator[Message]:
        """Yield every message that is now complete; raise FramingError where the bytes make no sense."""
        self._buffer += received
        while len(self._buffer) >= _TPKT.size:
            version, _reserved, length = _TPKT.unpack_from(self._buffer)
            if version != _TPKT_VERSION or length < _MIN_FRAME:
                raise FramingError(f"no TPKT header: version {version}, length {length}")
            if len(self._buffer) < length:
                return
            unit = bytes(self._buffer[_TPKT.size : length])
            del self._buffer[:length]
            message = self._on_unit(unit)
            if message is not None:
                yield message

    def _on_unit(self, unit: bytes) -> Message | None:
        header_end = unit[0] + 1
        if header_end < 3 or header_end > len(unit):
            raise FramingError(f"COTP header of {header_end} bytes in a unit of {len(unit)}")
        kind = unit[1]
        if kind == _DATA:
            return self._on_data(unit[2], unit[header_end:])
        if kind & 0xF0 == _CONNECT_REQUEST:
            return _parse_connect_request(unit[:header_end])
        if kind == _DISCONNECT_REQUEST:
            return DisconnectRequest()
        raise FramingError(f"unknown COTP unit 0x{kind:02X}")

    def _on_data(self, number: int, payload: bytes) -> bytes | None:
        if len(self._parts) + len(payload) > _MAX_MESSAGE:
            raise FramingError("a fragmented message does not end")
        if number & _END_OF_MESSAGE and not self._parts:
            return payload or None
        self._parts += payload
        if not number & _END_OF_MESSAGE:
            return None
        whole = bytes(self._parts)
        self._parts.clear()
        return whole or None


def accepted_tpdu_code(request: ConnectRequest) -> int | None:
    """The unit size we confirm: what the client proposed, within what S7 CPUs use (128..1024 bytes)."""
    if request.tpdu_code is None:
        return None
    return max(_SMALLEST_TPDU_CODE, min(request.tpdu_code, _LARGEST_TPDU_CODE))


def build_connect_confirm(request: ConnectRequest, reference: int) -> bytes:
    """The frame that accepts a connection request; both TSAPs are echoed as CPUs do."""
    header = _CONNECT.pack(_CONNECT_CONFIRM, request.reference, reference, 0)
    code = accepted_tpdu_code(request)
    parameters = b""
    if code is not None:
        parameters += bytes((_PARAMETER_TPDU_SIZE, 1, code))
    for kind, tsap in (
        (_PARAMETER_CALLING_TSAP, request.calling_tsap),
        (_PARAMETER_CALLED_TSAP, request.called_tsap),
    ):
        if tsap:
            parameters += bytes((kind, len(tsap))) + tsap
    unit = bytes((len(header) + len(parameters),)) + header + parameters
    return _frame(unit)


def build_data(payload: bytes, tpdu_code: int | None = None) -> bytes:
    """One PDU as one frame, or as several where the client takes only small units."""
    room = _MAX_MESSAGE - _TPKT.size - 3 if tpdu_code is None else (1 << tpdu_code) - 3
    if len(payload) <= room:
        return _frame(b"\x02\xf0\x80" + payload)
    frames = bytearray()
    for start in range(0, len(payload), room):
        last = start + room >= len(payload)
        frames += _frame(bytes((2, _DATA, _END_OF_MESSAGE if last else 0)) + payload[start : start + room])
    return bytes(frames)


def _frame(unit: bytes) -> bytes:
    return _TPKT.pack(_TPKT_VERSION, 0, len(unit) + _TPKT.size) + unit


def _parse_connect_request(header: bytes) -> ConnectRequest:
    if len(header) < 7:
        raise FramingError("connection request too short")
    _kind, _destination, reference, _options = _CONNECT.unpack_from(header, 1)
    parameters = _parse_parameters(header[7:])
    size = parameters.get(_PARAMETER_TPDU_SIZE, b"")
    return ConnectRequest(
        reference=reference,
        calling_tsap=parameters.get(_PARAMETER_CALLING_TSAP, b""),
        called_tsap=parameters.get(_PARAMETER_CALLED_TSAP, b""),
        tpdu_code=size[0] if len(size) == 1 else None,
    )


def _parse_parameters(data: bytes) -> dict[int, bytes]:
    parameters: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        if position + 2 > len(data) or position + 2 + data[position + 1] > len(data):
            raise FramingError("connection request with a cut parameter")
        end = position + 2 + data[position + 1]
        parameters[data[position]] = data[position + 2 : end]
        position = end
    return parameters
