"""Keeps the application's look in step with the settings: theme, touch size, time of day; saves them."""

from datetime import UTC, datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from engine.errors import EngineError
from hmi.panel.context import PanelContext
from hmi.panel.queries import QueryRunner
from hmi.panel.settings import SettingsStore, theme_name
from hmi.panel.style import palette, style_sheet


class Appearance(QObject):
    """Applies the style sheet at once; the settings file is written in a worker, in order."""

    def __init__(self, application: QApplication, context: PanelContext, store: SettingsStore) -> None:
        super().__init__(context)
        self._application = application
        self._context = context
        self._store = store
        self._saved = context.settings
        self._density = context.density
        self._writer = QueryRunner(self, threads=1)
        context.theme_changed.connect(self.apply)
        context.settings_changed.connect(self._on_settings_changed)
        context.bridge.second.connect(self._follow_time)
        self._follow_time()
        self.apply()

    def apply(self) -> None:
        """Dress the application in the current theme and touch size."""
        theme, density = self._context.theme, self._context.density
        self._application.setFont(theme.font("body"))
        self._application.setPalette(palette(theme))
        self._application.setStyleSheet(style_sheet(theme, density))
        self._density = density

    def close(self) -> None:
        """Wait for the writer; what it did not get to is written now."""
        self._writer.close()
        if self._saved != self._context.settings:
            self._store.save(self._context.settings)

    def _on_settings_changed(self) -> None:
        self._follow_time()
        if self._density != self._context.density:
            self.apply()
        settings = self._context.settings

        def on_saved(_: None) -> None:
            self._saved = settings

        def on_error(error: EngineError) -> None:
            self._saved = settings  # said once; the next change tries again
            self._context.notify.emit(str(error))

        self._writer.submit(lambda _: self._store.save(settings), on_saved, on_error)

    def _follow_time(self) -> None:
        seconds = self._context.engine.clock.utc_us() // 1_000_000
        hour = datetime.fromtimestamp(seconds, UTC).astimezone(self._context.zone).hour
        self._context.change_theme(theme_name(self._context.settings.theme, hour))
