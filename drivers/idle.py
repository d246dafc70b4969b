"""A connection that is not tried: switched off, or of a type that cannot be connected to."""

from drivers.base import ConnectionSettings
from engine.clock import Clock
from engine.commands import WriteOrder
from engine.connections import ConnectionState, ConnectionStatus


class IdleConnection:
    """Shows on Diagnostics with the reason; its tags stay BAD."""

    def __init__(self, settings: ConnectionSettings, tags_total: int, reason: str, clock: Clock) -> None:
        self.id = settings.id
        self.scan_s = settings.scan_ms / 1e3
        self._reason = reason
        self._status = ConnectionStatus(
            connection=settings.id,
            type=settings.type,
            family=settings.family,
            address=f"{settings.host}:{settings.port}" if settings.host else "",
            state=ConnectionState.DISABLED,
            since_us=clock.utc_us(),
            cause=reason,
            scan_ms=settings.scan_ms,
            tags_total=tags_total,
            name=settings.name,
        )

    def start(self) -> None:
        return

    def stop(self) -> None:
        return

    def join(self, timeout_s: float) -> bool:
        return True

    def put(self, order: WriteOrder) -> str:
        return f"{self._status.title} is not connected: {self._reason}"

    def retry_now(self) -> None:
        return

    def status(self) -> ConnectionStatus:
        return self._status
