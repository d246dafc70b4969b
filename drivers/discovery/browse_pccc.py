"""Browses an SLC-500 or MicroLogix: its file directory. A PLC-5 has none that can be read."""

from drivers.base import DriverError
from drivers.discovery.cutting import cutting
from drivers.discovery.pccc_tree import count_nodes, file_node
from drivers.discovery.settings import settings_of
from drivers.pccc.client import PcccClient
from drivers.pccc.directory import check_has_directory, upload_directory
from drivers.pccc.family import Family
from engine.cancel import CancelToken
from engine.clock import Clock
from engine.discovery import Browsed, DiscoveryError, Progress, Target

_NAMES_ELSEWHERE = "Data files have no names in the controller: read symbols from an export of RSLogix 500."


def browse_pccc(target: Target, progress: Progress, clock: Clock, cancel: CancelToken) -> Browsed:
    """Its data files as folders. Raises ``DiscoveryError``."""
    settings, family = settings_of(target), Family(target.family)
    check_has_directory(family)
    client = PcccClient(settings, family, clock)
    try:
        with cutting(client, cancel):
            directory = upload_directory(client, f"{settings.host}:{settings.port}", progress)
    except DriverError as error:
        raise DiscoveryError(str(error)) from error
    finally:
        client.close()
    return Browsed(
        directory.identity,
        target.type,
        target.family,
        tuple(file_node(file, family) for file in directory.files),
        target,
        (_NAMES_ELSEWHERE,),
        sum(count_nodes(file, family) for file in directory.files),
    )
