"""``brimline`` as it is, with stamps of how far its start has come; ends at the first live value painted."""

import time

_STAMPS = {"interpreter": time.monotonic_ns()}


def main() -> None:
    """Arguments: command (a command line). Result: stamps by name, monotonic ns."""
    import hmi.cli
    from hmi.panel import app
    from tests.bench.children import child_arguments, give_result

    _stamp("imported")
    _hang_on(app)
    code = hmi.cli.main(child_arguments()["command"])
    if code:
        raise SystemExit(code)
    give_result(_STAMPS)


def _stamp(name: str) -> bool:
    """True the first time."""
    if name in _STAMPS:
        return False
    _STAMPS[name] = time.monotonic_ns()
    return True


def _hang_on(app) -> None:
    """Stamps: window painted, value known (a binding looks good), value painted (the update was done)."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    from hmi.panel.main_window import MainWindow
    from hmi.panel.tag_binding import TagBinding
    from hmi.panel.value_look import LookKind

    class Window(MainWindow):
        def __init__(self, context) -> None:
            super().__init__(context)
            self.painted.connect(lambda: _stamp("window painted"))
            self._updates = Updates(self)
            self.installEventFilter(self._updates)

    class Updates(QObject):
        """The window's update request is when everything that asked for a repaint is painted."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
            if event.type() is QEvent.Type.UpdateRequest and "value known" in _STAMPS:
                QTimer.singleShot(0, self._on_painted)
            return False

        def _on_painted(self) -> None:
            if _stamp("value painted"):
                self.parent().close()

    refresh = TagBinding.refresh

    def stamped_refresh(binding: TagBinding) -> None:
        refresh(binding)
        if binding.look.kind is LookKind.GOOD and binding.look.value is not None:
            _stamp("value known")

    TagBinding.refresh = stamped_refresh
    app.MainWindow = Window


if __name__ == "__main__":
    main()
