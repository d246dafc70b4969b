"""What connections put into the engine's inbox, and what the engine asks of a connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.commands import WriteOrder, WriteOutcome
from engine.connections import ConnectionStatus
from engine.events import Event
from engine.model import Sample, TagDef
from engine.queues import QueueStatus


class Batch(NamedTuple):
    """All samples of one scan of one connection, raw (unscaled), in one piece.

    ``recorded`` False: these are for the moment only and do not go into history.
    """

    connection: str
    samples: Sequence[Sample]
    recorded: bool = True


class HistoricalBatch(NamedTuple):
    """What a source recorded while nobody listened, raw; for history only, what is shown stays."""

    connection: str
    samples: Sequence[Sample]


class LinkLost(NamedTuple):
    """From now on nothing is known of any tag of the connection."""

    connection: str
    time_us: int


Message = Batch | HistoricalBatch | LinkLost | ConnectionStatus | WriteOutcome | Event
Post = Callable[[Message], None]
"""Puts a message into the inbox. Blocks while the inbox is full, so that nothing is lost."""


class Connection(Protocol):
    """One supervised thread that talks to one controller."""

    @property
    def id(self) -> str: ...

    @property
    def scan_s(self) -> float:
        """Configured scan period in seconds; 0 where the source reports by exception and may be silent."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; True when it has ended."""

    def put(self, order: WriteOrder) -> str:
        """Take a write order, or say at once why not."""

    def retry_now(self) -> None:
        """Somebody does not want to wait for the next try."""

    def status(self) -> ConnectionStatus: ...


@dataclass(frozen=True, slots=True)
class Replacement:
    """What takes the place of a connection while the plant runs; ``connection`` None: it goes.

    ``same_source`` False: it leads to another controller, of which nothing is known yet.
    """

    id: str
    title: str = ""
    tags: tuple[TagDef, ...] = ()
    connection: Connection | None = None
    same_source: bool = True


class Service(Protocol):
    """Something that takes the plant out over a wire, such as an edge node.

    ``on_changes`` and ``on_status`` are called in the engine's thread and must only enqueue.
    """

    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Before any connection starts."""

    def stop(self) -> None:
        """After every connection has ended and the inbox is empty; ends its threads."""

    def on_changes(self, changes: Sequence[Sample]) -> None:
        """What of the tags has changed, in engineering units."""

    def on_status(self, status: ConnectionStatus) -> None:
        """Every published status of a connection, also when only figures changed."""

    def on_replacement(self, replacement: Replacement) -> None:
        """A connection has other tags from now on, or is new, or is gone."""

    def queues(self) -> Sequence[QueueStatus]: ...
