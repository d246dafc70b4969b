"""How long a line ran, stood and waited in the hours that its ribbon shows, in words."""

from datetime import tzinfo

from PySide6.QtCore import QCoreApplication

from hmi.panel.display import format_duration, format_minute
from hmi.panel.machine_look import RibbonKind
from hmi.panel.overview.line_data import WINDOW_H, LineData
from hmi.panel.overview.timeline import totals_s

_STOPPED = (RibbonKind.STOP, RibbonKind.MINOR_STOP)
_WAITING = (RibbonKind.STARVED_BLOCKED, RibbonKind.READY, RibbonKind.PLANNED, RibbonKind.OFF)


def ribbon_totals(data: LineData, zone: tzinfo) -> list[str]:
    """Most important first; nothing is said of the past while it is read."""
    if data.loading:
        return [_tr("Reading the last {0} h from history").format(WINDOW_H)] if data.slow else [""]
    totals = totals_s(data.segments)
    stopped = sum(totals.get(kind, 0.0) for kind in _STOPPED)
    waiting = sum(totals.get(kind, 0.0) for kind in _WAITING)
    parts = [
        _tr("Run {0}").format(format_duration(totals.get(RibbonKind.RUNNING, 0.0))),
        _tr("Stopped {0}").format(format_duration(stopped)),
    ]
    if data.error:
        return [_tr("History not readable"), *parts]
    parts += _missing_text(data, totals.get(RibbonKind.NO_DATA, 0.0), zone)
    if waiting >= 1:
        parts.insert(2, _tr("Waiting {0}").format(format_duration(waiting)))
    return parts


def _missing_text(data: LineData, missing_s: float, zone: tzinfo) -> list[str]:
    """Hours before the first record are told by when they ended, not as a loss."""
    segments, parts = data.segments, []
    if len(segments) > 1 and segments[0].kind is RibbonKind.NO_DATA:
        first = segments[0]
        missing_s -= (first.end_us - first.start_us) / 1e6
        begun = format_minute(first.end_us, zone)
        parts.append(_tr("Nothing recorded before {0}").format(begun))
    if missing_s >= 1:
        parts.append(_tr("No data {0}").format(format_duration(missing_s)))
    return parts


def _tr(text: str) -> str:
    return QCoreApplication.translate("RibbonTotals", text)
