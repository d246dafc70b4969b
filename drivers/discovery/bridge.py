"""The CPUs in a ControlLogix chassis, asked for slot by slot through its communication module."""

from collections.abc import Iterator
from typing import NamedTuple

from drivers.base import ConnectError, DriverError
from drivers.cip.identity import CipIdentity
from drivers.cip.session import CipSession
from drivers.discovery.families import allen_bradley_family
from drivers.discovery.interviews import Interviews
from engine.clock import Clock

_SLOTS = 17
"""The largest chassis."""


class Module(NamedTuple):
    """A controller and the slot it is in."""

    slot: int
    identity: CipIdentity


def cpus_behind(
    host: str, port: int, timeout_s: float, clock: Clock, interviews: Interviews
) -> Iterator[Module]:
    """Controllers in the chassis, in the order of their slots; ends at the first slot that takes too long."""
    for slot in range(_SLOTS):
        session = CipSession(host, port, "", slot, timeout_s, clock, connected=False)
        try:
            interviews.on_opening(session)
            identity = session.open()
        except ConnectError:
            # An empty slot: the bridge says so at once.
            continue
        except DriverError:
            return
        finally:
            interviews.on_closed(session)
            session.close()
        if allen_bradley_family(identity.product_name):
            yield Module(slot, identity)
