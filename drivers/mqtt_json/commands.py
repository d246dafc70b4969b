"""Writes of one connection as commands on a topic: sent now or refused now, judged by the tag's own topic."""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from drivers.mqtt_json.payload import MismatchError, PayloadError, decode, tag_value
from engine.clock import Clock
from engine.commands import WriteOrder, WriteOutcome
from engine.model import Sample, Value
from engine.write_check import same_value

COMMANDS_LIMIT = 32

Publish = Callable[[bytes], int | None]
"""Publishes a command; its token, or None where there is no session or no room."""


@dataclass(slots=True)
class _Sent:
    order: WriteOrder
    id: str
    token: int
    confirmed: bool = False
    accepted: bool = False
    readback: Value | None = None


class CommandDesk:
    """``put`` may be called from any thread, all else by the connection's own.

    A command is done when its tag's topic has the value, or the answer says so for a pulse, which
    cannot be read back. At its deadline it is reported with whatever was read since.
    """

    def __init__(self, title: str, prefix: str, clock: Clock, finish: Callable[[WriteOutcome], None]) -> None:
        self._title = title
        self._prefix = prefix
        self._clock = clock
        self._finish = finish
        self._lock = threading.Lock()
        self._orders: deque[WriteOrder] = deque()
        self._sent: dict[str, _Sent] = {}
        self._open = False

    def __len__(self) -> int:
        return len(self._orders) + len(self._sent)

    def put(self, order: WriteOrder) -> str:
        with self._lock:
            if not self._open:
                return f"No link to {self._title}. Nothing was written"
            if len(self) >= COMMANDS_LIMIT:
                return f"{COMMANDS_LIMIT} writes are already waiting for {self._title}. Nothing was written"
            self._orders.append(order)
        return ""

    def open(self) -> None:
        self._open = True

    def close(self, cause: str = "") -> None:
        """Refuse what was not sent, say of the rest that nobody knows. ``cause`` begins a sentence."""
        cause = cause or f"The link to {self._title} broke"
        with self._lock:
            self._open = False
            orders = list(self._orders)
            self._orders.clear()
        for order in orders:
            self._finish(WriteOutcome(order, sent=False, error=f"{cause}. Nothing was written"))
        text = (
            f"{cause} before the value was read back. "
            "Look at it before you ask again: the controller may have taken it"
        )
        for sent in self._take_all():
            self._finish(WriteOutcome(sent.order, sent=True, error=text))

    def send(self, publish: Publish) -> None:
        """Send all that waits, oldest first."""
        while order := self._next():
            left_s = order.deadline - self._clock.monotonic()
            identity = f"{self._prefix}-{self._clock.utc_us()}-{order.id}"
            token = publish(self._command(order, identity, left_s)) if left_s > 0 else None
            if token is not None:
                self._sent[identity] = _Sent(order, identity, token)
                continue
            why = (
                f"{self._title} was busy for too long"
                if left_s <= 0
                else f"The broker of {self._title} is away"
            )
            self._finish(WriteOutcome(order, sent=False, error=f"{why}. Nothing was written"))

    def on_confirmed(self, token: int) -> None:
        for sent in self._sent.values():
            sent.confirmed = sent.confirmed or sent.token == token

    def on_sample(self, sample: Sample) -> None:
        """A value of a tag, received after what was sent before."""
        if sample.value is None:
            return
        for sent in [each for each in self._sent.values() if each.order.tag.key == sample.tag]:
            sent.readback = sample.value
            if same_value(sent.order.tag.type, sent.order.raw, sample.value):
                self._settle(sent)

    def on_answer(self, payload: bytes) -> None:
        """An answer ``{"id": ..., "ok": ..., "text": ..., "value": ...}``, perhaps for others."""
        try:
            answer = decode(payload)
        except PayloadError:
            return
        sent = self._sent.get(str(answer.get("id"))) if isinstance(answer, dict) else None
        if sent is None or not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
            return
        if not answer["ok"]:
            reason = str(answer.get("text") or "no reason was given")[:300]
            self._settle(sent, f"{self._title} refused it: {reason}")
        elif sent.order.tag.pulse:
            self._settle(sent)
        else:
            sent.accepted = True
            if sent.readback is None:
                sent.readback = _value_in(answer, sent.order)

    def on_tick(self) -> None:
        """End what has reached its deadline."""
        now_s = self._clock.monotonic()
        for sent in [each for each in self._sent.values() if now_s >= each.order.deadline]:
            silent = sent.readback is None or sent.order.tag.pulse
            self._settle(sent, self._silence(sent) if silent else "")

    def _settle(self, sent: _Sent, error: str = "") -> None:
        del self._sent[sent.id]
        self._finish(WriteOutcome(sent.order, sent=True, error=error, readback=sent.readback))

    def _silence(self, sent: _Sent) -> str:
        if not sent.confirmed:
            what = f"The broker of {self._title} has not confirmed the command"
        elif sent.accepted:
            what = f"{self._title} took the command, but has not published {sent.order.tag.name} since"
        else:
            what = f"{self._title} has not answered the command"
        return f"{what}. Look at the value before you ask again"

    def _command(self, order: WriteOrder, identity: str, left_s: float) -> bytes:
        deadline_ms = (self._clock.utc_us() + round(left_s * 1e6)) // 1000
        content = {"tag": order.tag.name, "value": order.raw, "id": identity, "deadline_ms": deadline_ms}
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()

    def _next(self) -> WriteOrder | None:
        with self._lock:
            return self._orders.popleft() if self._orders else None

    def _take_all(self) -> list[_Sent]:
        sent = list(self._sent.values())
        self._sent.clear()
        return sent


def _value_in(answer: object, order: WriteOrder) -> Value | None:
    """What the answer says the controller keeps, if it says so in the tag's type."""
    try:
        return tag_value(answer, ("value",), order.tag.type)
    except MismatchError:
        return None
