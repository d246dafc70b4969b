"""A failing address takes only its own tags down, and is taken back when it recovers."""

from drivers.base import Reading
from drivers.s7.address import Area
from drivers.s7.pdu import OK, ItemReply, ReadItem, RequestRefusedError
from drivers.s7.read_plan import Point, Request
from drivers.s7.scan import RETRIES_PER_SCAN, RETRY_S, Scan
from engine.model import parse_type

PDU = 960


def point(index: int, start: int, type_text: str = "INT", db: int = 1) -> Point:
    return Point(index, Area.DB, db, start, 0, parse_type(type_text))


class Controller:
    """Memory that holds its own byte numbers, with bytes and whole requests that are refused."""

    def __init__(self) -> None:
        self.bad_bytes: set[tuple[int, int]] = set()
        self.code = 0x05
        self.refuses_request: int | None = None
        self.largest_item = PDU
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> list[ItemReply]:
        self.requests.append(request)
        replies = [self._reply(item) for item in request.items]
        if self.refuses_request is not None and any(reply.code != OK for reply in replies):
            raise RequestRefusedError(self.refuses_request)
        return replies

    def _reply(self, item: ReadItem) -> ItemReply:
        touched = range(item.start, item.start + item.size)
        if item.size > self.largest_item or any((item.db, byte) in self.bad_bytes for byte in touched):
            return ItemReply(self.code, b"")
        return ItemReply(OK, bytes(byte & 0xFF for byte in touched))

    def count(self) -> int:
        """Requests since the last count."""
        count = len(self.requests)
        self.requests.clear()
        return count


def good(readings: object) -> list[bool]:
    assert isinstance(readings, (list, tuple))
    return [not reading.error for reading in readings]


def test_only_the_tag_that_touches_the_bad_byte_turns_bad() -> None:
    controller = Controller()
    controller.bad_bytes.add((1, 41))
    scan = Scan([point(n, 2 * n) for n in range(100)], {}, PDU)
    first = scan.run(controller, 0.0)
    assert good(first) == [n != 20 for n in range(100)]
    assert "outside" in first[20].error
    assert first[21] == Reading(0x2A2B)
    controller.count()
    assert good(scan.run(controller, 1.0)) == [n != 20 for n in range(100)]
    assert controller.count() == 1


def test_finding_a_bad_tag_among_a_hundred_takes_few_requests() -> None:
    controller = Controller()
    controller.bad_bytes.add((1, 41))
    Scan([point(n, 2 * n) for n in range(100)], {}, PDU).run(controller, 0.0)
    assert controller.count() <= 3


def test_a_missing_block_leaves_the_other_blocks_good() -> None:
    controller = Controller()
    controller.code = 0x0A
    controller.bad_bytes.update((2, byte) for byte in range(10))
    scan = Scan([point(0, 0), point(1, 0, db=2), point(2, 4, db=2), point(3, 0, db=3)], {}, PDU)
    readings = scan.run(controller, 0.0)
    assert good(readings) == [True, False, False, True]
    assert "DB2 does not exist" in readings[1].error


def test_a_bad_tag_is_tried_again_after_a_while_and_merged_when_it_recovers() -> None:
    controller = Controller()
    controller.bad_bytes.add((1, 2))
    scan = Scan([point(n, 2 * n) for n in range(3)], {}, PDU)
    scan.run(controller, 0.0)
    assert good(scan.run(controller, RETRY_S + 1)) == [True, False, True]
    controller.bad_bytes.clear()
    controller.count()
    assert good(scan.run(controller, 2 * RETRY_S)) == [True, False, True]
    assert good(scan.run(controller, 3 * RETRY_S)) == [True, True, True]
    assert [request.sizes for request in scan.plan.requests] == [(6,)]


def test_an_unreadable_gap_is_read_around() -> None:
    controller = Controller()
    controller.bad_bytes.add((1, 5))
    scan = Scan([point(0, 0), point(1, 10)], {}, PDU)
    assert good(scan.run(controller, 0.0)) == [True, True]
    controller.count()
    assert good(scan.run(controller, 1.0)) == [True, True]
    assert controller.count() == 1
    controller.bad_bytes.clear()
    scan.run(controller, RETRY_S + 1)
    assert [request.sizes for request in scan.plan.requests] == [(12,)]


def test_a_controller_that_refuses_large_items_is_read_in_small_ones() -> None:
    controller = Controller()
    controller.largest_item = 100
    scan = Scan([point(n, 2 * n) for n in range(80)], {}, PDU)
    assert good(scan.run(controller, 0.0)) == [True] * 80
    assert good(scan.run(controller, 1.0)) == [True] * 80


def test_a_request_refused_for_one_item_is_asked_item_by_item() -> None:
    controller = Controller()
    controller.refuses_request = 0x8304
    controller.bad_bytes.update((2, byte) for byte in range(10))
    scan = Scan([point(0, 0), point(1, 0, db=2), point(2, 0, db=3)], {}, PDU)
    assert good(scan.run(controller, 0.0)) == [True, False, True]


def test_missing_permission_is_said_once_for_all_and_not_searched_for() -> None:
    controller = Controller()
    controller.refuses_request = 0x8104
    controller.bad_bytes.add((1, 0))
    scan = Scan([point(n, 2 * n) for n in range(100)], {}, PDU)
    readings = scan.run(controller, 0.0)
    assert controller.count() == 1
    assert not any(good(readings))
    assert "PUT/GET" in readings[0].error
    controller.bad_bytes.clear()
    assert all(good(scan.run(controller, 1.0)))


def test_tags_without_an_address_keep_their_place_and_reason() -> None:
    scan = Scan([point(0, 0), point(2, 2)], {1: Reading(None, "no address")}, PDU)
    readings = scan.run(Controller(), 0.0)
    assert readings == (Reading(0x0001), Reading(None, "no address"), Reading(0x0203))


def test_many_bad_tags_are_tried_again_some_in_each_scan_even_where_each_is_asked_for_alone() -> None:
    controller = Controller()
    controller.refuses_request = 0x8500
    dead = 3 * RETRIES_PER_SCAN + 1
    controller.bad_bytes.update((2, byte) for byte in range(2 * dead))
    scan = Scan([point(0, 0), *(point(n + 1, 2 * n, db=2) for n in range(dead))], {}, PDU)
    scan.run(controller, 0.0)
    controller.count()
    for pause in range(4):
        assert good(scan.run(controller, RETRY_S + 0.1 * pause)) == [True] + [False] * dead
        assert controller.count() < 3 * RETRIES_PER_SCAN
    scan.run(controller, RETRY_S + 1.0)
    assert controller.count() == 1
    controller.bad_bytes.clear()
    for pause in range(4):
        readings = scan.run(controller, 2 * RETRY_S + 0.1 * pause)
    assert good(readings) == [True] * (dead + 1)
