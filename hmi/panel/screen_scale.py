"""How large everything is drawn: Qt's own scale factor, chosen from the screen before the panel begins."""

import os

from PySide6.QtGui import QGuiApplication

VARIABLE = "QT_SCALE_FACTOR"
_STEPS = ((3840, 2160, 2.0), (2560, 1440, 1.25))


def scale_for(width: int, height: int) -> float:
    """For a screen of logical size (after the system's own scaling); never below 1."""
    return next((factor for w, h, factor in _STEPS if width >= w and height >= h), 1.0)


def choose_scale(arguments: list[str]) -> None:
    """Look at the main screen and set Qt's factor, unless somebody has set it or an application runs.

    Qt reads the factor only when its application object is made, so a short-lived one looks first.
    """
    if VARIABLE in os.environ or QGuiApplication.instance() is not None:
        return
    probe = QGuiApplication(arguments)
    screen = probe.primaryScreen()
    factor = scale_for(screen.size().width(), screen.size().height())
    probe.shutdown()
    if factor > 1.0:
        os.environ[VARIABLE] = f"{factor:g}"
