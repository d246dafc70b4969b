"""Finds S7 controllers at given hosts: an open port, a session, and what the CPU says of itself.

Classic S7 knows no broadcast: nothing is asked that nobody named.
"""

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from drivers.base import ConnectError, DriverError
from drivers.discovery.families import s7_family
from drivers.discovery.interviews import Interviews
from drivers.discovery.tcp_ask import OPEN_PORT, ask_all
from drivers.s7 import identity
from drivers.s7.address import Area
from drivers.s7.client import S7Client
from drivers.s7.pdu import OK, RequestRefusedError
from drivers.s7.read_plan import Point, plan_reads
from drivers.s7.return_codes import is_protection
from engine.clock import Clock
from engine.discovery import FindRequest, Found, Target
from engine.model import DataType, TypeSpec

TYPE = "SIEMENS_S7"
_TICK_S = 0.05
_FEW = 16
"""Up to so many hosts somebody named them himself, and hears also of those that let nobody in."""


class _Door(NamedTuple):
    """How a session may be asked for: (local TSAP, remote TSAP), and the rack and slot it means."""

    local: int
    remote: int
    rack: int = 0
    slot: int = 1
    family: str = ""


_DOORS = (
    *(_Door(0x0100, 0x0200 | slot, 0, slot) for slot in (1, 2, 0, 3)),
    _Door(0x1000, 0x2000, family="LOGO"),
)
"""CPUs 1200 and 1500 are in slot 1 or 0, 300 in 2, 400 in 2 or 3; last the convention of LOGO!."""


def find_s7(
    request: FindRequest, hosts: Mapping[str, str], clock: Clock, on_tick: Callable[[int], None]
) -> Generator[Found, None, None]:
    """Yield controllers as they are known; ``hosts`` are IPv4 addresses with the names they were given as.

    ``on_tick(done)`` counts hosts and may raise to give up: sessions are cut then.
    """
    with contextlib.closing(Interviews()) as interviews:
        endpoints = [(host, request.s7_port) for host in hosts]
        for answer in ask_all(endpoints, OPEN_PORT, request.timeout_s, clock):
            if isinstance(answer, int):
                on_tick(answer)
            else:
                (host, port), _ = answer
                sessions = partial(_session, hosts[host], port, request.timeout_s, clock, interviews)
                ask = partial(ask_controller, hosts[host], port, sessions, tell_locked=len(hosts) <= _FEW)
                interviews.begin(ask)
            yield from interviews.finished(0.0)
        while interviews.open:
            yield from interviews.finished(_TICK_S)
            on_tick(len(hosts))


@contextlib.contextmanager
def _session(
    host: str, port: int, timeout_s: float, clock: Clock, interviews: Interviews, door: _Door
) -> Iterator[S7Client]:
    client = S7Client(host, port, door.local, door.remote, timeout_s, clock)
    interviews.on_opening(client)
    try:
        client.open()
        yield client
    finally:
        interviews.on_closed(client)
        client.close()


Session = Callable[[_Door], contextlib.AbstractContextManager[S7Client]]


def ask_controller(host: str, port: int, session: Session, *, tell_locked: bool) -> list[Found]:
    """What answers behind an open port; nothing if it speaks no S7. Each door is tried until one opens.

    ``tell_locked``: give one that lets nobody in, too; it may be no controller at all.
    """
    refused = False
    for door in _DOORS:
        try:
            with session(door) as client:
                told = _interview(client)
        except ConnectError:
            refused = True
            continue
        except DriverError:
            return []
        return [_to_found(host, port, door, told)]
    return [_locked(host, port)] if refused and tell_locked else []


class _Told(NamedTuple):
    """What a CPU says of itself; empty texts where it does not."""

    order: str = ""
    module: str = ""
    serial: str = ""
    running: bool | None = None
    permitted: bool | None = None


def _interview(client: S7Client) -> _Told:
    """Ask as long as it answers: small controllers fall silent when asked for status lists."""
    told = _Told()
    with contextlib.suppress(DriverError):
        told = told._replace(permitted=_may_read(client))
        components = _list(client, identity.COMPONENTS)
        told = told._replace(
            module=identity.parse_names(components)[0], serial=identity.parse_serial(components)
        )
        told = told._replace(order=identity.parse_order_number(_list(client, identity.MODULES)))
        told = told._replace(running=identity.parse_running(_list(client, identity.CPU_STATE)))
    return told


def _list(client: S7Client, szl: tuple[int, int]) -> bytes:
    try:
        return client.read_szl(*szl)
    except RequestRefusedError:
        return b""


def _may_read(client: S7Client) -> bool:
    """Whether the first marker byte can be read, which every CPU has: it is PUT/GET that forbids it."""
    (request,) = plan_reads([_FIRST_MARKER], client.pdu_length).requests
    try:
        (reply,) = client.read(request)
    except RequestRefusedError as refusal:
        return not is_protection(refusal.code)
    return reply.code == OK or not is_protection(reply.code)


_FIRST_MARKER = Point(0, Area.MARKER, 0, 0, 0, TypeSpec(DataType.BYTE))


def _to_found(host: str, port: int, door: _Door, told: _Told) -> Found:
    order, _, firmware = told.order.partition(" V")
    family = s7_family(order, told.module) or door.family
    state = "" if told.running is None else "RUN" if told.running else "STOP"
    target = Target(TYPE, family, host, port, door.rack, door.slot)
    product = " · ".join(text for text in (told.module, order) if text)
    return Found(
        target,
        product or ("LOGO!" if family == "LOGO" else "S7 controller"),
        "Siemens" if order or family else "",
        f"V{firmware}" if firmware else "",
        told.serial,
        state,
        _note(family, told.permitted),
    )


def _note(family: str, permitted: bool | None) -> str:
    if permitted is False:
        return (
            "PUT/GET access is not allowed, so no values can be read: allow it in the CPU's properties under "
            "Protection & Security, Connection mechanisms, and download them."
        )
    if not family:
        return "It does not say what it is; choose its family in the plant file by hand."
    return ""


def _locked(host: str, port: int) -> Found:
    return Found(
        Target(TYPE, "", host, port),
        "Unknown controller",
        note=(
            "It accepts connections but no S7 session in rack 0, slots 0 to 3, nor as a LOGO!: "
            "check rack and slot, and that the controller has a free connection."
        ),
    )
