"""What every driver must do, written once: a driver's test module subclasses and brings a harness.

    class TestS7(DriverConformance):
        @pytest.fixture
        def harness(self): ...

The harness joins the driver to a simulator of its controller; nothing here knows a protocol.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

import pytest

from drivers.base import (
    ConnectError,
    Driver,
    DriverError,
    LinkLostError,
    ReplyTimeoutError,
    WriteRejectedError,
)
from engine.clock import SystemClock
from engine.model import TagDef, Value
from tests.waiting import wait_until

TIMEOUT_S = 0.3
GENEROUS_S = 20 * TIMEOUT_S


class Harness(Protocol):
    """A driver and its simulator. ``typed`` has one writable tag for each type, with two values for it."""

    typed: Sequence[tuple[TagDef, Value, Value]]
    missing: TagDef
    """A well-formed address that the controller does not have."""
    malformed: TagDef
    """An address that is none."""
    out_of_range: Sequence[tuple[TagDef, Value]]
    bits: Sequence[TagDef]
    """Eight writable BOOLs in one byte or word of the controller."""
    tells_state: bool
    """Whether the controller tells RUN from STOP."""

    def make_driver(self, tags: Sequence[TagDef], timeout_s: float) -> Driver: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def peek(self, tag: TagDef) -> Value:
        """What the simulator's memory holds, by way of no driver."""

    def poke(self, tag: TagDef, value: Value) -> None: ...
    def set_stopped(self, stopped: bool) -> None: ...
    def set_mute(self, mute: bool) -> None: ...
    def set_delay(self, seconds: float) -> None: ...
    def drop(self) -> None:
        """Cut the connections; new ones are taken."""


