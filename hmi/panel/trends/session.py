"""What the trends page works on: pens, window, cursors, and the traces that history and plant feed."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from engine.history import Series
from engine.model import Quality, TagDef
from engine.tags import TagState
from hmi.panel.bridge import Subscription
from hmi.panel.context import PanelContext
from hmi.panel.painting.ribbons import RibbonSegment
from hmi.panel.trends.cursors import Cursors
from hmi.panel.trends.pens import Pens
from hmi.panel.trends.reader import Answer, Question, SeriesReader, keys_of
from hmi.panel.trends.states import running_segments
from hmi.panel.trends.tags import can_be_drawn, is_step, running_key, scan_us
from hmi.panel.trends.trace import Trace
from hmi.panel.trends.window import Range, TimeView, TimeWindow

_PAD = 0.5
"""So much of the window is read beyond each of its ends, so that a small move shows no hole."""
_STEP_S = 0.2
_REFRESH_LEAST_US = 5_000_000
_REFRESH_SHARE = 60


class TrendSession(QObject):
    """Belongs to the GUI thread; starts and stops with the page."""

    pens_changed = Signal()
    """Pens came, went, or another one is selected."""
    window_changed = Signal()
    data_changed = Signal()
    cursors_changed = Signal()
    trouble_changed = Signal()

    def __init__(self, context: PanelContext, keys: list[str], chosen: Range) -> None:
        super().__init__()
        self.context = context
        self.origin_us = context.engine.clock.utc_us()
        self._definitions: dict[str, TagDef] = {}
        self.pens = Pens(key for key in keys if self._drawable(key))
        self.view = TimeView(self.origin_us, chosen)
        self.cursors = Cursors()
        self.traces: dict[str, Trace] = {}
        self.trouble = ""
        self.width_px = 800
        self.reader = SeriesReader(context, self)
        self.reader.answered.connect(self._on_answer)
        self.reader.failed.connect(self._on_failed)
        self._subscriptions: dict[str, Subscription] = {}
        self._asked: TimeWindow | None = None
        self._asked_px = 0
        self._read_at_us = 0
        self._live_only = False
        self._elapsed_s = 0.0
        self._dirty = False
        self._started = False

    @property
    def now_us(self) -> int:
        return self.context.engine.clock.utc_us()

    @property
    def window(self) -> TimeWindow:
        return self.view.window

    @property
    def running_key(self) -> str | None:
        """The running bit that the ribbon shows."""
        selected = self.pens.selected
        connection = selected.partition("/")[0] if selected else None
        return running_key(self.context, connection) or running_key(self.context, None)

    @property
    def ribbon_line(self) -> str:
        """Of which line the ribbon is; empty where there is only one, or no ribbon."""
        key = self.running_key
        return self.context.lines.said(key.rpartition("/")[0]) if key else ""

    @property
    def has_data(self) -> bool:
        """Is there any good value in the window?"""
        window = self.window
        found = (self.traces[key].bounds(window.start_us, window.end_us) for key in self.pens.keys)
        return any(bounds is not None for bounds in found)

    @property
    def loaded(self) -> bool:
        return any(trace.loaded for trace in self.traces.values())

    def definition(self, key: str) -> TagDef:
        """As it was when it was last asked for: a tag may leave the plant file while its pen is drawn."""
        definition = self.context.engine.tags.definition(key)
        if definition is not None:
            self._definitions[key] = definition
        return self._definitions[key]

    def start(self) -> None:
        """The page came into sight: follow its tags and read what was missed."""
        if self._started:
            return
        self._started = True
        self.context.bridge.frame.connect(self.on_frame)
        self.context.bridge.second.connect(self.on_second)
        self.view.advance(self.now_us)
        self._follow_tags()
        self.read_again()

    def stop(self) -> None:
        """Out of sight: nothing is followed and nothing is read."""
        if not self._started:
            return
        self._started = False
        self.context.bridge.frame.disconnect(self.on_frame)
        self.context.bridge.second.disconnect(self.on_second)
        self.reader.cancel()
        for subscription in self._subscriptions.values():
            subscription.cancel()
        self._subscriptions.clear()
        self.traces.clear()

    def add_pen(self, key: str) -> bool:
        """False when there are six already, or the tag cannot be drawn."""
        if not self._drawable(key) or not self.pens.add(key):
            return False
        self._on_pens()
        return True

    def remove_pen(self, key: str) -> None:
        self.pens.remove(key)
        self._on_pens()

    def replace_pens(self, keys: Sequence[str]) -> None:
        """These instead of those there are."""
        self.pens = Pens(key for key in keys if self._drawable(key))
        self._on_pens()

    def select_pen(self, key: str) -> None:
        if key != self.pens.selected:
            self.pens.select(key)
            self._on_pens()

    def follow(self, chosen: Range) -> None:
        self.change_view(lambda view, now_us: view.follow(chosen, now_us))

    def show_window(self, window: TimeWindow, chosen: Range | None = None) -> None:
        self.change_view(lambda view, now_us: view.show(window, now_us, chosen))

    def zoom(self, factor: float, anchor_us: int | None = None) -> None:
        """Time only; the middle stays where no anchor is given."""
        middle = (self.window.start_us + self.window.end_us) // 2
        self.change_view(
            lambda view, now_us: view.zoom(factor, middle if anchor_us is None else anchor_us, now_us)
        )

    def move(self, by_us: int) -> None:
        self.change_view(lambda view, now_us: view.move(by_us, now_us))

    def change_view(self, change: Callable[[TimeView, int], None]) -> None:
        change(self.view, self.now_us)
        self.window_changed.emit()
        self._read_if_needed()

    def read_again(self) -> None:
        """Ask for everything in sight, now."""
        self._tell_trouble("")
        self._ask(at_once=True)

    def show_live_only(self) -> None:
        """Go on without history until something else is asked for: only what comes from now on."""
        self._live_only = True
        self._tell_trouble("")
        window = self.window
        for key, trace in self.traces.items():
            trace.load(_nothing(key, window, self.now_us), live=True)
        self._asked, self._asked_px = window.padded(_PAD), self.width_px
        self.data_changed.emit()

    def give_up(self) -> None:
        """The person does not want to wait any longer; what was shown stays."""
        self.reader.cancel()
        if not self.loaded:
            self._tell_trouble(self.tr("Reading was cancelled."))

    def change_width(self, width_px: int) -> None:
        """So many pixels are there for the window."""
        self.width_px = max(100, width_px)
        self._read_if_needed()

    def segments(self) -> list[RibbonSegment]:
        """The ribbon of the machine, as far as it is known."""
        trace = self.traces.get(self.running_key or "")
        if trace is None:
            return []
        times_us, values = trace.states()
        return running_segments(times_us, values, min(self.now_us, self.window.padded(_PAD).end_us))

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        """Several samples and frames make one redraw; a window that moves by less than half a pixel none."""
        self._elapsed_s += elapsed_s
        if self._elapsed_s < _STEP_S:
            return
        self._elapsed_s = 0.0
        now_us = self.now_us
        moved_px = (now_us - self.window.end_us) * self.width_px / self.window.span_us
        if self.view.following and moved_px >= 0.5:
            self.view.advance(now_us)
            self._dirty = False
            self.window_changed.emit()
        elif self._dirty:
            self._dirty = False
            self.data_changed.emit()

    @Slot()
    def on_second(self) -> None:
        """While following, what came live is replaced by what history makes of it, now and then."""
        if not self.view.following or self.reader.reading or self.trouble or self._live_only:
            return
        old_us = self.now_us - self._read_at_us
        if old_us > max(_REFRESH_LEAST_US, self.window.span_us // _REFRESH_SHARE):
            self._ask(at_once=True)

    def _drawable(self, key: str) -> bool:
        if self.context.engine.tags.definition(key) is None:
            return False
        return can_be_drawn(self.definition(key))

    def _on_pens(self) -> None:
        if self._started:
            self._follow_tags()
            if any(not self.traces[key].loaded for key in self.traces):
                self._ask(at_once=True)
        self.pens_changed.emit()

    def _follow_tags(self) -> None:
        wanted = keys_of(self.running_key, more=self.pens.keys)
        for key in set(self.traces) - set(wanted):
            del self.traces[key]
            self._subscriptions.pop(key).cancel()
        for key in wanted:
            if key not in self.traces:
                definition = self.definition(key)
                self.traces[key] = Trace(
                    self.origin_us, step=is_step(definition), scan_us=scan_us(self.context, definition)
                )
                self._subscriptions[key] = self.context.bridge.subscribe(key, self._on_state)

    def _on_state(self, state: TagState) -> None:
        sample = state.sample
        trace = self.traces.get(state.definition.key)
        if trace is None or not sample.source_time_us:
            return
        good = sample.quality is Quality.GOOD and isinstance(sample.value, (bool, int, float))
        trace.append(sample.source_time_us, float(sample.value) if good else float("nan"))  # type: ignore[arg-type]
        self._dirty = True

    def _read_if_needed(self) -> None:
        if self._started and not self._covered():
            self._ask()

    def _covered(self) -> bool:
        """Is what was asked for last still right for the window and its pixels?"""
        asked, window = self._asked, self.window
        if asked is None or self.trouble:
            return False
        ratio = asked.span_us / (window.span_us * (1 + 2 * _PAD))
        to_end = asked.end_us >= window.end_us or self.view.following
        near = abs(ratio - 1) < 0.02 and abs(self._asked_px / self.width_px - 1) < 0.2
        return near and asked.start_us <= window.start_us and to_end

    def _ask(self, *, at_once: bool = False) -> None:
        self._live_only = False
        if not self.traces:
            return
        self._asked, self._asked_px = self.window.padded(_PAD), self.width_px
        self.reader.ask(self._question, at_once=at_once)

    def _question(self) -> Question:
        padded, now_us = self.window.padded(_PAD), self.now_us
        self._asked, self._asked_px = padded, self.width_px
        window = TimeWindow(padded.start_us, max(padded.start_us + 1, min(padded.end_us, now_us)))
        points = round(self.width_px * window.span_us / self.window.span_us)
        self._read_at_us = now_us
        return Question(tuple(self.traces), window, max(2, points), live=padded.end_us >= now_us)

    def _on_answer(self, question: Question, answer: Answer) -> None:
        for key, series in answer.items():
            if key in self.traces:
                self.traces[key].load(series, live=question.live)
        self._tell_trouble("")
        self.data_changed.emit()

    def _on_failed(self, text: str) -> None:
        self._tell_trouble(text)

    def _tell_trouble(self, text: str) -> None:
        if text != self.trouble:
            self.trouble = text
            self.trouble_changed.emit()


def _nothing(key: str, window: TimeWindow, now_us: int) -> Series:
    empty = np.empty(0)
    gaps = ((window.start_us, now_us),) if now_us > window.start_us else ()
    return Series(key, window.start_us, now_us, False, np.empty(0, dtype=np.int64), empty, empty, empty, gaps)
