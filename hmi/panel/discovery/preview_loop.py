"""Values of what is in sight, once a second, read by a worker; one read at a time."""

import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from engine.cancel import CancelToken
from engine.discovery import BrowseNode, Preview, Target
from engine.errors import EngineError
from hmi.panel.context import PanelContext

MOST_READ = 50


class PreviewLoop(QObject):
    """``nodes`` says what is to be read now. A read that fails as a whole stops the loop."""

    read = Signal(object)
    """The previews that came."""
    state_changed = Signal()

    def __init__(
        self, context: PanelContext, nodes: Callable[[], Sequence[BrowseNode]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._nodes = nodes
        self._target: Target | None = None
        self._token: CancelToken | None = None
        self._in_worker = threading.Event()
        self.wanted = True
        self.trouble = ""
        self._following = False

    @property
    def reading(self) -> bool:
        return self._token is not None

    @property
    def active(self) -> bool:
        return self._following

    def show_target(self, target: Target | None) -> None:
        """Read from this controller from now on."""
        self._forget()
        self._target, self.trouble = target, ""
        self.state_changed.emit()

    def follow(self) -> None:
        """The page is in sight; reads unless somebody stopped it."""
        if self.wanted and not self._following and self._target is not None:
            self._following = True
            self._context.bridge.second.connect(self.on_second)
            self.on_second()
        self.state_changed.emit()

    def pause(self) -> None:
        """The page is out of sight."""
        if self._following:
            self._following = False
            self._context.bridge.second.disconnect(self.on_second)
        self._forget()
        self.state_changed.emit()

    def switch(self, *, on: bool) -> None:
        """Somebody starts or stops it."""
        self.wanted, self.trouble = on, ""
        if on:
            self.follow()
        else:
            self.pause()

    @Slot()
    def on_second(self) -> None:
        discovery, target = self._context.discovery, self._target
        nodes = list(self._nodes())[:MOST_READ]
        if self._token is not None or discovery is None or target is None or not nodes:
            return
        if self._in_worker.is_set():
            return  # one that nobody waits for any more; a controller has few sessions

        def read(cancel: CancelToken) -> list[Preview]:
            self._in_worker.set()
            try:
                return discovery.preview(target, nodes, cancel)
            finally:
                self._in_worker.clear()

        self._token = self._context.queries.submit(read, self._on_read, self._on_error, apart=True)

    def _on_read(self, previews: list[Preview]) -> None:
        self._token = None
        self.read.emit(previews)

    def _on_error(self, error: EngineError) -> None:
        self._token = None
        self.wanted = False
        self.pause()
        self.trouble = str(error)
        self.state_changed.emit()

    def _forget(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            token.cancel()
