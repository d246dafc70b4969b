"""As few requests as the messages allow, whole elements in each, and every value where it belongs."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import Reading
from drivers.pccc.address import STRUCTURES, Address, FileType, parse_address
from drivers.pccc.family import READ_BYTES, Family
from drivers.pccc.layout import Area, Span, place
from drivers.pccc.read_plan import Plan, Point, plan_reads
from drivers.pccc.types import decode
from engine.model import DataType, parse_type
from tests.drivers.pccc.frames import addresses

SLC, PLC5 = Family.SLC500, Family.PLC5
LIMIT = READ_BYTES[SLC]


def point(index: int, text: str, type_text: str = "INT", family: Family = SLC) -> Point:
    address, spec = parse_address(text, family), parse_type(type_text)
    return Point(index, place(address, spec, family), address.bit or 0, spec)


def spans(plan: Plan) -> list[Span]:
    return [span for reads in plan.reads for span in reads]


def run(plan: Plan, memory: dict[Area, bytes]) -> dict[int, Reading]:
    readings = {}
    for block, reads in zip(plan.blocks, plan.reads, strict=True):
        data = b"".join(memory[span.area][2 * span.start : 2 * span.end] for span in reads)
        for owner, reading in zip(block.points, block.decode(data), strict=True):
            readings[owner.index] = reading
    return readings


def test_neighbours_in_a_file_are_one_read() -> None:
    plan = plan_reads([point(n, f"N7:{n}") for n in range(100)], LIMIT)
    assert spans(plan) == [Span(Area(FileType.INTEGER, 7), 0, 100)]


def test_gaps_are_read_over_as_long_as_the_read_fits_one_message() -> None:
    near = plan_reads([point(0, "N7:0"), point(1, "N7:111")], LIMIT)
    assert spans(near) == [Span(Area(FileType.INTEGER, 7), 0, 112)]
    far = plan_reads([point(0, "N7:0"), point(1, "N7:112")], LIMIT)
    assert len(spans(far)) == 2


def test_files_are_read_one_by_one() -> None:
    plan = plan_reads([point(0, "N7:0"), point(1, "N9:0"), point(2, "B3/0", "BOOL")], LIMIT)
    assert len(spans(plan)) == 3


def test_members_of_timers_are_read_as_whole_timers() -> None:
    plan = plan_reads([point(0, "T4:0.ACC"), point(1, "T4:1.PRE"), point(2, "T4:1/DN", "BOOL")], LIMIT)
    assert spans(plan) == [Span(Area(FileType.TIMER, 4), 0, 6)]
    memory = struct.pack("<6H", 0, 500, 123, 1 << 13, 600, 7)
    readings = run(plan, {Area(FileType.TIMER, 4): memory})
    assert [readings[n].value for n in range(3)] == [123, 600, True]


def test_slots_of_an_slc_are_read_apart_and_words_of_a_slot_together() -> None:
    tags = [point(0, "I:1.0"), point(1, "I:1.3"), point(2, "I:2.0"), point(3, "O:1.0")]
    assert sorted(spans(plan_reads(tags, LIMIT))) == [
        Span(Area(FileType.INPUT, 1, 1), 0, 4),
        Span(Area(FileType.INPUT, 1, 2), 0, 1),
        Span(Area(FileType.OUTPUT, 0, 1), 0, 1),
    ]


def test_the_words_of_a_plc5s_inputs_are_read_together() -> None:
    tags = [point(0, "I:001", family=PLC5), point(1, "I:017", family=PLC5)]
    assert spans(plan_reads(tags, 240)) == [Span(Area(FileType.INPUT, 1), 1, 15)]


def test_long_arrays_are_read_in_whole_elements() -> None:
    plan = plan_reads([point(0, "F8:0", "REAL[300]")], LIMIT)
    assert [span.words for span in spans(plan)] == [112] * 5 + [40]
    texts = plan_reads([point(0, "ST10:0", "STRING[82][5]")], LIMIT)
    assert [span.words for span in spans(texts)] == [84, 84, 42]
    timers = plan_reads([point(n, f"T4:{n}.ACC") for n in range(50)], LIMIT)
    assert [span.words for span in spans(timers)] == [111, 39]


def test_a_string_is_longer_than_what_a_small_processor_sends_and_is_asked_alone() -> None:
    plan = plan_reads([point(0, "ST10:0", "STRING"), point(1, "ST10:1", "STRING")], 82)
    assert [span.words for span in spans(plan)] == [42, 42]


def test_no_read_goes_over_a_failed_place_or_a_cut() -> None:
    tags = [point(n, f"N7:{n}") for n in range(5)]
    plan = plan_reads(tags[:2] + tags[3:], LIMIT, failed=[tags[2]])
    assert [(span.start, span.words) for span in spans(plan)] == [(0, 2), (3, 2)]
    cut = plan_reads(tags, LIMIT, cuts=[(Area(FileType.INTEGER, 7), 2)])
    assert [(span.start, span.words) for span in spans(cut)] == [(0, 2), (2, 3)]


def test_a_value_that_is_no_number_spoils_no_other_one() -> None:
    plan = plan_reads([point(0, "F8:0", "REAL"), point(1, "F8:1", "REAL")], LIMIT)
    readings = run(plan, {Area(FileType.FLOAT, 8): struct.pack("<2f", float("nan"), 2.5)})
    assert "no number" in readings[0].error
    assert readings[1] == Reading(2.5)


WIDE = {FileType.FLOAT: "REAL", FileType.LONG: "DINT", FileType.STRING: "STRING"}
SIZES = {"REAL": (1, 80), "DINT": (1, 80), "STRING": (1, 4), "INT": (1, 200)}


@st.composite
def points(draw: st.DrawFn, family: Family) -> Point:
    """A point in one of few files, so that they meet."""
    address = draw(addresses(family))
    address = Address(
        address.kind,
        address.file if address.file < 3 else 3 + address.file % 2,
        address.element % (3 if address.kind is FileType.STRING else 200),
        address.word % 100,
        address.bit,
    )
    if address.bit is not None:
        return Point(0, place(address, parse_type("BOOL"), family), address.bit, parse_type("BOOL"))
    type_text = WIDE.get(address.kind, "INT")
    if address.kind not in STRUCTURES and draw(st.booleans()):
        suffix = "[82]" if type_text == "STRING" else ""
        type_text += f"{suffix}[{draw(st.integers(*SIZES[type_text]))}]"
    spec = parse_type(type_text)
    return Point(0, place(address, spec, family), 0, spec)


@pytest.mark.parametrize("family", Family)
@given(data=st.data())
def test_every_value_is_read_from_its_own_place(family: Family, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(points(family), min_size=1, max_size=30))
    tags = [Point(n, tag.span, tag.bit, tag.spec) for n, tag in enumerate(drawn)]
    limit = READ_BYTES[family]
    plan = plan_reads(tags, limit)
    areas = {tag.span.area for tag in tags}
    memory = {area: _memory(area, number) for number, area in enumerate(sorted(areas))}
    readings = run(plan, memory)
    assert sorted(readings) == list(range(len(tags)))
    for tag in tags:
        raw = memory[tag.span.area][2 * tag.span.start : 2 * tag.span.end]
        assert readings[tag.index] == Reading(decode(tag.spec, tag.span.area.kind, raw, tag.bit))
    for span in spans(plan):
        assert 2 * span.words <= limit
        assert span.start % span.area.stride == span.words % span.area.stride == 0
        assert span.area.kind not in WIDE or span.area.slot < 0


def _memory(area: Area, seed: int) -> bytes:
    """Words that differ from place to place and are valid floats and texts."""
    if area.kind is FileType.STRING:
        return b"".join(bytes((n % 80, 0)) + bytes((65 + n % 26,)) * 82 for n in range(seed, seed + 8))
    if area.kind is FileType.FLOAT:
        return struct.pack("<400f", *(seed + n / 4 for n in range(400)))
    return struct.pack("<1200H", *((seed * 997 + n * 31) & 0xFFFF for n in range(1200)))


def test_types_that_share_words_are_all_read() -> None:
    tags = [
        point(0, "N7:0"),
        point(1, "N7:0", "WORD"),
        point(2, "N7:0/15", "BOOL"),
        point(3, "N7:0", "INT[2]"),
    ]
    readings = run(plan_reads(tags, LIMIT), {Area(FileType.INTEGER, 7): struct.pack("<2h", -2, 5)})
    assert [readings[n].value for n in range(4)] == [-2, 0xFFFE, True, (-2, 5)]
    assert tags[0].spec.base is DataType.INT
