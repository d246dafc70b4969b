"""Browses a Logix controller: its tags and data types, uploaded over a session of its own."""

from collections.abc import Iterator

from drivers.base import DriverError
from drivers.cip.session import CipSession
from drivers.discovery.cutting import cutting
from drivers.discovery.logix_tree import count_tags, tag_tree
from drivers.discovery.settings import settings_of
from drivers.logix.symbols import SymbolTable
from drivers.logix.upload import upload
from engine.cancel import CancelToken
from engine.clock import Clock
from engine.discovery import Browsed, DiscoveryError, Progress, Target


def browse_logix(target: Target, progress: Progress, clock: Clock, cancel: CancelToken) -> Browsed:
    """Its tags, programs as folders. Raises ``DiscoveryError``."""
    settings = settings_of(target)
    session = CipSession(
        settings.host,
        settings.port,
        settings.route,
        settings.slot,
        settings.timeout_s,
        clock,
        micro800=target.family == "Micro800",
    )
    try:
        progress(0, None, f"Connecting to {settings.host}")
        with cutting(session, cancel):
            identity = session.open()
            table = upload(session, identity, progress)
    except DriverError as error:
        raise DiscoveryError(str(error)) from error
    finally:
        session.close()
    count = count_tags(table)
    progress(count, count, f"{count} tags")
    return Browsed(
        identity.text,
        target.type,
        target.family,
        tag_tree(table),
        target,
        tuple(_notices(target, table)),
        count,
    )


def _notices(target: Target, table: SymbolTable) -> Iterator[str]:
    lost = sorted({symbol.name for symbol in table.symbols if symbol.is_structure and not symbol.template})
    if lost:
        yield f"The data types of these could not be read: {', '.join(lost)}."
    if target.family == "Micro800":
        yield "A Micro800 does not list structures: write the addresses of their members by hand."
