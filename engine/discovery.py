"""Finding controllers and tags, and taking chosen ones into the plant: words and an interface for faces.

Everything here may take long. Each step is given a ``Progress`` and is called outside the GUI thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from engine.cancel import CancelToken
from engine.errors import EngineError
from engine.model import TypeSpec, Value


class DiscoveryError(EngineError):
    """A controller, a network or a file did not give what was asked; the sentence says what to do."""


class DiscoveryCancelledError(Exception):
    """Somebody did not want to wait any longer. Not an error: nothing is shown of it."""


class Progress(Protocol):
    """Told how far a long step has come."""

    def __call__(self, done: int, total: int | None, text: str) -> None:
        """``total`` None while it is not known. Raises ``DiscoveryCancelledError`` once cancelled."""


@dataclass(frozen=True, slots=True)
class FindRequest:
    """Where to look. The network is only probed as far as somebody asked for it.

    ``hosts``: addresses, networks (``10.0.0.0/28``) or ranges (``10.0.0.5-10.0.0.20``) that are asked
    one by one for the given types. ``broadcast``: EtherNet/IP ListIdentity to this address (such as
    ``255.255.255.255``, or that of one network); empty for none.
    """

    types: tuple[str, ...] = ("ALLEN_BRADLEY", "SIEMENS_S7")
    hosts: tuple[str, ...] = ()
    broadcast: str = ""
    s7_port: int = 102
    enip_port: int = 44818
    timeout_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Target:
    """One controller to be browsed; the fields are those of a connection in the plant file."""

    type: str
    family: str
    host: str
    port: int
    rack: int = 0
    slot: int = 0
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """A controller that answered. ``state`` is what it says of itself (RUN, STOP, PROGRAM, ...) or empty.

    ``family`` is one of the plant file's, empty where the answer does not tell. ``note`` is a sentence
    about what has to be done before it can be read, such as allowing PUT/GET.
    """

    target: Target
    product: str
    vendor: str = ""
    firmware: str = ""
    serial: str = ""
    state: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BrowseNode:
    """One line of the tree of tags: a folder (program, structure, data block) or something readable.

    ``address`` and ``type`` are as the plant file takes them; ``type`` None: it cannot be a tag itself
    and ``reason`` says why, unless it is a folder. ``type_text`` is the controller's own word for it.
    ``expand`` gives the children without any I/O, None if there are none; a large array of structures
    is only made when it is opened. ``numbered``: a data block whose number the file does not tell, and
    which has no addresses before; given the number it is the same block with addresses.
    """

    name: str
    address: str = ""
    type: TypeSpec | None = None
    type_text: str = ""
    description: str = ""
    writable: bool = False
    reason: str = ""
    unit: str = ""
    expand: Callable[[], Sequence["BrowseNode"]] | None = field(default=None, compare=False)
    numbered: Callable[[int], "BrowseNode"] | None = field(default=None, compare=False)

    @property
    def selectable(self) -> bool:
        return self.type is not None and bool(self.address)


@dataclass(frozen=True, slots=True)
class Browsed:
    """What a controller or a file has. ``source``: its identity, or the file's name; for people.

    ``target`` None for a file, which says nothing about where its controller is; ``family`` and
    ``type`` are then what the file is for. ``notices``: sentences on what was left out, and why.
    """

    source: str
    type: str
    family: str
    roots: tuple[BrowseNode, ...]
    target: Target | None = None
    notices: tuple[str, ...] = ()
    count: int = 0
    """Selectable nodes, expanded arrays included; shown beside the tree."""


def with_db_number(browsed: Browsed, name: str, number: int) -> Browsed:
    """The same with this number for the data block ``name``, whose file does not tell it.

    Raises ``DiscoveryError`` if no block of that name waits for a number, or the number cannot be one.
    """
    if not 1 <= number <= 65535:
        raise DiscoveryError(f"{number} is no number of a data block; expected 1 to 65535.")
    found = [node for node in browsed.roots if node.name == name and node.numbered is not None]
    if not found:
        raise DiscoveryError(f"{browsed.source} has no data block {name} that needs a number.")
    roots = tuple(
        node.numbered(number) if node.numbered is not None and node.name == name else node
        for node in browsed.roots
    )
    return replace(browsed, roots=roots)


@dataclass(frozen=True, slots=True)
class TagEntry:
    """One tag as the plant file writes it; the fields are its keys. None and defaults are left out."""

    name: str
    address: str
    data_type: str
    description: str = ""
    unit: str = ""
    range: tuple[float, float] | None = None
    normal: tuple[float, float] | None = None
    decimals: int = 1
    scale: tuple[tuple[float, float], tuple[float, float]] | None = None
    deadband: float = 0.0
    writable: bool = False
    pulse: bool = False
    history: bool = True
    oee_metric_type: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectionEntry:
    """A connection that the plant file is to get; the fields are its keys."""

    id: str
    type: str
    family: str
    host: str
    port: int
    name: str = ""
    rack: int = 0
    slot: int = 0
    timeout: float = 5.0
    scan_rate_ms: int = 500


@dataclass(frozen=True, slots=True)
class TagChanges:
    """What is to become of the tags of one connection: the id of one that exists, or a new one."""

    connection: str | ConnectionEntry
    put: tuple[TagEntry, ...] = ()
    """Added, or, where the name is there already, written over."""
    remove: tuple[str, ...] = ()
    """Names of tags that go."""

    @property
    def connection_id(self) -> str:
        return self.connection if isinstance(self.connection, str) else self.connection.id


@dataclass(frozen=True, slots=True)
class PlantEdit:
    """A plant file as it would be, to be looked at before it is written.

    ``diff`` is a unified diff without a header; empty if nothing would change. ``text`` is the whole
    new file and ``base`` the fingerprint of the one it was made from. ``problems`` are the plant
    file's own complaints about the result: with any of them it cannot be applied.
    """

    path: Path
    text: str
    base: str
    diff: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    """Connections and sections that somebody changed in the file and the running plant does not have yet."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The value of one address now: ``error`` is empty, or ``value`` None and ``error`` says why.

    ``type`` is what the bytes there were taken for: one address may be seen as several types.
    """

    address: str
    value: Value | None
    error: str = ""
    type: TypeSpec | None = None


class Discovery(Protocol):
    """What faces are given. Methods block and may raise ``DiscoveryError``: not for the GUI thread."""

    def find(
        self, request: FindRequest, progress: Progress, on_found: Callable[[Found], None] | None = None
    ) -> list[Found]:
        """Look for controllers; ``on_found`` hears of each at once, in the calling thread."""

    def browse(self, target: Target, progress: Progress, cancel: CancelToken | None = None) -> Browsed:
        """Upload names, types and dimensions from the controller itself.

        ``cancel`` ends it even while it waits for an answer, with ``DiscoveryCancelledError``.
        """

    def read_file(self, path: Path, progress: Progress) -> Browsed:
        """Names, types and addresses from an engineering tool's export."""

    def preview(
        self, target: Target, nodes: Sequence[BrowseNode], cancel: CancelToken | None = None
    ) -> list[Preview]:
        """Read these now, over a session of its own that is closed again; in the order given.

        ``cancel`` as for ``browse``.
        """

    def plan(self, changes: Sequence[TagChanges]) -> PlantEdit:
        """The plant file with these changes; nothing is written."""

    def plan_text(self, text: str) -> PlantEdit:
        """A whole new text of the plant file, such as after an import; nothing is written."""

    def export_table(self, path: Path) -> int:
        """Write all tags of the plant file as a table, .csv or .xlsx by its name; returns how many."""

    def plan_table(self, path: Path, progress: Progress) -> PlantEdit:
        """The plant file with what a table of tags says; tags without a row stay. Nothing is written."""

    def apply(self, edit: PlantEdit) -> str:
        """Write the file (the old one is kept beside it) and take it into the running plant.

        Only connections that changed start anew. Returns a sentence on what was done. Raises
        ``DiscoveryError`` if the file was changed by somebody else since ``plan``.
        """
