"""The requests that write a value leave everything else as it was."""

from hypothesis import given
from hypothesis import strategies as st

from drivers.logix import types
from drivers.logix.address import parse_address
from drivers.logix.resolve import resolve
from drivers.logix.writing import write_requests
from engine.model import Value, parse_type
from sim.logix_controller import LogixController
from tests.drivers.logix.in_memory import InMemorySession


def write(
    session: InMemorySession, address: str, type_text: str, value: Value, room: int = 484
) -> list[bytes]:
    spec = parse_type(type_text)
    find = session.definitions().find
    point = resolve(0, parse_address(address), spec, find, by_instance=False)
    requests = write_requests(point, types.check(spec, value), room)
    session.messages.clear()
    for request in requests:
        assert session.exchange(request).status == 0
    return requests


def as_words(bits: list[bool]) -> list[int]:
    return [sum(bit << n for n, bit in enumerate(bits[at : at + 32])) for at in range(0, len(bits), 32)]


@given(
    st.lists(st.booleans(), min_size=96, max_size=96),
    st.integers(0, 95),
    st.lists(st.booleans(), min_size=1, max_size=96),
)
def test_bits_are_written_and_their_neighbours_are_not(
    before: list[bool], first: int, new: list[bool]
) -> None:
    new = new[: 96 - first]
    controller = LogixController()
    memory = controller.add_tag("Flags", "BOOL", (96,)).memory
    memory[:] = b"".join(word.to_bytes(4, "little") for word in as_words(before))
    write(InMemorySession(controller), f"Flags[{first}]", f"BOOL[{len(new)}]", tuple(new))
    expected = before[:first] + new + before[first + len(new) :]
    assert bytes(memory) == b"".join(word.to_bytes(4, "little") for word in as_words(expected))


@given(st.sampled_from(["SINT", "INT", "DINT", "LINT"]), st.data())
def test_a_bit_of_an_integer(kind: str, data: st.DataObject) -> None:
    controller = LogixController()
    memory = controller.add_tag("Words", kind, (3,)).memory
    width = len(memory) // 3
    memory[:] = data.draw(st.binary(min_size=3 * width, max_size=3 * width))
    before = int.from_bytes(memory, "little")
    bit, value = data.draw(st.integers(0, 8 * width - 1)), data.draw(st.booleans())
    write(InMemorySession(controller), f"Words[1].{bit}", "BOOL", value)
    mask = 1 << 8 * width + bit
    assert int.from_bytes(memory, "little") == (before | mask if value else before & ~mask)


@given(st.integers(0, 7), st.integers(0, 255), st.booleans())
def test_a_bool_in_a_structure(n: int, before: int, value: bool) -> None:
    controller = LogixController()
    controller.add_struct("U", [(f"B{bit}", "BOOL") for bit in range(8)])
    memory = controller.add_tag("S", "U").memory
    memory[0] = before
    write(InMemorySession(controller), f"S.B{n}", "BOOL", value)
    assert memory[0] == (before | 1 << n if value else before & ~(1 << n))


@given(st.integers(1, 700), st.sampled_from([120, 484, 3984]), st.integers(0, 50))
def test_an_array_in_as_many_pieces_as_it_takes(length: int, room: int, first: int) -> None:
    controller = LogixController()
    controller.add_tag("Row", "LINT", (first + length + 1,))
    numbers = tuple(range(1, length + 1))
    requests = write(InMemorySession(controller, room), f"Row[{first}]", f"LINT[{length}]", numbers, room)
    assert controller.peek("Row") == (0,) * first + numbers + (0,)
    assert all(len(request) <= room for request in requests)


@given(st.lists(st.text(alphabet="abcäöü ", max_size=82), min_size=1, max_size=9))
def test_texts(texts: list[str]) -> None:
    controller = LogixController()
    controller.add_tag("Names", "STRING", (9,))
    write(InMemorySession(controller), "Names", f"STRING[82][{len(texts)}]", tuple(texts))
    for n, text in enumerate(texts):
        assert controller.peek(f"Names[{n}]") == text
