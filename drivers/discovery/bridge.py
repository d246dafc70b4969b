"""The CPUs in a ControlLogix chassis, asked for slot by slot through its communication module."""

from collections.abc import Iterator
from typing import NamedTuple

from drivers.base import ConnectError, DriverError, ReplyTimeoutError
from drivers.cip.families import allen_bradley_family
from drivers.cip.identity import CipIdentity
from drivers.cip.session import CipSession
from drivers.discovery.interviews import Interviews
from engine.clock import Clock

_SLOTS = 17
"""The largest chassis."""
_MOST_SILENT = 6
"""Slots without any answer until the module itself is taken to be gone."""


class Module(NamedTuple):
    """A controller and the slot it is in."""

    slot: int
    identity: CipIdentity


def cpus_behind(
    host: str, port: int, timeout_s: float, clock: Clock, interviews: Interviews
) -> Iterator[Module]:
    """Controllers in the chassis, in the order of their slots."""
    silent = 0
    for slot in range(_SLOTS):
        session = CipSession(host, port, "", slot, timeout_s, clock, connected=False)
        try:
            interviews.on_opening(session)
            identity = session.open()
        except ConnectError:
            # An empty slot: the bridge says so at once.
            continue
        except ReplyTimeoutError:
            silent += 1
            if silent == _MOST_SILENT:
                return
            continue
        except DriverError:
            return
        finally:
            interviews.on_closed(session)
            session.close()
        if allen_bradley_family(identity.product_name):
            yield Module(slot, identity)
