"""The panel's main function: window first, plant second; out in the reverse order."""

import logging
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from engine.config import PlantConfig
from engine.discovery import Discovery
from engine.history import CancelToken
from hmi.collector import shorten_collections
from hmi.panel.appearance import Appearance
from hmi.panel.context import Installation, PanelContext, PanelEngine
from hmi.panel.lifecycle import Lifecycle
from hmi.panel.main_window import MainWindow
from hmi.panel.pages import INNER_PAGES, PAGES
from hmi.panel.screen_scale import choose_scale
from hmi.panel.settings import PanelSettings, SettingsError, SettingsStore
from hmi.panel.signals import SignalWatch
from hmi.panel.theme import Theme, load_fonts
from hmi.panel.widgets.curtain import Curtain

_log = logging.getLogger("brimline.panel")
_SETTLED_MS = 3000
"""So long after the start every tag has a value, so long after a page was built it has its curves."""
REFERENCE_SIZE = (1280, 800)
OnReady = Callable[[MainWindow], None]
FollowPlant = Callable[[Callable[[PlantConfig], None]], None]
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run_panel(
    engine: PanelEngine,
    config: PlantConfig,
    data_folder: Path,
    *,
    start: Callable[[], None],
    stop: Callable[[], None],
    plant_file: Path | None = None,
    minutes: float | None = None,
    kiosk: bool | None = None,
    on_ready: OnReady | None = None,
    discovery: Discovery | None = None,
    follow_plant: FollowPlant | None = None,
) -> int:
    """Show the panel until it is closed (window, SIGTERM, SIGINT, ``minutes``); 0, or 1 if it did not start.

    The engine must not have been started. ``start`` and ``stop`` run in a worker thread; ``stop`` has
    returned when this returns. ``on_ready`` is called with the window once ``start`` has returned.
    ``follow_plant`` is given what is to be called, in any thread, with each changed plant file.
    """
    application = make_application()
    store = SettingsStore(data_folder, PanelSettings(theme=config.panel.theme))
    settings = store.load()
    installation = Installation(plant_file, data_folder, tuple(store.notices))
    theme = Theme.load("paper" if settings.theme == "by_time" else settings.theme)
    context = PanelContext(engine, config, theme, settings, installation=installation, discovery=discovery)
    plant_watch = _PlantWatch()
    plant_watch.changed.connect(context.change_plant)
    if follow_plant is not None:
        follow_plant(plant_watch.changed.emit)
    appearance = Appearance(application, context, store)
    window = MainWindow(context)
    lifecycle = Lifecycle(start, stop)
    watch = SignalWatch()
    outcome = _Outcome(window, context, lifecycle, on_ready)
    watch.arrived.connect(lambda _: lifecycle.close())
    window.close_requested.connect(lifecycle.close)
    if minutes is not None:
        QTimer.singleShot(round(minutes * 60_000), window, lifecycle.close)
    context.bridge.start()
    context.queries.hold()
    _show(window, config, kiosk=config.panel.kiosk if kiosk is None else kiosk)
    application.exec()
    lifecycle.join()
    watch.close()
    context.close()
    try:
        appearance.close()
    except SettingsError as error:
        _log.warning("%s", error)
    outcome.forget_window()
    return outcome.code


def make_application() -> QApplication:
    """The application object with the panel's fonts, without any look of the system's own."""
    qInstallMessageHandler(_on_qt_message)
    sys.excepthook = _on_defect
    choose_scale(sys.argv[:1])
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("Brimline")
    application.setStyle("Fusion")
    application.setQuitOnLastWindowClosed(False)
    application.setAttribute(Qt.ApplicationAttribute.AA_SynthesizeMouseForUnhandledTouchEvents)
    load_fonts()
    return application


class _PlantWatch(QObject):
    """Brings a changed plant file into the GUI thread."""

    changed = Signal(object)


class _Outcome:
    """What the window shows of the plant's start and stop, and what the program returns."""

    def __init__(
        self, window: MainWindow, context: PanelContext, lifecycle: Lifecycle, on_ready: OnReady | None
    ) -> None:
        self.code = 0
        self._window = window
        self._context = context
        self._on_ready = on_ready
        self._settling = QTimer(window, interval=_SETTLED_MS, singleShot=True)
        self._settling.timeout.connect(shorten_collections)
        window.page_built.connect(self._settling.start)
        window.painted.connect(lifecycle.begin_soon)
        lifecycle.started.connect(self._on_started)
        lifecycle.failed.connect(self._on_failed)
        lifecycle.closing.connect(self._on_closing)
        lifecycle.finished.connect(self._on_finished)

    def forget_window(self) -> None:
        """Let the window go before the application does."""
        self._settling.stop()
        self._window.deleteLater()

    def _on_started(self) -> None:
        self._settling.start()
        self._context.queries.release()
        self._context.queries.submit(_import_pages, lambda _: None, lambda _: None)
        if self._on_ready is not None:
            self._on_ready(self._window)

    def _on_failed(self, text: str) -> None:
        self.code = 1
        _log.error("not started: %s", text)
        Curtain(self._context, self._window, self._window.tr("The plant was not started"), text)

    def _on_closing(self) -> None:
        self._window.shortcuts.switch(on=False)
        text = self._window.tr("Everything accepted so far is written first.")
        Curtain(self._context, self._window, self._window.tr("Closing, writing history"), text)

    def _on_finished(self) -> None:
        self._window.finish()
        QApplication.quit()


def _import_pages(cancel: CancelToken) -> None:
    """Load the code of pages that were not shown yet, so that the first touch need not wait for it."""
    for page in (*PAGES, *INNER_PAGES):
        if not cancel.cancelled:
            import_module(page.module)


def _show(window: MainWindow, config: PlantConfig, kiosk: bool) -> None:
    """On a small screen the window takes all of it."""
    pages = [page.page_id for page in PAGES]
    window.show_page(config.panel.start_page if config.panel.start_page in pages else pages[0])
    place = window.screen().availableGeometry()
    room = place.size()
    if kiosk:
        window.show_kiosk()
    elif room.width() <= REFERENCE_SIZE[0] or room.height() <= REFERENCE_SIZE[1]:
        window.setGeometry(place)  # for screens without a window manager
        window.showMaximized()
    else:
        window.resize(min(room.width(), 1600), min(room.height(), 1000))
        window.show()


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    logging.getLogger("brimline.qt").log(_LEVELS[kind], "%s", text)


def _on_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("fault in the panel", exc_info=(kind, error, trace))
