"""Bottles give up their frames first."""

from hmi.panel.mimic.frame_rate import FrameRate


def moved(rate: FrameRate, fps: float, seconds: float) -> float:
    """Bottles' frames a second over the last second of so many."""
    count = round(fps * seconds)
    moves = [rate.bottles_move(1 / fps) for _ in range(count)]
    return float(sum(moves[-round(fps) :]))


def test_at_thirty_frames_every_frame_moves_bottles() -> None:
    assert moved(FrameRate(), 30, 3) == 30


def test_below_twenty_five_frames_bottles_move_ten_times_a_second() -> None:
    rate = FrameRate()
    assert 8 <= moved(rate, 20, 5) <= 10
    assert rate.sparing


def test_bottles_come_back_when_there_is_time_again() -> None:
    rate = FrameRate()
    moved(rate, 20, 5)
    assert moved(rate, 30, 5) == 30


def test_one_late_frame_changes_nothing() -> None:
    rate = FrameRate()
    moved(rate, 30, 2)
    rate.bottles_move(0.08)
    assert not rate.sparing
