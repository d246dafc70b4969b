"""Values of a few chosen places now, over a session of its own."""

from collections.abc import Sequence
from contextlib import nullcontext

from drivers.base import Cuttable, Driver, Reading
from drivers.discovery.cutting import cutting
from drivers.discovery.settings import settings_of
from drivers.registry import driver_factory
from engine.cancel import CancelToken
from engine.clock import Clock, SystemClock
from engine.discovery import BrowseNode, DiscoveryError, Preview, Target
from engine.errors import EngineError
from engine.model import TagDef


def preview(
    target: Target,
    nodes: Sequence[BrowseNode],
    clock: Clock | None = None,
    *,
    cancel: CancelToken | None = None,
) -> list[Preview]:
    """Read each once, in the order given; what cannot be read says why. Raises ``DiscoveryError``.

    ``cancel`` ends it even while it waits for an answer, with ``DiscoveryCancelledError``.
    """
    clock = clock or SystemClock()
    chosen = [(index, node) for index, node in enumerate(nodes) if node.type is not None and node.address]
    tags = [
        TagDef("discovery", str(index), node.address, node.type)
        for index, node in chosen
        if node.type is not None
    ]
    previews = [
        Preview(node.address, None, node.reason or "this is a folder, not a value", node.type)
        for node in nodes
    ]
    if not tags:
        return previews
    try:
        driver = driver_factory(target.type, target.family)(settings_of(target), tags, clock)
        readings = _read(driver, cancel or CancelToken())
    except EngineError as error:
        raise DiscoveryError(str(error)) from error
    for (index, node), reading in zip(chosen, readings, strict=True):
        previews[index] = Preview(node.address, reading.value, reading.error, node.type)
    return previews


def _read(driver: Driver, cancel: CancelToken) -> Sequence[Reading]:
    try:
        with cutting(driver, cancel) if isinstance(driver, Cuttable) else nullcontext():
            driver.connect()
            return driver.read().readings
    finally:
        driver.close()
