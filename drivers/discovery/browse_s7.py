"""Browses an S7 controller: the list of its data blocks and their lengths. It knows no names."""

import contextlib

from drivers.base import DriverError
from drivers.discovery.cutting import cutting
from drivers.discovery.s7_tree import Memory, count_places, data_block, logo_memory, memory_node
from drivers.discovery.settings import settings_of
from drivers.s7.blocks import data_block_size, list_data_blocks
from drivers.s7.client import S7Client
from drivers.s7.driver import tsaps
from drivers.s7.identity import COMPONENTS, MODULES, parse_names, parse_order_number
from drivers.s7.pdu import RequestRefusedError
from engine.cancel import CancelToken
from engine.clock import Clock
from engine.discovery import Browsed, DiscoveryError, Progress, Target

NAMES_ELSEWHERE = (
    "An S7 controller tells numbers and lengths of its data blocks, but no names: read those from a file "
    "of the engineering tool, or choose a place by its type."
)
_NO_LIST = "The controller gives no list of its data blocks; addresses come from a file or are given by hand."
_LOGO = "A LOGO! lists nothing: these are the places of its variable memory, used or not."


def browse_s7(target: Target, progress: Progress, clock: Clock, cancel: CancelToken) -> Browsed:
    """Its data blocks as folders of places. Raises ``DiscoveryError``."""
    settings = settings_of(target)
    local, remote = tsaps(settings)
    client = S7Client(settings.host, settings.port, local, remote, settings.timeout_s, clock)
    try:
        progress(0, None, "Asking for the list of data blocks")
        with cutting(client, cancel):
            client.open()
            source = _identity(client) or f"{settings.host}:{settings.port}"
            if target.family == "LOGO":
                memories, notices = [logo_memory()], [_LOGO]
            else:
                memories, notices = _data_blocks(client, progress)
    except DriverError as error:
        raise DiscoveryError(str(error)) from error
    finally:
        client.close()
    return Browsed(
        source,
        target.type,
        target.family,
        tuple(memory_node(memory) for memory in memories),
        target,
        tuple(notices),
        sum(count_places(memory) for memory in memories),
    )


def _identity(client: S7Client) -> str:
    """Who it is; empty where it has no status lists. One that falls silent at that is asked anew."""
    texts: list[str] = []
    try:
        with contextlib.suppress(RequestRefusedError):
            texts.append(parse_names(client.read_szl(*COMPONENTS))[0])
        with contextlib.suppress(RequestRefusedError):
            texts.append(parse_order_number(client.read_szl(*MODULES)))
    except DriverError:
        client.close()
        client.open()
    return " · ".join(text for text in texts if text)


def _data_blocks(client: S7Client, progress: Progress) -> tuple[list[Memory], list[str]]:
    """Data blocks with their sizes, and what is to be said of the rest."""
    try:
        numbers = list_data_blocks(client)
    except RequestRefusedError:
        return [], [_NO_LIST]
    memories, unknown = [], []
    for done, number in enumerate(numbers):
        progress(done, len(numbers), f"Asking for the length of DB{number}")
        size = _size(client, number)
        if size is None:
            unknown.append(f"DB{number}")
        else:
            memories.append(data_block(number, size))
    progress(len(numbers), len(numbers), f"{len(memories)} data blocks")
    notices = [NAMES_ELSEWHERE]
    if unknown:
        notices.append(f"The controller does not tell how long these are: {', '.join(unknown)}.")
    return memories, notices


def _size(client: S7Client, number: int) -> int | None:
    try:
        return data_block_size(client, number)
    except RequestRefusedError:
        return None
