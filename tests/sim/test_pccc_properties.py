"""Whatever comes, a PCCC controller answers, and writes nothing but the words that were addressed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cip_message import CipRefusedError, CipRequest
from sim.pccc_files import FileType
from sim.pccc_kinds import MICROLOGIX_1400_B, PLC_5_40E, SLC_5_05
from tests.sim.pccc_raw_client import command, plc5, slc, words
from tests.sim.pccc_scene import contents, controller

KINDS = (SLC_5_05, MICROLOGIX_1400_B, PLC_5_40E)
FUNCTIONS = (0x00, 0x01, 0x26, 0xA1, 0xA2, 0xA9, 0xAA, 0xAB)
CODES = {file_type: file_type.code for file_type in FileType}
WRITABLE = (0, 1, 3, 4, 5, 6, 7, 8, 10)
WORD = st.integers(0, 0xFFFF)

messages = st.one_of(
    st.binary(max_size=40),
    st.builds(command, st.sampled_from(FUNCTIONS), st.binary(max_size=40)),
    st.builds(
        lambda function, text, tail: command(
            function, words(0, 1) + b"\x00$" + text.encode("latin-1") + tail
        ),
        st.sampled_from((0x00, 0x01)),
        st.from_regex(r"[A-Z]{1,2}[0-9]{0,3}:[0-9]{1,4}(\.[A-Z]{3})?", fullmatch=True)
        | st.text(st.characters(max_codepoint=255)),
        st.just(b"\x00\x02") | st.binary(max_size=4),
    ),
    st.builds(command, st.just(0x03), st.binary(max_size=4), st.just(7), st.just(0x06)),
)


@st.composite
def places(draw, plc):
    """A file that can be written, a word of one of its elements, and words that may or may not fit there."""
    file = plc.files[draw(st.sampled_from(WRITABLE))]
    element = draw(st.integers(0, file.elements + 1))
    sub = draw(st.integers(0, file.type.words))
    values = draw(st.lists(WORD, min_size=1, max_size=8))
    return file, element, sub, values


def changed(before: dict[int, bytes], after: dict[int, bytes]) -> set[tuple[int, int]]:
    """File and word of everything that differs."""
    return {
        (number, at // 2)
        for number, data in before.items()
        for at in range(len(data))
        if data[at] != after[number][at]
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.family)
@given(message=messages)
def test_any_bytes_are_answered(kind, message):
    plc = controller(kind)
    reply = plc.execute(message)
    assert len(reply) >= 4
    assert reply[2:4] == (message[2:4] if len(message) >= 4 else b"\x00\x00")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.family)
@given(
    data=st.binary(max_size=40), service=st.integers(0, 127), path=st.just(b"\x20\x67\x24\x01") | st.binary()
)
def test_any_request_is_answered_or_refused(kind, data, service, path):
    request = CipRequest(service, path, data, connected=False, max_reply=500)
    try:
        reply = controller(kind).handle(request)
    except CipRefusedError as refused:
        reply = refused.reply
    assert 0 <= reply.status <= 0xFF


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.family)
@given(message=messages)
def test_what_is_refused_changes_nothing(kind, message):
    plc = controller(kind)
    before = contents(plc.files)
    reply = plc.execute(message)
    assert reply[1] == 0 or contents(plc.files) == before


@given(st.data())
def test_an_slc_write_changes_the_addressed_words_or_none(data):
    plc = controller(SLC_5_05)
    file, element, sub, values = data.draw(places(plc))
    before = contents(plc.files)
    fields = slc(2 * len(values), file.number, CODES[file.type], element, sub)
    reply = plc.execute(command(0xAA, fields + words(*values)))
    start = element * file.type.words + sub
    addressed = {(file.number, start + n) for n in range(len(values))}
    assert changed(before, contents(plc.files)) <= (addressed if reply[1] == 0 else set())
    if reply[1] == 0:
        assert bytes(file.memory[2 * start : 2 * (start + len(values))]) == words(*values)


@given(st.data(), WORD)
def test_a_masked_write_changes_the_masked_bits_or_none(data, mask):
    plc = controller(SLC_5_05)
    file, element, sub, values = data.draw(places(plc))
    before = contents(plc.files)
    fields = slc(2 * len(values), file.number, CODES[file.type], element, sub)
    reply = plc.execute(command(0xAB, fields + words(mask) + words(*values)))
    start = element * file.type.words + sub
    assert changed(before, contents(plc.files)) <= {(file.number, start + n) for n in range(len(values))}
    if reply[1] == 0:
        for n, value in enumerate(values):
            at = 2 * (start + n)
            old = int.from_bytes(before[file.number][at : at + 2], "little")
            new = int.from_bytes(file.memory[at : at + 2], "little")
            assert new & ~mask == old & ~mask
            assert new & mask == value & mask


@given(st.data(), st.integers(0, 10), st.integers(0, 10))
def test_a_word_range_write_changes_the_addressed_words_or_none(data, offset, more):
    plc = controller(PLC_5_40E)
    file, element, sub, values = data.draw(places(plc))
    before = contents(plc.files)
    total = offset + len(values) + more
    address = plc5(file.number, element, sub)
    reply = plc.execute(command(0x00, words(offset, total) + address + words(*values)))
    start = element * file.type.words + sub + offset
    addressed = {(file.number, start + n) for n in range(len(values))}
    assert changed(before, contents(plc.files)) <= (addressed if reply[1] == 0 else set())
    if reply[1] == 0:
        assert bytes(file.memory[2 * start : 2 * (start + len(values))]) == words(*values)


@given(st.data(), WORD, WORD)
def test_read_modify_write_changes_one_word_by_its_masks(data, keep, put):
    plc = controller(PLC_5_40E)
    file, element, sub, _values = data.draw(places(plc))
    before = contents(plc.files)
    reply = plc.execute(command(0x26, plc5(file.number, element, sub) + words(keep, put)))
    at = 2 * (element * file.type.words + sub)
    if reply[1]:
        assert contents(plc.files) == before
        return
    old = int.from_bytes(before[file.number][at : at + 2], "little")
    assert int.from_bytes(file.memory[at : at + 2], "little") == old & keep | put
    assert changed(before, contents(plc.files)) <= {(file.number, at // 2)}


@settings(max_examples=30)
@given(st.data())
def test_what_was_written_is_read_back(data):
    """By both families, at the same place."""
    for kind in (SLC_5_05, PLC_5_40E):
        plc = controller(kind)
        file, element, sub, values = data.draw(places(plc))
        size, payload = 2 * len(values), words(*values)
        if kind is PLC_5_40E:
            start = words(0, len(values)) + plc5(file.number, element, sub)
            write, read = command(0x00, start + payload), command(0x01, start + bytes([size]))
        else:
            fields = slc(size, file.number, CODES[file.type], element, sub)
            write, read = command(0xAA, fields + payload), command(0xA2, fields)
        written, answer = plc.execute(write), plc.execute(read)
        assert written[1] == answer[1]
        assert written[1] or answer[4:] == payload
