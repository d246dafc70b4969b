"""What crosses between the plant and a polling process comes out as it went in."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.poll_frames import Kind, ScanCodec, frame, object_frame, split_frames, to_object
from engine.model import INTEGER_BITS, DataType, Quality, Sample
from tests.engine.tag_defs import tag_def

TIME_US = 1_773_312_000_000_000


def values_of(text: str) -> st.SearchStrategy:
    base = DataType[text.partition("[")[0]]
    if base in (DataType.REAL, DataType.LREAL):
        return st.floats(allow_nan=False)
    if base is DataType.BOOL:
        return st.booleans()
    if base in INTEGER_BITS:
        bits, signed = INTEGER_BITS[base]
        low = -(1 << bits - 1) if signed else 0
        return st.integers(low, low + (1 << bits) - 1)
    return st.text(max_size=20)


@st.composite
def scans(draw):
    """Tags of any types, and one sample for each: mostly good, some bad, some with values of another type."""
    types = draw(st.lists(st.sampled_from(sorted(DataType)), min_size=1, max_size=30))
    arrays = draw(st.lists(st.booleans(), min_size=len(types), max_size=len(types)))
    tags, samples = [], []
    for n, (base, array) in enumerate(zip(types, arrays, strict=True)):
        text = (
            f"{base}[20][3]" if array and base in ("STRING", "WSTRING") else f"{base}[3]" if array else base
        )
        tags.append(tag_def(f"T{n}", str(text)))
        one = values_of(base)
        value = draw(
            st.one_of(
                st.tuples(one, one, one) if array else one,
                st.none(),
                st.sampled_from([True, 1, 1.5, "x", ()]),
            )
        )
        quality = draw(st.sampled_from([Quality.GOOD, Quality.GOOD, *Quality]))
        samples.append(Sample(tags[-1].key, value, quality, TIME_US))
    return tags, samples


def same(one: object, other: object) -> bool:
    """1, 1.0 and True are not the same value."""
    return repr(one) == repr(other)


@given(scans())
def test_a_scan_comes_out_as_it_went_in(scan):
    tags, samples = scan
    body = ScanCodec(tags).encode(samples)
    if body is None:
        assert any(type(s.value) is int and not -(2**63) <= s.value < 2**64 for s in samples)
        return
    buffer = b"before" + body + b"after"
    decoded = ScanCodec(tags).decode(buffer, 6, 6 + len(body))
    assert same(decoded, samples)
    assert all(type(sample.quality) is Quality for sample in decoded)


TAGS = [tag_def("Level", "REAL"), tag_def("Count", "DINT")]
GOOD = [
    Sample("line1/Level", 1.5, Quality.GOOD, TIME_US),
    Sample("line1/Count", 2, Quality.GOOD, TIME_US),
]


@pytest.mark.parametrize(
    "samples",
    [
        [],
        GOOD[:1],
        GOOD[::-1],
        [GOOD[0], GOOD[1]._replace(source_time_us=TIME_US + 1)],
        [GOOD[0], GOOD[1]._replace(value=2**70)],
    ],
)
def test_what_is_no_whole_scan_is_not_packed(samples):
    assert ScanCodec(TAGS).encode(samples) is None


def test_a_scan_of_reals_takes_little_more_than_their_bytes():
    tags = [tag_def(f"T{n}", "REAL") for n in range(100)]
    samples = [Sample(tag.key, 1.5, Quality.GOOD, TIME_US) for tag in tags]
    body = ScanCodec(tags).encode(samples)
    assert body is not None
    assert len(body) < 100 * struct.calcsize("d") + 20


@given(
    st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=50))), st.data()
)
def test_frames_are_found_however_the_pipe_cuts_them(content, data):
    stream = b"".join(frame(*each) for each in content)
    seen, rest = [], b""
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        buffer, stream, done = rest + stream[:cut], stream[cut:], 0
        for kind, connection, start, end in split_frames(buffer):
            seen.append((kind, connection, buffer[start:end]))
            done = end
        rest = buffer[done:]
    assert seen == content
    assert rest == b""


def test_objects_cross_as_they_are():
    (found,) = split_frames(object_frame(Kind.MESSAGE, 7, GOOD))
    assert found[:2] == (Kind.MESSAGE, 7)
    assert to_object(object_frame(Kind.MESSAGE, 7, GOOD), *found[2:]) == GOOD
