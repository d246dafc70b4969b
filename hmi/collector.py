"""Python's cycle collector, kept from holding up the screen.

A full collection looks at every object there is and stops all threads for that long: with ten thousand
tags a tenth of a second. Nearly everything a plant and its pages are made of stays to the end, so that
it need not be looked at.
"""

import gc

_THRESHOLDS = (700, 10, 100)
"""As Python has them, but full collections ten times as seldom: samples alone would ask for one a second."""


def shorten_collections() -> None:
    """Call when something large that stays to the end has been built: collections leave it out."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
