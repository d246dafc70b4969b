"""Where controllers are polled and what that costs, in words."""

from PySide6.QtCore import QCoreApplication

from engine.connections import PollingStatus, PollProcessStatus
from hmi.panel.diagnostics.sizes import format_bytes
from hmi.panel.display import format_number


def polling_text(status: PollingStatus) -> str:
    """``in this process``, or ``1 worker process, 12 % of a core, 48 MB, 100 controllers``."""
    processes = [each for each in status.processes if each.pid is not None]
    if not status.processes:
        return _tr("in this process")
    count = len(status.processes)
    parts = [
        _tr("1 worker process") if count == 1 else _tr("{0} worker processes").format(format_number(count))
    ]
    if len(processes) < count:
        parts.append(_tr("{0} not running").format(format_number(count - len(processes))))
    if processes:
        parts += _cost(processes)
    controllers = sum(each.connections for each in status.processes)
    parts.append(_tr("1 controller") if controllers == 1 else _tr("{0} controllers").format(controllers))
    restarts = sum(each.restarts for each in status.processes)
    if restarts == 1:
        parts.append(_tr("started again once"))
    elif restarts:
        parts.append(_tr("started again {0} times").format(format_number(restarts)))
    return ", ".join(parts)


def _cost(processes: list[PollProcessStatus]) -> list[str]:
    cpu = sum(each.cpu for each in processes)
    memory = sum(each.rss_mb for each in processes)
    return [
        _tr("{0} % of a core").format(format_number(cpu * 100)),
        format_bytes(int(memory * 2**20)),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("PollingText", text)
