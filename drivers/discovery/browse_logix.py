"""Browses a Logix controller: its tags and data types, uploaded over a session of its own."""

from collections.abc import Iterator

from drivers.base import DriverError
from drivers.cip.identity import CipIdentity
from drivers.cip.session import CipSession
from drivers.discovery.families import allen_bradley_family
from drivers.discovery.logix_tree import count_tags, tag_tree
from drivers.discovery.settings import settings_of
from drivers.logix.symbols import SymbolTable
from drivers.logix.upload import upload
from engine.clock import Clock
from engine.discovery import Browsed, DiscoveryError, Progress, Target


def browse_logix(target: Target, progress: Progress, clock: Clock) -> Browsed:
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
        identity = session.open()
        table = _upload(session, identity, target, progress)
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


def _upload(session: CipSession, identity: CipIdentity, target: Target, progress: Progress) -> SymbolTable:
    """What is of another family cannot tell its tags this way: the reason says what it is."""
    try:
        return upload(session, identity, progress)
    except DriverError as error:
        told = allen_bradley_family(identity.product_name)
        if told in ("", target.family):
            raise
        raise DiscoveryError(
            f"{error}; check the family: the controller says that it is {identity.product_name}, "
            f"which is {told}, not {target.family}"
        ) from error


def _notices(target: Target, table: SymbolTable) -> Iterator[str]:
    lost = sorted({symbol.name for symbol in table.symbols if symbol.is_structure and not symbol.template})
    if lost:
        yield f"The data types of these could not be read: {', '.join(lost)}."
    if target.family == "Micro800":
        yield "A Micro800 does not list structures: write the addresses of their members by hand."