class DriverConformance:
    """One session after the other against the simulator."""

    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        raise NotImplementedError

    @pytest.fixture
    def tags(self, harness: Harness) -> list[TagDef]:
        return [tag for tag, _, _ in harness.typed]

    @pytest.fixture
    def driver(self, harness: Harness, tags: list[TagDef]) -> Iterator[Driver]:
        for tag, value, _ in harness.typed:
            harness.poke(tag, value)
        driver = harness.make_driver(tags, TIMEOUT_S)
        driver.connect()
        yield driver
        driver.close()

    def test_connecting_names_the_controller(self, harness: Harness, tags: list[TagDef]) -> None:
        driver = harness.make_driver(tags, TIMEOUT_S)
        identity = driver.connect()
        driver.close()
        assert identity

    def test_every_type_is_read_as_the_controller_holds_it(self, harness: Harness, driver: Driver) -> None:
        for choice in (1, 2):
            for entry in harness.typed:
                harness.poke(entry[0], entry[choice])
            result = driver.read()
            assert [reading.error for reading in result.readings] == [""] * len(harness.typed)
            assert [reading.value for reading in result.readings] == [
                entry[choice] for entry in harness.typed
            ]

    def test_every_type_is_written_and_read_back(self, harness: Harness, driver: Driver) -> None:
        for choice in (1, 2):
            for entry in harness.typed:
                driver.write(entry[0], entry[choice])
                assert driver.read_one(entry[0]).value == entry[choice]
                assert harness.peek(entry[0]) == entry[choice]
            values = [reading.value for reading in driver.read().readings]
            assert values == [entry[choice] for entry in harness.typed]

    def test_the_source_time_is_the_time_of_the_read(self, driver: Driver) -> None:
        clock = SystemClock()
        before = clock.utc_us()
        result = driver.read()
        assert before <= result.source_time_us <= clock.utc_us()

    def test_bad_addresses_take_no_other_tag_down(self, harness: Harness, tags: list[TagDef]) -> None:
        for tag, value, _ in harness.typed:
            harness.poke(tag, value)
        mixed = [harness.malformed, *tags, harness.missing]
        driver = harness.make_driver(mixed, TIMEOUT_S)
        driver.connect()
        for _ in range(3):
            readings = driver.read().readings
            assert [reading.value for reading in readings[1:-1]] == [value for _, value, _ in harness.typed]
            for bad in (readings[0], readings[-1]):
                assert bad.value is None
                assert bad.error
        driver.close()

    def test_reading_one_bad_address_says_why(self, harness: Harness, driver: Driver) -> None:
        for tag in (harness.missing, harness.malformed):
            reading = driver.read_one(tag)
            assert reading.value is None
            assert reading.error

    def test_a_rejected_write_keeps_the_session(self, harness: Harness, driver: Driver) -> None:
        for tag in (harness.missing, harness.malformed):
            with pytest.raises(WriteRejectedError, match=tag.name):
                driver.write(tag, 1)
        assert not any(reading.error for reading in driver.read().readings)

    def test_a_value_out_of_range_never_comes_to_the_wire(self, harness: Harness, driver: Driver) -> None:
        harness.set_mute(True)
        for tag, value in harness.out_of_range:
            with pytest.raises(WriteRejectedError, match=tag.name):
                driver.write(tag, value)
        with pytest.raises(ReplyTimeoutError):
            driver.write(*harness.typed[0][:2])

    def test_bits_written_by_two_sessions_at_once_are_all_kept(self, harness: Harness) -> None:
        rounds = 40
        problems: list[DriverError] = []

        def toggle(bits: Sequence[TagDef]) -> None:
            session = harness.make_driver(bits, 10 * TIMEOUT_S)
            try:
                session.connect()
                for n in range(rounds):
                    for bit in bits:
                        session.write(bit, n % 2 == 0)
                        if harness.peek(bit) != (n % 2 == 0):
                            problems.append(DriverError(f"{bit.name} lost its value"))
            except DriverError as error:
                problems.append(error)
            finally:
                session.close()

        threads = [threading.Thread(target=toggle, args=(harness.bits[n::2],)) for n in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []

    def test_a_stopped_cpu_is_seen_and_seen_again_when_it_runs(
        self, harness: Harness, driver: Driver
    ) -> None:
        expected = [True, False, True] if harness.tells_state else [None] * 3
        seen = []
        for stopped in (False, True, False):
            harness.set_stopped(stopped)
            seen.append(driver.read().running)
        assert seen == expected

    def test_a_mute_controller_is_a_timeout_within_bounds(self, harness: Harness, driver: Driver) -> None:
        harness.set_mute(True)
        begin = time.monotonic()
        with pytest.raises(ReplyTimeoutError):
            driver.read()
        assert TIMEOUT_S * 0.9 <= time.monotonic() - begin < GENEROUS_S

    def test_connecting_to_a_mute_controller_is_a_timeout(self, harness: Harness, tags: list[TagDef]) -> None:
        harness.set_mute(True)
        driver = harness.make_driver(tags, TIMEOUT_S)
        begin = time.monotonic()
        with pytest.raises(ReplyTimeoutError):
            driver.connect()
        assert time.monotonic() - begin < GENEROUS_S
        driver.close()

    def test_a_slow_answer_within_the_timeout_is_taken(self, harness: Harness, driver: Driver) -> None:
        harness.set_delay(TIMEOUT_S / 4)
        assert not any(reading.error for reading in driver.read().readings)

    def test_a_late_answer_is_never_taken_for_another_one(self, harness: Harness, driver: Driver) -> None:
        (first, first_value, _), (second, second_value, _) = harness.typed[:2]
        harness.poke(first, first_value)
        harness.poke(second, second_value)
        harness.set_delay(TIMEOUT_S * 1.5)
        with pytest.raises(ReplyTimeoutError):
            driver.read_one(first)
        harness.set_delay(0.0)
        with pytest.raises(DriverError):
            driver.read_one(second)
        driver.connect()
        assert driver.read_one(second).value == second_value
        assert driver.read_one(first).value == first_value

    def test_a_cut_connection_is_a_lost_link(self, harness: Harness, driver: Driver) -> None:
        driver.read()
        harness.drop()
        with pytest.raises(LinkLostError):
            self._read_until_it_fails(driver)

    def test_a_failed_session_stays_failed_until_it_is_opened_again(
        self, harness: Harness, driver: Driver
    ) -> None:
        harness.drop()
        with pytest.raises(DriverError):
            self._read_until_it_fails(driver)
        with pytest.raises(DriverError):
            driver.read()
        wait_until(lambda: self._connects(driver), "the driver to connect again")
        assert not any(reading.error for reading in driver.read().readings)

    def test_a_controller_that_was_away_is_reached_again(self, harness: Harness, driver: Driver) -> None:
        harness.stop()
        with pytest.raises(DriverError):
            self._read_until_it_fails(driver)
        with pytest.raises(ConnectError):
            driver.connect()
        harness.start()
        wait_until(lambda: self._connects(driver), "the driver to connect again")
        assert not any(reading.error for reading in driver.read().readings)

    def test_closing_twice_and_opening_again_works(self, driver: Driver) -> None:
        driver.close()
        driver.close()
        with pytest.raises(DriverError):
            driver.read()
        driver.connect()
        driver.read()

    def test_closing_what_was_never_opened_works(self, harness: Harness, tags: list[TagDef]) -> None:
        harness.make_driver(tags, TIMEOUT_S).close()

    @staticmethod
    def _read_until_it_fails(driver: Driver) -> None:
        """The cut is made in another thread; it is seen by the first read after it."""
        wait_until(lambda: driver.read() is None, "the cut to be seen")

    @staticmethod
    def _connects(driver: Driver) -> bool:
        try:
            driver.connect()
        except DriverError:
            return False
        return True
