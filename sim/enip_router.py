"""What every simulated EtherNet/IP controller answers itself; the rest goes to its objects. Pure."""

import struct
from collections.abc import Callable, Sequence

from sim.cip_connections import (
    FORWARD_CLOSE,
    FORWARD_OPEN,
    LARGE_FORWARD_OPEN,
    CipConnection,
    CipConnections,
    Refusal,
)
from sim.cip_message import (
    CipObjects,
    CipRefusedError,
    CipReply,
    CipRequest,
    PathKind,
    PathSegment,
    Service,
    Status,
    build_reply,
    parse_object,
    parse_path,
    parse_request,
)

_UNCONNECTED_SEND = 0x52
_IDENTITY, _MESSAGE_ROUTER, _CONNECTION_MANAGER = 0x01, 0x02, 0x06
_BACKPLANE = 1
_REPLY_HEADER = 4
_SEQUENCE = 2
_UNCONNECTED_MESSAGE = 504
_CONNECTION_SERVICES = (FORWARD_OPEN, LARGE_FORWARD_OPEN, FORWARD_CLOSE)


class EnipRouter:
    """Identity, connection manager, Unconnected_Send and Multiple Service Packet of one controller.

    ``attributes`` gives the identity's attributes 1 to 7; ``slot`` None accepts any route, no
    ``backplane`` none.
    """

    def __init__(
        self,
        objects: CipObjects | None,
        attributes: Callable[[], Sequence[bytes]],
        slot: int | None,
        *,
        backplane: bool,
        multiple_services: bool,
    ) -> None:
        self._objects = objects
        self._attributes = attributes
        self._slot = slot
        self._backplane = backplane
        self._multiple_services = multiple_services

    def check_route(self, segments: Sequence[PathSegment]) -> None:
        """Raise CipRefusedError where the last hop of a route over the backplane is not our slot."""
        ports = [segment for segment in segments if segment.kind is PathKind.PORT]
        if not ports or (self._backplane and self._slot is None):
            return
        if not self._backplane or ports[-1].number != _BACKPLANE:
            raise CipRefusedError(Status.CONNECTION_FAILURE, Refusal.PORT_NOT_AVAILABLE)
        if ports[-1].text != str(self._slot):
            raise CipRefusedError(Status.CONNECTION_FAILURE, Refusal.LINK_ADDRESS)

    def on_unconnected(self, message: bytes, connections: CipConnections, owner: int) -> bytes:
        """Answer the message of an unconnected data item."""
        service = message[0] if message else 0
        try:
            request = parse_request(message, connected=False, max_reply=_UNCONNECTED_MESSAGE - _REPLY_HEADER)
            if not _is_connection_manager(request):
                return build_reply(service, self._handle(request))
            if service == _UNCONNECTED_SEND:
                return self.on_unconnected(self._unwrap(request.data), connections, owner)
            if service in _CONNECTION_SERVICES:
                return build_reply(service, connections.handle(service, request.data, owner))
            return build_reply(service, CipReply(Status.SERVICE_UNSUPPORTED))
        except CipRefusedError as refused:
            return build_reply(service, refused.reply)

    def on_connected(self, message: bytes, connection: CipConnection) -> bytes:
        """Answer the message of a connected data item, its sequence count not included."""
        room = connection.to_size - _SEQUENCE - _REPLY_HEADER
        service = message[0] if message else 0
        try:
            return build_reply(service, self._handle(parse_request(message, connected=True, max_reply=room)))
        except CipRefusedError as refused:
            return build_reply(service, refused.reply)

    def _unwrap(self, data: bytes) -> bytes:
        """The message inside an Unconnected_Send, which is for us if its route ends here."""
        if len(data) < 4:
            raise CipRefusedError(Status.NOT_ENOUGH_DATA)
        (length,) = struct.unpack_from("<H", data, 2)
        message = data[4 : 4 + length]
        route_at = 4 + length + length % 2
        if len(message) < length or not message or message[0] == _UNCONNECTED_SEND:
            raise CipRefusedError(Status.NOT_ENOUGH_DATA)
        if route_at + 2 <= len(data):
            self.check_route(parse_path(data[route_at + 2 : route_at + 2 + 2 * data[route_at]]))
        return message

    def _handle(self, request: CipRequest) -> CipReply:
        """One request to an object; refusals are raised or returned."""
        if request.service == Service.MULTIPLE_SERVICE_PACKET and _class_of(request.path) == _MESSAGE_ROUTER:
            return self._on_multiple(request)
        return self._handle_one(request)

    def _handle_one(self, request: CipRequest) -> CipReply:
        try:
            if _class_of(request.path) == _IDENTITY:
                reply = self._on_identity(request)
            elif self._objects is None:
                reply = CipReply(Status.PATH_UNKNOWN)
            else:
                reply = self._objects.handle(request)
        except CipRefusedError as refused:
            return refused.reply
        if len(reply.data) > request.max_reply:
            return CipReply(Status.REPLY_TOO_LARGE)
        return reply

    def _on_identity(self, request: CipRequest) -> CipReply:
        _class, instance, attribute = parse_object(request.path)
        if instance != 1:
            return CipReply(Status.PATH_UNKNOWN)
        attributes = self._attributes()
        if request.service == Service.GET_ATTRIBUTES_ALL:
            return CipReply(data=b"".join(attributes))
        if request.service != Service.GET_ATTRIBUTE_SINGLE:
            return CipReply(Status.SERVICE_UNSUPPORTED)
        if attribute is None or not 1 <= attribute <= len(attributes):
            return CipReply(Status.ATTRIBUTE_UNSUPPORTED)
        return CipReply(data=attributes[attribute - 1])

    def _on_multiple(self, request: CipRequest) -> CipReply:
        if not self._multiple_services:
            return CipReply(Status.SERVICE_UNSUPPORTED)
        messages = _parse_multiple(request.data)
        offsets: list[int] = []
        replies = bytearray()
        start = 2 + 2 * len(messages)
        failed = False
        for number, message in enumerate(messages):
            left = _REPLY_HEADER * (len(messages) - number)
            room = request.max_reply - start - len(replies) - left
            reply = self._on_embedded(message, request, max(room, 0))
            failed |= reply[2] != Status.SUCCESS
            offsets.append(start + len(replies))
            replies += reply
        header = struct.pack(f"<H{len(offsets)}H", len(offsets), *offsets)
        if start + len(replies) > request.max_reply:
            return CipReply(Status.REPLY_TOO_LARGE)
        return CipReply(Status.EMBEDDED_ERROR if failed else Status.SUCCESS, header + bytes(replies))

    def _on_embedded(self, message: bytes, outer: CipRequest, room: int) -> bytes:
        try:
            request = parse_request(message, connected=outer.connected, max_reply=room)
        except CipRefusedError as refused:
            return build_reply(message[0] if message else 0, refused.reply)
        return build_reply(request.service, self._handle_one(request))


def _parse_multiple(data: bytes) -> list[bytes]:
    if len(data) < 2:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    (count,) = struct.unpack_from("<H", data)
    if not count or len(data) < 2 + 2 * count:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    offsets = struct.unpack_from(f"<{count}H", data, 2)
    ends = (*offsets[1:], len(data))
    if any(start > end for start, end in zip(offsets, ends, strict=True)):
        raise CipRefusedError(Status.INVALID_PARAMETER)
    return [data[start:end] for start, end in zip(offsets, ends, strict=True)]


def _class_of(path: bytes) -> int | None:
    """The class a path begins with; None where it begins with something else."""
    if path[:1] == b"\x91":
        return None
    if path[:1] == b"\x20" and len(path) >= 2:
        return path[1]
    if path[:1] == b"\x21" and len(path) >= 4:
        return int.from_bytes(path[2:4], "little")
    return None


def _is_connection_manager(request: CipRequest) -> bool:
    return _class_of(request.path) == _CONNECTION_MANAGER
