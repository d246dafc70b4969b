"""Write orders of one connection: taken now or refused now, sent before their deadline or never."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.base import Driver, WriteRejectedError
from engine.clock import Clock
from engine.commands import WriteOrder, WriteOutcome
from engine.model import Value
from engine.write_check import same_value

WRITES_LIMIT = 32


@dataclass(slots=True)
class _Readback:
    order: WriteOrder
    value: Value | None


class WriteDesk:
    """A bounded queue of orders and the readbacks still awaited.

    ``put`` may be called from any thread, all else by the connection's own. When the queue is full
    or closed an order is refused with the reason; it never waits for a link.
    """

    def __init__(self, connection: str, clock: Clock, finish: Callable[[WriteOutcome], None]) -> None:
        self._connection = connection
        self._clock = clock
        self._finish = finish
        self._lock = threading.Lock()
        self._orders: deque[WriteOrder] = deque()
        self._readbacks: list[_Readback] = []
        self._open = False

    def put(self, order: WriteOrder) -> str:
        with self._lock:
            if not self._open:
                return f"No link to {self._connection}. Nothing was written"
            if len(self._orders) >= WRITES_LIMIT:
                return (
                    f"{WRITES_LIMIT} writes are already waiting for {self._connection}. Nothing was written"
                )
            self._orders.append(order)
        return ""

    def __len__(self) -> int:
        return len(self._orders)

    @property
    def awaiting_readback(self) -> bool:
        return bool(self._readbacks)

    def open(self) -> None:
        self._open = True

    def close(self, cause: str = "") -> None:
        """Commands are over, by default for a broken link: refuse what was not sent, say of the rest
        that nobody knows. ``cause`` is the beginning of a sentence.
        """
        cause = cause or f"The link to {self._connection} broke"
        with self._lock:
            self._open = False
            orders = list(self._orders)
            self._orders.clear()
        for order in orders:
            self._finish(WriteOutcome(order, sent=False, error=f"{cause}. Nothing was written"))
        for readback in self._readbacks:
            text = (
                f"{cause} before the value was read back. "
                "Look at it before you ask again: the controller may have taken it"
            )
            self._finish(WriteOutcome(readback.order, sent=True, error=text))
        self._readbacks.clear()

    def carry_out(self, driver: Driver, until_s: float) -> None:
        """Send what waits, oldest first: one order at least, then more until the next scan is due.

        Lets ``DriverError`` through; the order is then unanswered.
        """
        while order := self._next():
            if self._clock.monotonic() >= order.deadline:
                error = f"{self._connection} was busy for too long. Nothing was written"
                self._finish(WriteOutcome(order, sent=False, error=error))
                continue
            self._write(driver, order)
            if self._clock.monotonic() >= until_s:
                return

    def read_back(self, driver: Driver, until_s: float) -> None:
        """Read again what differed from what was written, until its deadline; in turn, as time allows."""
        for readback in list(self._readbacks):
            self._read_back(driver, readback)
            if self._clock.monotonic() >= until_s:
                return

    def _write(self, driver: Driver, order: WriteOrder) -> None:
        readback = _Readback(order, None)
        self._readbacks.append(readback)
        try:
            driver.write(order.tag, order.raw)
        except WriteRejectedError as error:
            self._readbacks.remove(readback)
            self._finish(WriteOutcome(order, sent=True, error=str(error)))
        else:
            self._read_back(driver, readback)

    def _read_back(self, driver: Driver, readback: _Readback) -> None:
        reading = driver.read_one(readback.order.tag)
        if reading.value is not None:
            readback.value = reading.value
        self._readbacks.remove(readback)
        if not self._is_settled(readback):
            self._readbacks.append(readback)
        else:
            self._finish(WriteOutcome(readback.order, sent=True, readback=readback.value))

    def _is_settled(self, readback: _Readback) -> bool:
        order = readback.order
        if order.tag.pulse or self._clock.monotonic() >= order.deadline:
            return True
        return readback.value is not None and same_value(order.tag.type, order.raw, readback.value)

    def _next(self) -> WriteOrder | None:
        with self._lock:
            return self._orders.popleft() if self._orders else None
