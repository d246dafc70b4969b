import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import DataType, Quality, Scaling, TypeSpec, parse_type

specs = st.builds(TypeSpec, st.sampled_from(list(DataType)), st.integers(0, 10_000), st.integers(1, 254)).map(
    lambda s: s if s.base in (DataType.STRING, DataType.WSTRING) else TypeSpec(s.base, s.length)
)


@given(specs)
def test_a_type_reads_back_as_it_was_written(spec):
    assert parse_type(str(spec)) == spec


@pytest.mark.parametrize(
    "text", ["", "FLOAT", "REAL[]", "REAL[0]", "REAL[2][3]", "STRING[255]", "BOOL[10001]", "REAL 4"]
)
def test_what_is_no_type_is_refused(text):
    with pytest.raises(ValueError, match=r"data type|array|characters"):
        parse_type(text)


def test_quality_numbers_are_those_of_sparkplug_and_opc():
    assert {q.name: int(q) for q in Quality} == {"BAD": 0, "UNCERTAIN": 64, "GOOD": 192, "STALE": 500}


@given(st.floats(-1e6, 1e6))
def test_scaling_goes_there_and_back(raw):
    scaling = Scaling((0, 27648), (-50, 150))
    assert scaling.to_raw(scaling.to_engineering(raw)) == pytest.approx(raw, abs=1e-6)
