"""Sessions of discovery that end at once when somebody cancels, whatever they wait for."""

from collections.abc import Iterator
from contextlib import contextmanager

from drivers.base import Cuttable
from engine.cancel import CancelToken
from engine.discovery import DiscoveryCancelledError
from engine.errors import EngineError


@contextmanager
def cutting(session: Cuttable, cancel: CancelToken) -> Iterator[None]:
    """Cut the session when somebody cancels meanwhile; what fails because of that is the cancellation."""
    try:
        with cancel.cutting(session.cut):
            yield
    except EngineError as error:
        if cancel.cancelled:
            raise DiscoveryCancelledError from error
        raise
