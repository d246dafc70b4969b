"""What the journal says when a connection changes."""

from engine.connections import ConnectionState, ConnectionStatus
from engine.events import Event, EventKind, Severity


def state_event(status: ConnectionStatus) -> Event:
    """For a status whose state is another one than before."""
    match status.state:
        case ConnectionState.CONNECTED:
            text, severity = (
                f"Connected to {status.identity or status.family} at {status.address}",
                Severity.INFO,
            )
        case ConnectionState.STOPPED:
            text, severity = "The CPU is in STOP, its values are not followed", Severity.WARNING
        case ConnectionState.DISCONNECTED:
            text, severity = f"Disconnected: {status.cause}", Severity.WARNING
        case _:
            text, severity = status.state.value.capitalize(), Severity.INFO
    return Event(status.since_us, EventKind.CONNECTION, status.connection, text, severity)
