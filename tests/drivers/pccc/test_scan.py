"""A failing address takes only its own tags down, and is taken back when it recovers."""

from collections.abc import Sequence

from drivers.base import Reading
from drivers.pccc.address import FileType, parse_address
from drivers.pccc.family import READ_BYTES, Family
from drivers.pccc.layout import Span, place
from drivers.pccc.read_plan import Point
from drivers.pccc.scan import RETRIES_PER_SCAN, RETRY_S, Scan
from drivers.pccc.status import Refusal, RefusedError
from engine.model import parse_type

SLC = Family.SLC500
LIMIT = READ_BYTES[SLC]


def point(index: int, text: str, type_text: str = "INT") -> Point:
    address, spec = parse_address(text, SLC), parse_type(type_text)
    return Point(index, place(address, spec, SLC), address.bit or 0, spec)


class Controller:
    """Files of words that hold their own numbers; some places and some sizes are refused."""

    def __init__(self) -> None:
        self.missing: set[tuple[FileType, int]] = set()
        self.length = 1000
        self.largest = LIMIT
        self.refusal: Refusal | None = None
        self.asked: list[Span] = []

    def __call__(self, span: Span) -> bytes:
        self.asked.append(span)
        if self.refusal is not None:
            raise RefusedError(self.refusal)
        absent = (span.area.kind, span.area.file) in self.missing
        if absent or span.end > self.length or 2 * span.words > self.largest:
            raise RefusedError(Refusal(0x10))
        return b"".join(word.to_bytes(2, "little") for word in range(span.start, span.end))

    def count(self) -> int:
        """Reads since the last count."""
        count = len(self.asked)
        self.asked.clear()
        return count


def good(readings: Sequence[Reading]) -> list[bool]:
    return [not reading.error for reading in readings]


def test_readings_come_in_the_order_of_the_tags() -> None:
    scan = Scan(
        [point(0, "N7:9"), point(2, "N7:3"), point(3, "B3/16", "BOOL")], {1: Reading(None, "no")}, LIMIT
    )
    readings = scan.run(Controller(), 0.0)
    assert list(readings) == [Reading(9), Reading(None, "no"), Reading(3), Reading(True)]


def test_only_the_tag_beyond_the_end_of_its_file_turns_bad() -> None:
    controller = Controller()
    controller.length = 80
    scan = Scan([point(n, f"N7:{n}") for n in range(81)], {}, LIMIT)
    assert good(scan.run(controller, 0.0)) == [True] * 80 + [False]
    controller.count()
    readings = scan.run(controller, 1.0)
    assert readings[79] == Reading(79)
    assert "no such file or element" in readings[80].error
    assert controller.count() == 1


def test_a_missing_file_leaves_the_others_good() -> None:
    controller = Controller()
    controller.missing.add((FileType.FLOAT, 8))
    tags = [point(0, "N7:0"), point(1, "F8:0", "REAL"), point(2, "F8:5", "REAL"), point(3, "T4:0.ACC")]
    scan = Scan(tags, {}, LIMIT)
    for now in (0.0, 1.0, 2.0):
        assert good(scan.run(controller, now)) == [True, False, False, True]
    assert scan.failed == {tags[1], tags[2]}


def test_what_failed_is_tried_again_now_and_then() -> None:
    controller = Controller()
    controller.missing.add((FileType.INTEGER, 9))
    scan = Scan([point(0, "N7:0"), point(1, "N9:0")], {}, LIMIT)
    scan.run(controller, 0.0)
    controller.missing.clear()
    assert good(scan.run(controller, RETRY_S - 1.0)) == [True, False]
    assert good(scan.run(controller, RETRY_S)) == [True, True]
    controller.count()
    assert good(scan.run(controller, RETRY_S + 1.0)) == [True, True]
    assert controller.count() == 2


def test_a_controller_that_takes_shorter_messages_only_is_read_in_shorter_ones() -> None:
    controller = Controller()
    controller.largest = 82
    scan = Scan([point(n, f"N7:{n}") for n in range(100)], {}, LIMIT)
    assert good(scan.run(controller, 0.0)) == [True] * 100
    assert not scan.failed
    controller.count()
    assert good(scan.run(controller, 1.0)) == [True] * 100
    assert controller.count() == 4


def test_a_refusal_of_everything_fails_the_scan_and_no_tag_for_longer() -> None:
    controller = Controller()
    scan = Scan([point(n, f"N7:{n}") for n in range(10)], {}, LIMIT)
    controller.refusal = Refusal(0xF0, 0x1F)
    readings = scan.run(controller, 0.0)
    assert not any(good(readings))
    assert "temporary problem" in readings[0].error
    assert controller.count() == 1
    controller.refusal = None
    assert all(good(scan.run(controller, 1.0)))
    assert not scan.failed


def test_finding_a_bad_tag_among_a_hundred_takes_few_requests() -> None:
    controller = Controller()
    controller.length = 99
    Scan([point(n, f"N7:{n}") for n in range(100)], {}, LIMIT).run(controller, 0.0)
    assert controller.count() <= 16


def test_a_scan_without_tags_asks_for_nothing() -> None:
    controller = Controller()
    assert list(Scan([], {}, LIMIT).run(controller, 0.0)) == []
    assert controller.count() == 0


def test_many_dead_tags_are_tried_again_a_few_in_each_scan_and_all_in_turn() -> None:
    controller = Controller()
    controller.missing.add((FileType.INTEGER, 9))
    dead = 5 * RETRIES_PER_SCAN + 1
    scan = Scan([point(0, "N7:0"), *(point(n, f"N9:{n}") for n in range(1, dead + 1))], {}, LIMIT)
    scan.run(controller, 0.0)
    controller.count()
    tried = []
    for pause in range(8):
        scan.run(controller, RETRY_S + 0.1 * pause)
        tried.append(sorted(span.start for span in controller.asked if span.area.file == 9))
        assert controller.count() <= 1 + RETRIES_PER_SCAN
    assert sorted(start for starts in tried for start in starts) == list(range(1, dead + 1))
    assert tried[-1] == []
    controller.missing.clear()
    for pause in range(6):
        readings = scan.run(controller, 2 * RETRY_S + 0.1 * pause)
    assert good(readings) == [True] * (dead + 1)
