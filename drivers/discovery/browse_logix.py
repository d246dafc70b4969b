"""Browses a Logix controller: its tags and data types, uploaded over a session of its own."""

from drivers.base import DriverError
from drivers.cip.session import CipSession
from drivers.discovery.logix_tree import count_tags, tag_tree
from drivers.discovery.settings import settings_of
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
        table = upload(session, identity, progress)
    except DriverError as error:
        raise DiscoveryError(str(error)) from error
    finally:
        session.close()
    incomplete = sorted(
        {symbol.name for symbol in table.symbols if symbol.is_structure and not symbol.template}
    )
    notices = [f"The data types of these could not be read: {', '.join(incomplete)}."] if incomplete else []
    count = count_tags(table)
    progress(count, count, f"{count} tags")
    return Browsed(identity.text, target.type, target.family, tag_tree(table), target, tuple(notices), count)
