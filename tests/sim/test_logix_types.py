"""Structures are laid out as Studio 5000 does it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.logix_controller import LogixController
from sim.logix_types import (
    ATOMICS,
    BOOL,
    COUNTER,
    PREDEFINED,
    SINT,
    STRING,
    TIMER,
    Field,
    Member,
    StructType,
    lay_out,
    string_type,
    symbol_type_of,
)

DINT, REAL, LINT, INT = (ATOMICS[name] for name in ("DINT", "REAL", "LINT", "INT"))
INNER = lay_out("Inner", 0x200, [Field("Flag", BOOL), Field("Wide", LINT)])

kinds = st.sampled_from([*ATOMICS.values(), STRING, TIMER, COUNTER, INNER])
fields = st.lists(st.tuples(kinds, st.sampled_from([0, 0, 0, 1, 3, 40])), min_size=1, max_size=20)


def places(struct_type: StructType) -> dict[str, tuple[int, int | None]]:
    return {member.name: (member.offset, member.bit) for member in struct_type.members if not member.hidden}


def test_bools_are_packed_eight_to_a_hidden_byte():
    packed = lay_out("T", 0x201, [Field(f"B{number}", BOOL) for number in range(10)])
    assert places(packed) == {f"B{number}": (number // 8, number % 8) for number in range(10)}
    assert [member.name for member in packed.members if member.hidden] == ["ZZZZZZZZZZT0", "ZZZZZZZZZZT1"]
    assert packed.size == 4


def test_bools_apart_do_not_share_a_byte():
    split = lay_out("T", 0x201, [Field("A", BOOL), Field("N", SINT), Field("B", BOOL)])
    assert places(split) == {"A": (0, 0), "N": (1, None), "B": (2, 0)}


def test_members_are_aligned_and_the_end_is_filled():
    mixed = lay_out("T", 0x201, [Field("A", SINT), Field("B", INT), Field("C", DINT), Field("D", SINT)])
    assert places(mixed) == {"A": (0, None), "B": (2, None), "C": (4, None), "D": (8, None)}
    assert mixed.size == 12
    wide = lay_out("T", 0x201, [Field("A", DINT), Field("B", LINT)])
    assert (places(wide)["B"], wide.size) == ((8, None), 16)


def test_a_structure_with_a_wide_member_is_aligned_like_it():
    outer = lay_out("T", 0x201, [Field("A", DINT), Field("In", INNER)])
    assert (INNER.size, places(outer)["In"], outer.size) == (16, (8, None), 24)


def test_arrays_of_bools_are_dwords():
    flags = lay_out("T", 0x201, [Field("A", SINT), Field("Flags", BOOL, 40)])
    assert flags.members[1] == Member("Flags", ATOMICS["DWORD"], 4, 2)


def test_predefined_types_are_as_documented():
    assert (STRING.size, STRING.handle, STRING.is_string) == (88, 0xFCE, True)
    assert places(TIMER) == {
        "CTL": (0, None),
        "PRE": (4, None),
        "ACC": (8, None),
        "EN": (3, 7),
        "TT": (3, 6),
        "DN": (3, 5),
    }
    assert (TIMER.size, COUNTER.size, places(COUNTER)["CU"]) == (12, 12, (3, 7))
    assert all(struct_type.predefined for struct_type in PREDEFINED.values())


def test_a_string_of_another_length():
    short = string_type("STRING20", 0x300, 20)
    assert (short.size, short.is_string, short.predefined) == (24, True, False)


@pytest.mark.parametrize(
    ("kind", "dimensions", "expected"),
    [(REAL, 0, 0xCA), (DINT, 1, 0x20C4), (DINT, 3, 0x60C4), (STRING, 0, 0x8FCE), (INNER, 2, 0xC200)],
)
def test_the_type_word(kind, dimensions: int, expected: int):
    assert symbol_type_of(kind, dimensions) == expected


def test_the_handle_depends_on_the_layout_and_not_on_when_it_was_made():
    def handle_of(*declared: Field) -> int:
        return lay_out("T", 0x201, declared).handle

    assert handle_of(Field("A", DINT)) == handle_of(Field("A", DINT))
    assert handle_of(Field("A", DINT)) != handle_of(Field("A", REAL))


@given(fields)
def test_members_never_overlap_and_lie_within_the_structure(declared):
    laid = lay_out("T", 0x201, [Field(f"M{n}", kind, length) for n, (kind, length) in enumerate(declared)])
    used: set[tuple[int, int]] = set()
    for member in laid.members:
        if member.hidden:
            continue
        if member.bit is None:
            size = member.type.size * max(member.length, 1)
            bits = {(member.offset + n, bit) for n in range(size) for bit in range(8)}
        else:
            bits = {(member.offset, member.bit)}
        assert not bits & used
        used |= bits
    assert max(byte for byte, _bit in used) < laid.size
    assert laid.size % 4 == 0


@given(fields)
def test_numbers_lie_on_multiples_of_their_size(declared):
    laid = lay_out("T", 0x201, [Field(f"M{n}", kind, length) for n, (kind, length) in enumerate(declared)])
    for member in laid.members:
        if not isinstance(member.type, StructType) and member.type.layout:
            assert member.offset % member.type.size == 0


def test_ids_of_templates_are_never_mistaken_for_elementary_types():
    controller = LogixController()
    ids = [controller.add_struct(f"T{number}", [("A", "DINT")]).template_id for number in range(300)]
    codes = {atomic.code for atomic in ATOMICS.values()}
    assert len(set(ids)) == 300
    assert not {number & 0xFF for number in ids} & (codes | {0x00, 0xA0})
