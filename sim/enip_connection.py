"""One client's session with a simulated EtherNet/IP controller."""

import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from engine.clock import Clock
from sim.cip_connections import CipConnections
from sim.enip_protocol import (
    Command,
    EncapsulationStatus,
    EnipError,
    Frame,
    FrameReader,
    ItemType,
    build_items,
    build_service_list,
    is_register_data,
    parse_items,
)
from sim.enip_router import EnipRouter
from sim.paced_link import Behaviour, PacedLink
from sim.server_loop import ServerLoop

_SEQUENCE = struct.Struct("<H")
_ID = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class EnipClient:
    """Who is connected: TCP address, session handle (0 before it is registered), open CIP connections."""

    peer: str
    session: int
    cip_connections: int


class EnipBehaviour(Behaviour, Protocol):
    """What a session asks before it answers."""

    cut_replies: bool


class Device(Protocol):
    """The controller behind a session."""

    router: EnipRouter
    cip_connections: CipConnections
    oversized: int

    @property
    def lock(self) -> AbstractContextManager[object]: ...

    def identity_list(self) -> bytes:
        """The data of a ListIdentity reply."""


class EnipConnection(PacedLink[Frame]):
    """Sessions, SendRRData and SendUnitData of one TCP connection; ``number`` is its session handle."""

    protocol = "EtherNet/IP"
    violations = (EnipError,)

    def __init__(
        self,
        sock: socket.socket,
        peer: str,
        device: Device,
        number: int,
        behaviour: EnipBehaviour,
        loop: ServerLoop,
        clock: Clock,
        on_closed: Callable[["EnipConnection"], None],
    ) -> None:
        self.number = number
        self._device = device
        self._registered = False
        self._reader = FrameReader()
        self._faults = behaviour
        super().__init__(sock, peer, behaviour, loop, clock, lambda: on_closed(self))

    def info(self) -> EnipClient:
        """What is known of the client."""
        session = self.number if self._registered else 0
        return EnipClient(self.peer, session, self._device.cip_connections.count_of(self.number))

    def parse(self, received: bytes) -> Iterable[Frame]:
        """Frames complete with what was received."""
        return self._reader.feed(received)

    def answer(self, message: Frame) -> None:
        """Carry out one encapsulation command."""
        match message.command:
            case Command.NOP:
                return
            case Command.REGISTER_SESSION:
                self._on_register(message)
            case Command.UNREGISTER_SESSION:
                self.close()
            case Command.LIST_IDENTITY:
                self.send(message.reply(self._device.identity_list()))
            case Command.LIST_SERVICES:
                self.send(message.reply(build_service_list()))
            case Command.LIST_INTERFACES:
                self.send(message.reply(bytes(2)))
            case Command.SEND_RR_DATA | Command.SEND_UNIT_DATA:
                self._on_data(message)
            case _:
                self.send(message.reply(status=EncapsulationStatus.UNSUPPORTED_COMMAND))

    def send(self, frame: bytes) -> None:
        """Send one reply, or half of it and no more."""
        if not self._faults.cut_replies or not frame:
            super().send(frame)
            return
        super().send(frame[: len(frame) // 2])
        self.close()

    def _on_register(self, message: Frame) -> None:
        if not is_register_data(message.data):
            self.send(message.reply(struct.pack("<HH", 1, 0), EncapsulationStatus.UNSUPPORTED_VERSION))
        elif self._registered:
            self.send(message.reply(message.data, EncapsulationStatus.UNSUPPORTED_COMMAND))
        else:
            self._registered = True
            self.send(message.reply(message.data[:4], session=self.number))

    def _on_data(self, message: Frame) -> None:
        if not self._registered or message.session != self.number:
            self.send(message.reply(status=EncapsulationStatus.INVALID_SESSION))
            return
        items = _items_of(message)
        unconnected = message.command == Command.SEND_RR_DATA
        data = items.get(ItemType.UNCONNECTED_DATA if unconnected else ItemType.CONNECTED_DATA)
        if data is None:
            self.send(message.reply(status=EncapsulationStatus.INCORRECT_DATA))
        elif unconnected:
            self._on_unconnected(message, data)
        else:
            self._on_connected(message, items.get(ItemType.CONNECTED_ADDRESS, b""), data)

    def _on_unconnected(self, message: Frame, data: bytes) -> None:
        device = self._device
        with device.lock:
            reply = device.router.on_unconnected(data, device.cip_connections, self.number)
        items = build_items((ItemType.NULL_ADDRESS, b""), (ItemType.UNCONNECTED_DATA, reply))
        self.send(message.reply(items))

    def _on_connected(self, message: Frame, address: bytes, data: bytes) -> None:
        """A message on no open connection is not answered: that is what controllers do."""
        if len(address) != _ID.size or len(data) < _SEQUENCE.size:
            self.send(message.reply(status=EncapsulationStatus.INCORRECT_DATA))
            return
        device = self._device
        connection = device.cip_connections.find(_ID.unpack(address)[0], self.number)
        if connection is None:
            return
        (sequence,) = _SEQUENCE.unpack_from(data)
        device.oversized += len(data) > connection.ot_size
        if sequence != connection.sequence:
            with device.lock:
                connection.reply = device.router.on_connected(data[_SEQUENCE.size :], connection)
            connection.sequence = sequence
        reply = _SEQUENCE.pack(sequence) + connection.reply
        to_id = _ID.pack(connection.to_id)
        items = build_items((ItemType.CONNECTED_ADDRESS, to_id), (ItemType.CONNECTED_DATA, reply))
        self.send(message.reply(items))


def _items_of(message: Frame) -> dict[int, bytes]:
    """The items by type; none where they make no sense."""
    try:
        return dict(parse_items(message.data))
    except EnipError:
        return {}
