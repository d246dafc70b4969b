import gc
import weakref
from collections.abc import Iterator

import pytest

from hmi.collector import shorten_collections


class Thing:
    """Something the collector can find."""

    other: "Thing"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # as Python begins, whatever plant was started in this process before
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_what_is_there_is_left_out_of_collections() -> None:
    kept = Thing()
    shorten_collections()
    assert all(found is not kept for found in gc.get_objects())


def test_garbage_that_is_made_later_is_still_found() -> None:
    shorten_collections()
    first, second = Thing(), Thing()
    first.other, second.other = second, first
    watched = weakref.ref(first)
    del first, second
    gc.collect()
    assert watched() is None


def test_full_collections_become_rare() -> None:
    before = gc.get_threshold()
    shorten_collections()
    assert gc.get_threshold()[2] > before[2]
