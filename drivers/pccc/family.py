"""The three families that speak PCCC, and how much one message of each carries."""

from enum import StrEnum


class Family(StrEnum):
    """As the plant file names them."""

    SLC500 = "SLC-500"
    MICROLOGIX = "MicroLogix"
    PLC5 = "PLC-5"


READ_BYTES = {Family.SLC500: 224, Family.MICROLOGIX: 224, Family.PLC5: 240}
"""Longest data of one read.

DF1 Protocol and Command Set (1770-6.5.16): a typed logical read of an SLC 5/03 or later carries 236 bytes,
225 once the message is routed, so 224 in whole words; a PLC-5 word range read carries 244, of which 240 is a
multiple of every element but a string.
"""

WRITE_BYTES = {Family.SLC500: 222, Family.MICROLOGIX: 222, Family.PLC5: 224}
"""Longest data of one write: 234, 223 routed, for an SLC; 239 with its address for a PLC-5."""

SMALL_BYTES = 82
"""Read and write limit of the SLC 5/01, SLC 5/02 and fixed SLC 500 (41 words)."""
