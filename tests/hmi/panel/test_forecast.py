import pytest

from hmi.panel.forecast import SlopeEstimator, forecast
from hmi.panel.limits import Limits
from hmi.panel.value_look import Trend

LIMITS = Limits(95, 90, 25, 15)


def test_a_steady_fall_is_measured_per_minute() -> None:
    estimator = SlopeEstimator()
    for second in range(60):
        estimator.add(second * 1_000_000, 50.0 - 0.7 * second / 60)
    assert estimator.slope_per_min() == pytest.approx(-0.7)


def test_nothing_is_said_before_there_is_enough_to_judge_by() -> None:
    estimator = SlopeEstimator()
    for second in range(10):
        estimator.add(second * 1_000_000, float(second))
    assert estimator.slope_per_min() is None
    assert forecast(None, 1.0, 100.0, LIMITS) is None


def test_only_the_last_two_minutes_count() -> None:
    estimator = SlopeEstimator()
    for second in range(400):
        estimator.add(second * 1_000_000, 50.0 if second > 250 else float(second))
    assert estimator.slope_per_min() == pytest.approx(0.0)


def test_a_fall_below_low_meets_low_low_next() -> None:
    going = forecast(-0.7, 23.4, 100.0, LIMITS)
    assert going is not None
    assert going.trend is Trend.FALLING
    assert going.limit is not None
    assert going.limit.name == "LL"
    assert going.minutes == pytest.approx(12.0)


def test_a_rise_meets_high() -> None:
    going = forecast(2.0, 80.0, 100.0, LIMITS)
    assert going is not None
    assert going.limit is not None
    assert (going.limit.name, going.minutes) == ("H", pytest.approx(5.0))


def test_hardly_moving_is_steady_and_far_limits_are_not_foretold() -> None:
    still, slow = forecast(0.05, 50.0, 100.0, LIMITS), forecast(-0.3, 80.0, 100.0, LIMITS)
    assert still is not None
    assert still.trend is Trend.STEADY
    assert slow is not None
    assert slow.limit is None


def test_a_value_that_has_turned_round_is_on_its_way_to_no_limit() -> None:
    estimator = SlopeEstimator()
    for second in range(100):
        estimator.add(second * 1_000_000, 60.0 - second if second < 60 else second - 60.0)
    going = forecast(estimator.slope_per_min(), 39.0, 100.0, LIMITS, estimator.slope_per_min(30.0))
    assert estimator.slope_per_min() < 0 < estimator.slope_per_min(30.0)
    assert going is not None
    assert (going.trend, going.limit) == (Trend.RISING, None)
