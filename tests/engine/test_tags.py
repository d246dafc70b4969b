import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import Quality, Sample, Scaling
from engine.tags import TagDatabase
from tests.engine.tag_defs import tag_def

KEY = "line1/FillLevel"


def good(value, at=1_000, key=KEY):
    return Sample(key, value, Quality.GOOD, at)


def test_before_the_first_value_a_tag_is_bad_and_empty():
    state = TagDatabase([tag_def()]).state(KEY)
    assert (state.sample.quality, state.sample.value, state.last_good, state.seen_us) == (
        Quality.BAD,
        None,
        None,
        0,
    )


def test_a_change_is_announced_once_and_a_repetition_is_not():
    tags, heard = TagDatabase([tag_def()]), []
    tags.add_listener("test", heard.extend)
    tags.update([good(1.0, 1)])
    tags.update([good(1.0, 2)])
    assert heard == [good(1.0, 1)]
    assert tags.state(KEY).seen_us == 2


def test_listeners_are_told_in_the_order_they_were_added():
    tags, order = TagDatabase([tag_def()]), []
    tags.add_listener("first", lambda _: order.append("first"))
    tags.add_listener("second", lambda _: order.append("second"))
    tags.update([good(1.0)])
    assert order == ["first", "second"]


def test_everyone_is_told_even_when_the_first_listener_fails():
    tags, heard = TagDatabase([tag_def()]), []

    def fail(_changes):
        raise KeyError("ours")

    tags.add_listener("panel", fail)
    tags.add_listener("recorder", heard.extend)
    with pytest.raises(KeyError):
        tags.update([good(1.0)])
    assert heard == [good(1.0)]


def test_a_raw_value_is_scaled():
    tags = TagDatabase([tag_def(data_type="INT", scaling=Scaling((0, 27648), (0, 100)))])
    tags.update([good(13824)])
    assert tags.state(KEY).sample.value == pytest.approx(50.0)


def test_losing_a_connection_keeps_the_last_good_value_and_its_time():
    tags = TagDatabase([tag_def(), tag_def("Other", connection="line2")])
    tags.update([good(23.4, 5), good(1.0, 5, "line2/Other")])
    lost = tags.lose("line1", 9)
    state = tags.state(KEY)
    assert lost == [Sample(KEY, None, Quality.BAD, 9)]
    assert state.last_good == good(23.4, 5)
    assert state.good_us == 5
    assert tags.state("line2/Other").sample.quality is Quality.GOOD


def test_losing_a_lost_connection_again_changes_nothing():
    tags = TagDatabase([tag_def()])
    tags.update([good(1.0)])
    tags.lose("line1", 2)
    assert tags.lose("line1", 3) == []


def test_a_tag_that_never_was_good_is_announced_as_bad_once():
    tags = TagDatabase([tag_def()])
    first = tags.update([Sample(KEY, None, Quality.BAD, 1)])
    assert [s.quality for s in first] == [Quality.BAD]
    assert tags.update([Sample(KEY, None, Quality.BAD, 2)]) == []


def test_the_same_value_after_a_loss_is_a_change_because_its_quality_is():
    tags = TagDatabase([tag_def()])
    tags.update([good(1.0, 1)])
    tags.lose("line1", 2)
    assert tags.update([good(1.0, 3)]) == [good(1.0, 3)]


def test_on_is_not_one():
    tags = TagDatabase([tag_def(data_type="BOOL")])
    tags.update([good(True)])
    assert tags.update([good(1)]) == [good(1)]


@given(st.lists(st.floats(-1e3, 1e3), min_size=1), st.floats(0.1, 10))
def test_a_kept_value_is_never_further_off_than_the_dead_band(values, deadband):
    tags = TagDatabase([tag_def(deadband=deadband)])
    for at, value in enumerate(values, 1):
        tags.update([good(value, at)])
        kept = tags.state(KEY).sample.value
        assert math.isclose(kept, value, abs_tol=deadband)


def test_a_tag_cannot_be_defined_twice():
    with pytest.raises(ValueError, match="twice"):
        TagDatabase([tag_def(), tag_def()])
