"""From points to as few and as small read requests as do, with their bytes built once. Pure.

What lies together is read together: contiguous elements of an array as one slice, members of a structure as
the structure itself where that is cheaper than asking for each. These extents are packed into Multiple
Service Packets that fit the connection both ways; what is larger than a message is read in fragments.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from drivers.cip.frames import message
from drivers.logix import epath
from drivers.logix.decode import Decode, Spot, compile_decoder
from drivers.logix.place import Place, Point


@dataclass(frozen=True)
class Extent:
    """Bytes of a tag read as one: ``count`` elements at ``path``, ``size`` bytes from ``start`` on in it.

    A reply begins with ``prefix``. ``alone``: the value is what was asked for, not a part of it.
    """

    path: bytes
    count: int
    prefix: bytes
    start: int
    size: int
    points: tuple[Point, ...]
    alone: bool

    @property
    def request(self) -> bytes:
        return message(epath.READ, self.path, self.count.to_bytes(2, "little"))

    def fragment(self, offset: int) -> bytes:
        """The request for what comes from ``offset`` bytes on."""
        data = self.count.to_bytes(2, "little") + offset.to_bytes(4, "little")
        return message(epath.READ_FRAGMENT, self.path, data)

    @property
    def reply_size(self) -> int:
        return _REPLY_HEADER + len(self.prefix) + self.size

    @property
    def is_variable(self) -> bool:
        return self.points[0].variable

    def spots(self, at: int) -> Iterator[Spot]:
        """Where its points are when its first byte is at ``at``."""
        return (Spot(point, at + point.offset - self.start, self.alone) for point in self.points)

    @cached_property
    def decoder(self) -> tuple[tuple[Point, ...], Decode]:
        """Its points in the order of the readings, and what makes them of its bytes."""
        return compile_decoder(tuple(self.spots(0)))


@dataclass(frozen=True, slots=True)
class Extra:
    """A request that rides along in the scan; its reply's data has this size."""

    request: bytes
    size: int

    @property
    def header(self) -> bytes:
        return bytes((self.request[0] | 0x80, 0, 0, 0))

    @property
    def reply_size(self) -> int:
        return _REPLY_HEADER + self.size


@dataclass(frozen=True, slots=True)
class Packet:
    """One request with the extents and extras in it, in order. Empty ``request``: read in fragments."""

    request: bytes
    extents: tuple[Extent, ...]
    extras: tuple[Extra, ...] = ()

    @property
    def is_multiple(self) -> bool:
        return len(self.extents) + len(self.extras) > 1


def plan_extents(points: Iterable[Point], payload: int, apart: Collection[Point] = ()) -> list[Extent]:
    """What is read as one, in a stable order; each point of ``apart`` is read by itself."""
    groups: dict[bytes, _Group] = {}
    singles: list[Extent] = []
    for point in points:
        if point in apart or point.variable:
            singles.append(alone(point))
        else:
            _insert(groups, point, 0)
    return list(chain(*(_plan_group(group, payload) for group in groups.values()), singles))


def pack(extents: Sequence[Extent], extras: Sequence[Extra], payload: int, *, multiple: bool) -> list[Packet]:
    """Packets for extents: first fit, the largest first; extras come last, after everything else."""
    large = [extent for extent in extents if _REPLY_HEADER + _TABLE + extent.reply_size > payload]
    small = [extent for extent in extents if _REPLY_HEADER + _TABLE + extent.reply_size <= payload]
    packets = [Packet(b"", (extent,)) for extent in large]
    if not multiple:
        packets += [Packet(extent.request, (extent,)) for extent in small]
        return packets + [Packet(extra.request, (), (extra,)) for extra in extras]
    bins = _bins(sorted(small, key=lambda extent: -extent.reply_size), payload)
    filled = [Packet(_request(each, ()), tuple(each)) for each in bins]
    if not extras:
        return packets + filled
    last = filled[-1].extents if filled else ()
    if _fits(last, extras, payload):
        return [*packets, *filled[:-1], Packet(_request(last, extras), last, tuple(extras))]
    return [*packets, *filled, Packet(_request((), extras), (), tuple(extras))]


