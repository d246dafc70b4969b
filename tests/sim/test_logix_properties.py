"""Whatever is read and written, a Logix controller's memory is what a plain model says."""

import struct
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cip_message import CipRefusedError, CipReply, parse_request
from sim.logix_controller import LogixController
from sim.logix_values import to_path
from tests.sim.enip_raw_client import request

LENGTHS = {"Row": 60, "Wide": 20, "Tiny": 9}
LAYOUTS = {"Row": "i", "Wide": "q", "Tiny": "b"}
CODES = {"Row": 0xC4, "Wide": 0xC5, "Tiny": 0xC2}
TYPES = {"Row": "DINT", "Wide": "LINT", "Tiny": "SINT"}


@dataclass(frozen=True)
class Step:
    """One access; indices and counts may lie beyond the end."""

    service: int
    name: str
    index: int
    count: int
    seed: int
    room: int

    def path(self) -> bytes:
        return to_path(f"{self.name}[{self.index}]")

    def size(self) -> int:
        return struct.calcsize(LAYOUTS[self.name])

    def value(self) -> bytes:
        return bytes((self.seed * 7 + n * 13) & 0xFF for n in range(self.size() * self.count))


steps = st.builds(
    Step,
    st.sampled_from([0x4C, 0x4D, 0x4E, 0x52, 0x53]),
    st.sampled_from(list(LENGTHS)),
    st.integers(0, 62),
    st.integers(1, 40),
    st.integers(0, 255),
    st.integers(8, 200),
)


def fresh() -> tuple[LogixController, dict[str, bytearray]]:
    controller, model = LogixController(), {}
    for name, length in LENGTHS.items():
        model[name] = bytearray(struct.calcsize(LAYOUTS[name]) * length)
        controller.add_tag(name, TYPES[name], [length])
    return controller, model


def ask(controller: LogixController, message: bytes, room: int) -> CipReply:
    try:
        return controller.handle(parse_request(message, connected=True, max_reply=room))
    except CipRefusedError as refused:
        return refused.reply


@settings(max_examples=150)
@given(st.lists(steps, max_size=12))
def test_reads_and_writes_agree_with_a_model(done: list[Step]):
    controller, model = fresh()
    for step in done:
        carry_out(controller, model[step.name], step)
        for name, memory in model.items():
            values = struct.unpack(f"<{LENGTHS[name]}{LAYOUTS[name]}", memory)
            assert controller.peek(name) == values


def carry_out(controller: LogixController, memory: bytearray, step: Step) -> None:
    start, end = step.index * step.size(), (step.index + step.count) * step.size()
    exists = step.index < LENGTHS[step.name]
    fits = exists and end <= len(memory)
    match step.service:
        case 0x4C | 0x52:
            value, error = read_whole(controller, step)
            assert (value, error) == ((bytes(memory[start:end]), 0) if fits else (b"", 0xFF))
        case 0x4D | 0x53:
            assert write_whole(controller, step) == (0 if fits else 0xFF)
            if fits:
                memory[start:end] = step.value()
        case _:
            to_set, to_keep = step.value()[: step.size()], bytes((step.seed,)) * step.size()
            data = struct.pack("<H", step.size()) + to_set + to_keep
            assert ask(controller, request(0x4E, step.path(), data), 500).status == (0 if exists else 0xFF)
            if exists:
                for n, (bits, kept) in enumerate(zip(to_set, to_keep, strict=True)):
                    memory[start + n] = (memory[start + n] | bits) & kept


def read_whole(controller: LogixController, step: Step) -> tuple[bytes, int]:
    """Read at once, or in as many fragments as the room asks for."""
    if step.service == 0x4C:
        reply = ask(controller, request(0x4C, step.path(), struct.pack("<H", step.count)), 500)
        return reply.data[2:], reply.status
    value, status = b"", 6
    while status == 6:
        data = struct.pack("<HI", step.count, len(value))
        reply = ask(controller, request(0x52, step.path(), data), step.room)
        status = reply.status
        assert len(reply.data) <= step.room
        value += reply.data[2:]
    return value, status


def write_whole(controller: LogixController, step: Step) -> int:
    code, value = CODES[step.name], step.value()
    if step.service == 0x4D:
        return ask(
            controller, request(0x4D, step.path(), struct.pack("<HH", code, step.count) + value), 500
        ).status
    for offset in range(0, len(value), step.room):
        header = struct.pack("<HHI", code, step.count, offset)
        message = request(0x53, step.path(), header + value[offset : offset + step.room])
        status = ask(controller, message, 500).status
        if status:
            return status
    return 0


@given(st.dictionaries(st.sampled_from([f"B{number}" for number in range(20)]), st.booleans()))
def test_packed_bools_are_written_without_touching_their_neighbours(values: dict[str, bool]):
    controller = LogixController()
    controller.add_struct("Flags", [(f"B{number}", "BOOL") for number in range(20)])
    controller.add_tag("F", "Flags")
    for name, value in values.items():
        message = request(0x4D, to_path(f"F.{name}"), b"\xc1\0\1\0" + bytes((value,)))
        assert ask(controller, message, 500).status == 0
    for number in range(20):
        assert controller.peek(f"F.B{number}") == values.get(f"B{number}", False)


@given(st.text(st.characters(max_codepoint=255), max_size=82))
def test_a_text_survives_the_round_trip(text: str):
    controller = LogixController()
    controller.add_tag("T", "STRING")
    controller.poke("T", text)
    reply = ask(controller, request(0x4C, to_path("T"), b"\1\0"), 500)
    assert reply.data[4:] == struct.pack("<i82s2x", len(text), text.encode("latin-1"))
    assert controller.peek("T") == text
