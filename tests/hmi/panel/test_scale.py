import itertools

from hypothesis import given
from hypothesis import strategies as st

from engine.model import TagDef, parse_type
from hmi.panel.limits import Limits
from hmi.panel.scale import Scale, ZoneKind, scale_of

LIMITS = Limits(95, 90, 25, 15)


def tag(**facts: object) -> TagDef:
    return TagDef("line1", "X", "DB1.DBD0", parse_type("REAL"), **facts)  # type: ignore[arg-type]


def test_zones_follow_limits_and_band_from_low_to_high() -> None:
    zones = Scale(0, 100, (40, 80), LIMITS).zones()
    assert [(z.low, z.high, z.limit) for z in zones] == [
        (0, 15, "LL"),
        (15, 25, "L"),
        (25, 40, ""),
        (40, 80, ""),
        (80, 90, ""),
        (90, 95, "H"),
        (95, 100, "HH"),
    ]
    assert zones[3].kind is ZoneKind.NORMAL


@given(
    st.lists(st.floats(-50, 150), min_size=4, max_size=4).map(sorted),
    st.tuples(st.floats(-50, 150), st.floats(-50, 150)).map(lambda p: (min(p), max(p))),
)
def test_zones_always_cover_the_whole_scale_without_holes(
    limits: list[float], normal: tuple[float, float]
) -> None:
    ll, low, high, hh = limits
    zones = Scale(0, 100, normal, Limits(hh, high, low, ll)).zones()
    assert zones[0].low == 0
    assert zones[-1].high == 100
    assert all(a.high == b.low for a, b in itertools.pairwise(zones))


@given(st.floats(allow_nan=False))
def test_a_value_beyond_an_end_stays_at_that_end(value: float) -> None:
    assert 0.0 <= Scale(-10, 30).fraction(value) <= 1.0


def test_the_range_of_the_tag_is_its_scale() -> None:
    assert (scale_of(tag(range=(0.0, 30.0))).low, scale_of(tag(range=(0.0, 30.0))).high) == (0, 30)


def test_without_a_range_the_scale_is_round_and_holds_every_limit() -> None:
    scale = scale_of(tag(), Limits(None, 70, 40, None))
    assert (scale.low, scale.high) == (0, 80)
    assert scale_of(tag()).span > 0
    far = scale_of(tag(normal=(1000.0, 1010.0)))
    assert far.low > 900