def alone(point: Point) -> Extent:
    """A point read by itself."""
    place = point.leaf
    size = point.size if point.variable or point.is_bool else point.count * place.size
    return Extent(place.element_path, point.count, place.prefix, place.offset, size, (point,), True)


_REPLY_HEADER = 4
_TABLE = 4
# What one more request in a packet costs, and one more packet, in bytes read for nothing.
_ITEM_COST = 64
_PACKET_COST = 512


@dataclass(slots=True)
class _Group:
    """All that is wanted of one place: its elements (0 only, if it is no array) and what is in them."""

    place: Place
    leaves: list[Point] = field(default_factory=list)
    inside: dict[int, tuple[Place, dict[bytes, "_Group"]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Span:
    """Elements that are read together."""

    first: int
    count: int
    points: list[Point]

    @property
    def end(self) -> int:
        return self.first + self.count


def _insert(groups: dict[bytes, _Group], point: Point, depth: int) -> None:
    place = point.trail[depth]
    group = groups.setdefault(place.path, _Group(place))
    if depth == len(point.trail) - 1:
        group.leaves.append(point)
        return
    _, below = group.inside.setdefault(place.first, (place, {}))
    _insert(below, point, depth + 1)


def _plan_group(group: _Group, payload: int) -> list[Extent]:
    spans = [_Span(point.leaf.first, point.count, [point]) for point in group.leaves]
    parts: list[Extent] = []
    for place, below in group.inside.values():
        split = [extent for inner in below.values() for extent in _plan_group(inner, payload)]
        whole = _Span(place.first, 1, [point for extent in split for point in extent.points])
        if _cost(place.size, payload) <= sum(_cost(extent.size, payload) for extent in split):
            spans.append(whole)
        else:
            parts += split
    return [_extent(group.place, span) for span in _merge(group.place, spans, payload)] + parts


def _cost(size: int, payload: int) -> int:
    return _ITEM_COST + size + size // payload * _PACKET_COST


def _merge(place: Place, spans: list[_Span], payload: int) -> list[_Span]:
    """Spans joined where the elements between them cost less than a request of their own."""
    merged: list[_Span] = []
    most = payload - _REPLY_HEADER - _TABLE - _REPLY_HEADER - len(place.prefix)
    for span in sorted(spans, key=lambda span: (span.first, span.end)):
        last = merged[-1] if merged else None
        end = max(last.end, span.end) if last else 0
        if (
            last is not None
            and (span.first - last.end) * place.size <= _ITEM_COST
            and (end - last.first) * place.size <= max(most, last.count * place.size)
        ):
            merged[-1] = _Span(last.first, end - last.first, last.points + span.points)
        else:
            merged.append(span)
    return merged


def _extent(place: Place, span: _Span) -> Extent:
    start = place.offset + (span.first - place.first) * place.size
    is_leaf = all(point.leaf.path == place.path for point in span.points)
    return Extent(
        place.path_to(span.first),
        span.count,
        place.prefix,
        start,
        span.count * place.size,
        tuple(span.points),
        is_leaf,
    )


def _bins(extents: Iterable[Extent], payload: int) -> list[list[Extent]]:
    bins: list[list[Extent]] = []
    used: list[tuple[int, int]] = []
    for extent in extents:
        ask, answer = 2 + len(extent.request), 2 + extent.reply_size
        fitting = (
            n for n, (asked, answered) in enumerate(used) if max(asked + ask, answered + answer) <= payload
        )
        n = next(fitting, len(bins))
        if n == len(bins):
            bins.append([])
            used.append((2, 2))
        bins[n].append(extent)
        used[n] = used[n][0] + ask, used[n][1] + answer
    return bins


def _fits(extents: Sequence[Extent], extras: Sequence[Extra], payload: int) -> bool:
    items: list[Extent | Extra] = [*extents, *extras]
    table = 2 + 2 * len(items)
    asked = table + sum(len(item.request) for item in items)
    answered = table + sum(item.reply_size for item in items)
    return max(asked, answered) <= payload


def _request(extents: Sequence[Extent], extras: Sequence[Extra]) -> bytes:
    items: list[Extent | Extra] = [*extents, *extras]
    requests = [item.request for item in items]
    if len(requests) == 1:
        return requests[0]
    return message(epath.MULTIPLE, epath.MESSAGE_ROUTER, epath.multiple(requests))
