"""What the journal says when a connection changes."""

from engine.connections import ConnectionState, ConnectionStatus
from engine.events import Event, EventKind, Severity

_CAUSES = 5


class ConnectionJournal:
    """Each change of state is told, and within an outage each cause once: the first one may be misleading."""

    def __init__(self) -> None:
        self._causes: dict[str, set[str]] = {}

    def tell(self, old: ConnectionStatus | None, status: ConnectionStatus, now_us: int) -> Event | None:
        """What to record of ``status``, which came after ``old``."""
        name, cause = status.connection, status.cause
        if old is None or old.state is not status.state:
            self._causes[name] = {cause}
            return state_event(status)
        told = self._causes.setdefault(name, {old.cause})
        is_told = cause in told or not cause or len(told) >= _CAUSES
        if status.state is not ConnectionState.DISCONNECTED or is_told:
            return None
        told.add(cause)
        text = f"Still disconnected: {cause}"
        return Event(now_us, EventKind.CONNECTION, name, text, Severity.WARNING)


def state_event(status: ConnectionStatus) -> Event:
    """For a status whose state is another one than before."""
    match status.state:
        case ConnectionState.CONNECTED:
            text, severity = (
                f"Connected to {status.identity or status.family} at {status.address}",
                Severity.INFO,
            )
        case ConnectionState.STOPPED:
            text, severity = f"{status.stop_text}, its values are not followed", Severity.WARNING
        case ConnectionState.DISCONNECTED:
            text, severity = f"Disconnected: {status.cause}", Severity.WARNING
        case _:
            text, severity = status.state.value.capitalize(), Severity.INFO
    return Event(status.since_us, EventKind.CONNECTION, status.connection, text, severity)
