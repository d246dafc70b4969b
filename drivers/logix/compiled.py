"""What a good reply to a packet looks like, byte for byte but for the values, and its decoder. Pure."""

import struct
from dataclasses import dataclass

from drivers.cip.frames import CipReply
from drivers.cip.status import SUCCESS
from drivers.logix.decode import Decode, compile_decoder
from drivers.logix.place import Point
from drivers.logix.read_plan import Extent, Extra, Packet


@dataclass(frozen=True, slots=True)
class Compiled:
    """A packet with what a good reply to it looks like: ``expected`` where ``mask`` has ones.

    ``points`` are in the order of the readings that ``decode`` makes of the data of such a reply.
    """

    packet: Packet
    points: tuple[Point, ...]
    size: int
    mask: int
    expected: int
    decode: Decode
    extra_slices: tuple[slice, ...]

    def is_as_expected(self, reply: CipReply) -> bool:
        """Whether all of it succeeded, with the types and sizes that were planned for."""
        data = reply.data
        return (
            reply.status == SUCCESS
            and len(data) == self.size
            and int.from_bytes(data, "little") & self.mask == self.expected
        )

    def extras(self, data: bytes) -> list[bytes]:
        return [data[each] for each in self.extra_slices]


def compile_packet(packet: Packet) -> Compiled:
    """What the reply will look like, and its decoder."""
    items: list[Extent | Extra] = [*packet.extents, *packet.extras]
    heads = [_head(item) for item in items]
    expected = bytearray()
    if packet.is_multiple:
        position = 2 + 2 * len(items)
        offsets = []
        for item in items:
            offsets.append(position)
            position += item.reply_size
        expected += struct.pack(f"<{len(items) + 1}H", len(items), *offsets)
    mask = bytearray(b"\xff" * len(expected))
    starts = []
    for item, head in zip(items, heads, strict=True):
        if not packet.is_multiple:
            # Service and status are not in the data of a reply to one request.
            head = head[4:]
        starts.append(len(expected) + len(head))
        expected += head + bytes(item.size)
        mask += b"\xff" * len(head) + bytes(item.size)
    spots = [spot for extent, at in zip(packet.extents, starts, strict=False) for spot in extent.spots(at)]
    points, decode = compile_decoder(spots)
    can_be_expected = packet.request and not any(extent.is_variable for extent in packet.extents)
    extras = zip(packet.extras, starts[len(packet.extents) :], strict=True)
    return Compiled(
        packet,
        points,
        len(expected) if can_be_expected else -1,
        int.from_bytes(mask, "little"),
        int.from_bytes(expected, "little"),
        decode,
        tuple(slice(at, at + extra.size) for extra, at in extras),
    )


_READ_HEAD = bytes.fromhex("cc000000")


def _head(item: Extent | Extra) -> bytes:
    return _READ_HEAD + item.prefix if isinstance(item, Extent) else item.header
