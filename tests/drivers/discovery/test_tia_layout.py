"""Offsets agree with a model that only knows how many bits everything has and where it may begin."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from drivers.discovery.tia_blocks import browse_blocks
from drivers.discovery.tia_source import parse_source
from tests.drivers.discovery.tag_paths import addresses, silent

BITS = {
    "Bool": 1,
    "Byte": 8,
    "Char": 8,
    "SInt": 8,
    "Int": 16,
    "Date": 16,
    "Real": 32,
    "Time": 32,
    "LReal": 64,
    "DTL": 96,
}
WORDS = {"Int", "Date"}
DOUBLE_WORDS = {"Real", "Time"}


@dataclass
class Text:
    chars: int


@dataclass
class Many:
    count: int
    element: object


@dataclass
class Group:
    parts: list


SIMPLE = st.sampled_from(sorted(BITS)) | st.builds(Text, st.integers(1, 20))
TYPES = st.recursive(
    SIMPLE | st.builds(Many, st.integers(1, 11), SIMPLE),
    lambda inner: (
        st.builds(Group, st.lists(inner, min_size=1, max_size=4))
        | st.builds(Many, st.integers(1, 3), st.builds(Group, st.lists(inner, min_size=1, max_size=3)))
    ),
    max_leaves=12,
)


def up(bits: int, to: int) -> int:
    return -(-bits // to) * to


def begin(kind: object, at: int) -> int:
    """Where it may begin: a bit anywhere, a byte at a byte, the rest at a word."""
    if kind == "Bool":
        return at
    return up(at, 8) if isinstance(kind, str) and BITS[kind] == 8 else up(at, 16)


def lay(kind: object, at: int, path: str, found: dict[str, str]) -> int:
    """Note the addresses of everything inside; returns the first bit behind it."""
    at = begin(kind, at)
    if isinstance(kind, str):
        found[path] = address(kind, at)
        return at + BITS[kind]
    if isinstance(kind, Text):
        found[path] = f"DB1.DBB{at // 8}"
        return up(at + 8 * (kind.chars + 2), 16)
    if isinstance(kind, Group):
        for number, part in enumerate(kind.parts):
            at = lay(part, at, f"{path}.m{number}", found)
        return up(at, 16)
    if not isinstance(kind.element, Group):
        first = {}
        lay(kind.element, at, path, first)
        found |= first
    for number in range(kind.count):
        at = lay(kind.element, at, f"{path}[{number}]", found)
    return up(at, 16)


def address(kind: str, at: int) -> str:
    if kind == "Bool":
        return f"DB1.DBX{at // 8}.{at % 8}"
    letter = "W" if kind in WORDS else "D" if kind in DOUBLE_WORDS else "B"
    return f"DB1.DB{letter}{at // 8}"


def declare(kind: object) -> str:
    if isinstance(kind, str):
        return kind
    if isinstance(kind, Text):
        return f"String[{kind.chars}]"
    if isinstance(kind, Many):
        return f"Array[0..{kind.count - 1}] of {declare(kind.element)}"
    return "Struct\n" + members(kind) + "END_STRUCT"


def members(group: Group) -> str:
    return "".join(f"m{number} : {declare(part)};\n" for number, part in enumerate(group.parts))


@given(st.builds(Group, st.lists(TYPES, min_size=1, max_size=8)))
def test_every_declaration_is_laid_out_as_the_model_says(group):
    head = "DATA_BLOCK DB1\n{ S7_Optimized_Access := 'FALSE' }\n"
    parsed = parse_source(f"{head}STRUCT\n{members(group)}END_STRUCT;\nEND_DATA_BLOCK", "model.db", silent)
    browsed = browse_blocks("model.db", parsed.blocks, parsed.types)
    expected: dict[str, str] = {}
    lay(group, 0, "DB1", expected)
    assert addresses(browsed) == expected
    assert browsed.count == len(expected)
