"""Whether an SLC-500, MicroLogix or PLC-5 runs, which its EtherNet/IP identity does not tell."""

from drivers.base import DriverError
from drivers.discovery.interviews import Interviews
from drivers.discovery.settings import settings_of
from drivers.pccc import mode
from drivers.pccc.client import PcccClient
from drivers.pccc.family import Family
from drivers.pccc.status import RefusedError
from engine.clock import Clock
from engine.discovery import Target


def ask_state(target: Target, clock: Clock, interviews: Interviews) -> str:
    """RUN, STOP, or empty where it does not say."""
    family = Family(target.family)
    client = PcccClient(settings_of(target), family, clock)
    try:
        interviews.on_opening(client)
        client.open()
        if family is Family.PLC5:
            running = mode.parse_plc5_mode(client.status())
        else:
            running = mode.parse_slc_mode(int.from_bytes(client.read(mode.MODE_WORD), "little"))
    except (DriverError, RefusedError):
        return ""
    finally:
        interviews.on_closed(client)
        client.close()
    return "" if running is None else "RUN" if running else "STOP"
