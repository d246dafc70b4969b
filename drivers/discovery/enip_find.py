"""Finds EtherNet/IP controllers: ListIdentity by broadcast and to given hosts, CPUs behind a bridge."""

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial

from drivers.cip.families import allen_bradley_family
from drivers.cip.identity import CipIdentity
from drivers.discovery.bridge import cpus_behind
from drivers.discovery.families import (
    device_state,
    is_backplane_bridge,
    is_chassis_cpu,
    not_readable_note,
    vendor_name,
)
from drivers.discovery.interviews import Interviews
from drivers.discovery.list_identity import list_identity_request, parse_list_identity, reply_size
from drivers.discovery.pccc_state import ask_state
from drivers.discovery.tcp_ask import Question, ask_all
from drivers.discovery.udp_ask import ask_by_udp, check_broadcast
from engine.clock import Clock
from engine.discovery import FindRequest, Found, Target

TYPE = "ALLEN_BRADLEY"
_TICK_S = 0.05
_PCCC = frozenset({"SLC-500", "MicroLogix", "PLC-5"})


def find_enip(
    request: FindRequest, hosts: Mapping[str, str], clock: Clock, on_tick: Callable[[int], None]
) -> Generator[Found, None, None]:
    """Yield controllers as they answer; ``hosts`` are IPv4 addresses with the names they were given as.

    ``on_tick(done)`` counts the hosts that are done with, and may raise to give up.
    """
    with contextlib.closing(Interviews()) as interviews:
        for answer in _identities(request, hosts, clock):
            if isinstance(answer, int):
                on_tick(answer)
            else:
                host, identity = answer
                name, port = hosts.get(host, host), request.enip_port
                interview = _interview_for(identity)
                if interview is None:
                    yield to_found(identity, name, port)
                else:
                    ask = partial(interview, identity, name, port, request.timeout_s, clock, interviews)
                    interviews.begin(ask)
            yield from interviews.finished(0.0)
        while interviews.open:
            yield from interviews.finished(_TICK_S)
            on_tick(len(hosts))


def to_found(identity: CipIdentity, host: str, port: int, slot: int = 0, note: str = "") -> Found:
    """A device's own words as a controller to be browsed."""
    product = identity.product_name
    return Found(
        target=Target(TYPE, allen_bradley_family(product), host, port, slot=slot),
        product=product or f"Product {identity.product_code}",
        vendor=vendor_name(identity.vendor),
        firmware=identity.firmware,
        serial=f"{identity.serial:08X}",
        state=device_state(product, identity.status, identity.state),
        note=note or not_readable_note(identity.vendor, identity.device_type, product),
    )


def _identities(
    request: FindRequest, hosts: Mapping[str, str], clock: Clock
) -> Iterator[tuple[str, CipIdentity] | int]:
    """(address, identity), by UDP, then by TCP of the given hosts that were silent; or how many are done."""
    broadcast = check_broadcast(request.broadcast) if request.broadcast else ""
    port, timeout_s = request.enip_port, request.timeout_s
    answered: set[str] = set()
    for heard in ask_by_udp(list(hosts), broadcast, port, timeout_s, clock):
        if heard is not None:
            answered.add(heard[0])
        yield heard or 0
    silent = [(host, port) for host in hosts if host not in answered]
    done = len(hosts) - len(silent)
    for answer in ask_all(silent, _WHO, timeout_s, clock):
        if isinstance(answer, int):
            yield done + answer
            continue
        (host, _port), reply = answer
        identity = parse_list_identity(reply)
        if identity is not None:
            yield host, identity


Interview = Callable[[CipIdentity, str, int, float, Clock, Interviews], list[Found]]


def _interview_for(identity: CipIdentity) -> Interview | None:
    """What has to be asked of a device beyond its identity."""
    product = identity.product_name
    if is_backplane_bridge(product) or is_chassis_cpu(product):
        return _ask_chassis
    return _ask_running if allen_bradley_family(product) in _PCCC else None


def _ask_running(
    answered: CipIdentity, host: str, port: int, timeout_s: float, clock: Clock, interviews: Interviews
) -> list[Found]:
    found = to_found(answered, host, port)
    state = ask_state(replace(found.target, timeout_s=timeout_s), clock, interviews)
    return [replace(found, state=state or found.state)]


def _ask_chassis(
    answered: CipIdentity, host: str, port: int, timeout_s: float, clock: Clock, interviews: Interviews
) -> list[Found]:
    """The device that answered and the CPUs in its chassis; a CPU with a port of its own gets its slot."""
    modules = cpus_behind(host, port, timeout_s, clock, interviews)
    if not is_backplane_bridge(answered.product_name):
        own = (cpu.slot for cpu in modules if cpu.identity.serial == answered.serial)
        return [to_found(answered, host, port, next(own, 0))]
    cpus = list(modules)
    if not cpus:
        note = "It is a communication module; no CPU in its chassis answered. Its slot may be given by hand."
        return [to_found(answered, host, port, note=note)]
    through = f"Reached through {answered.product_name} in the same chassis."
    return [to_found(cpu.identity, host, port, cpu.slot, through) for cpu in cpus]


def _is_whole(received: bytes) -> bool:
    size = reply_size(received)
    return size is not None and len(received) >= size


_WHO = Question(list_identity_request(), _is_whole)
