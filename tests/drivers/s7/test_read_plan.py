"""Planned reads: few requests, within the PDU, and the same values as reading each tag by itself."""

import math
import struct
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import Reading
from drivers.s7.address import Area
from drivers.s7.pdu import OK, ItemReply
from drivers.s7.read_plan import Plan, Point, Request, plan_reads
from drivers.s7.scan import Scan
from drivers.s7.types import DecodeError, decode
from engine.model import DataType, TypeSpec, parse_type

MEMORY_SIZE = 3000


def point(index: int, start: int, type_text: str, db: int = 1, bit: int = 0) -> Point:
    return Point(index, Area.DB, db, start, bit, parse_type(type_text))


def reals(count: int, step: int = 4) -> list[Point]:
    return [point(n, n * step, "REAL") for n in range(count)]


def serve(memory: dict[tuple[int, int], bytes], request: Request) -> list[ItemReply]:
    return [
        ItemReply(OK, memory[item.area, item.db][item.start : item.start + item.size])
        for item in request.items
    ]


def assert_within_limits(plan: Plan, pdu: int) -> None:
    for request in plan.requests:
        assert 1 <= len(request.items) <= 20
        assert 12 + 2 + 12 * len(request.items) <= pdu
        *first, last = request.sizes
        assert 12 + 2 + sum(4 + size + size % 2 for size in first) + 4 + last <= pdu
        assert len(request.parameters) == 2 + 12 * len(request.items)


@st.composite
def points(draw: st.DrawFn) -> list[Point]:
    specs = st.builds(
        TypeSpec, st.sampled_from(sorted(DataType)), st.sampled_from([0, 0, 0, 1, 7, 300]), st.integers(1, 9)
    )
    places = st.tuples(
        st.sampled_from([(Area.DB, 1), (Area.DB, 2), (Area.MARKER, 0), (Area.INPUT, 0)]),
        st.one_of(st.integers(0, 40), st.integers(0, MEMORY_SIZE - 1)),
        st.integers(0, 7),
        specs,
    )
    made = []
    for (area, db), start, bit, spec in draw(st.lists(places, max_size=60)):
        candidate = Point(len(made), area, db, start, bit if spec.base is DataType.BOOL else 0, spec)
        if candidate.end <= MEMORY_SIZE:
            made.append(candidate)
    return made


def decoded_alone(memory: dict[tuple[int, int], bytes], at: Point) -> Reading:
    try:
        return Reading(decode(at.spec, memory[at.area, at.db][at.start : at.end], at.bit))
    except DecodeError as error:
        return Reading(None, str(error))


@given(points(), st.sampled_from([112, 240, 241, 480, 960]), st.integers(0, 2**32))
def test_planned_reads_equal_reading_each_tag_by_itself(made: list[Point], pdu: int, seed: int) -> None:
    random = Random(seed)
    memory = {
        (area, db): random.randbytes(MEMORY_SIZE)
        for area, db in [(Area.DB, 1), (Area.DB, 2), (Area.MARKER, 0), (Area.INPUT, 0)]
    }
    scan = Scan(made, {}, pdu)
    assert_within_limits(scan.plan, pdu)
    readings = scan.run(lambda request: serve(memory, request), 0.0)
    assert list(readings) == [decoded_alone(memory, at) for at in made]


def test_a_hundred_neighbouring_reals_are_one_item_of_one_request() -> None:
    plan = plan_reads(reals(100), 960)
    assert [request.sizes for request in plan.requests] == [(400,)]


def test_scattered_tags_of_one_block_are_read_together_while_they_fit_one_pdu() -> None:
    plan = plan_reads([point(0, 0, "REAL"), point(1, 900, "REAL")], 960)
    assert len(plan.requests) == 1


def test_a_wide_gap_is_not_read_when_that_costs_no_request() -> None:
    plan = plan_reads([point(0, 0, "REAL"), point(1, 900, "REAL")], 960)
    assert plan.requests[0].sizes == (4, 4)


def test_a_small_gap_is_read_rather_than_asked_around() -> None:
    plan = plan_reads([point(0, 0, "REAL"), point(1, 20, "REAL")], 960)
    assert plan.requests[0].sizes == (24,)


def test_wide_gaps_are_read_when_there_are_more_than_twenty_items() -> None:
    plan = plan_reads(reals(21, step=40), 960)
    assert [len(request.items) for request in plan.requests] == [1]


@pytest.mark.parametrize(("pdu", "most"), [(240, 18), (480, 20), (960, 20)])
def test_no_request_has_more_items_than_the_pdu_and_the_protocol_allow(pdu: int, most: int) -> None:
    plan = plan_reads([point(n, 0, "INT", db=n + 1) for n in range(60)], pdu)
    assert max(len(request.items) for request in plan.requests) == most
    assert_within_limits(plan, pdu)


def test_a_value_larger_than_a_pdu_is_put_together_from_its_parts() -> None:
    memory = {(Area.DB, 1): struct.pack(">700f", *range(700)), (Area.DB, 2): b"\x00\x07"}
    scan = Scan([point(0, 0, "REAL[700]"), point(1, 0, "INT", db=2)], {}, 240)
    assert_within_limits(scan.plan, 240)
    readings = scan.run(lambda request: serve(memory, request), 0.0)
    assert readings == (Reading(tuple(map(float, range(700)))), Reading(7))


def test_tags_that_share_bytes_are_all_read() -> None:
    shared = [
        point(0, 0, "DWORD"),
        point(1, 2, "WORD"),
        point(2, 0, "BOOL", bit=7),
        point(3, 0, "DWORD"),
        point(4, 1, "BYTE"),
    ]
    memory = {(Area.DB, 1): bytes.fromhex("80112233")}
    readings = Scan(shared, {}, 960).run(lambda request: serve(memory, request), 0.0)
    assert [reading.value for reading in readings] == [0x80112233, 0x2233, True, 0x80112233, 0x11]


def test_a_value_that_is_no_number_turns_bad_alone() -> None:
    memory = {(Area.DB, 1): struct.pack(">4f", 1.5, math.nan, -math.inf, 2.5)}
    readings = Scan(reals(4), {}, 960).run(lambda request: serve(memory, request), 0.0)
    assert [reading.value for reading in readings] == [1.5, None, None, 2.5]
    assert "no number" in readings[1].error


def test_no_tags_ask_nothing() -> None:
    def never(_request: Request) -> Sequence[ItemReply]:
        raise AssertionError("nothing should be asked")

    assert Scan([], {}, 960).run(never, 0.0) == ()  # type: ignore[arg-type]
