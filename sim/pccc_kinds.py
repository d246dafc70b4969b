"""The simulated controllers that speak PCCC: what each says it is and what its data files are like."""

from dataclasses import dataclass
from enum import StrEnum

from sim.enip_protocol import EnipIdentity
from sim.pccc_directory import MICROLOGIX_1100, MICROLOGIX_1400, SLC_505, DirectoryForm

_CONFIGURED = 0x0004


class PcccFamily(StrEnum):
    """Whose commands a controller understands, and whose status file it has."""

    SLC_500 = "SLC-500"
    MICROLOGIX = "MicroLogix"
    PLC_5 = "PLC-5"


@dataclass(frozen=True, slots=True)
class PcccKind:
    """One type of controller.

    ``bulletin`` is what the diagnostic status tells as its name, ``processor`` its code there and
    ``series`` its series and firmware release (5 bits). ``directory`` is None where there is none.
    ``longs`` tells whether there are L files, ``high_word_first`` how floats lie.
    """

    family: PcccFamily
    identity: EnipIdentity
    bulletin: str
    processor: int
    series: int
    directory: DirectoryForm | None
    longs: bool = False
    high_word_first: bool = False


def _identity(product_code: int, major: int, minor: int, serial: int, name: str) -> EnipIdentity:
    """The mode is no part of the identity's status on these controllers."""
    return EnipIdentity(
        product_code=product_code,
        major=major,
        minor=minor,
        serial=serial,
        product_name=name,
        running_status=_CONFIGURED,
        stopped_status=_CONFIGURED,
    )


SLC_5_05 = PcccKind(
    family=PcccFamily.SLC_500,
    identity=_identity(45, 3, 46, 0x00A4C551, "1747-L551/C C/11 - DC 3.46"),
    bulletin="5/05",
    processor=0x78,
    series=2 << 5 | 10,
    directory=SLC_505,
)
MICROLOGIX_1400_B = PcccKind(
    family=PcccFamily.MICROLOGIX,
    identity=_identity(90, 2, 15, 0x4061A8D4, "1766-L32BWA B/15.00"),
    bulletin="1766-LEC",
    processor=0x9C,
    series=1 << 5 | 14,
    directory=MICROLOGIX_1400,
    longs=True,
)
MICROLOGIX_1100_B = PcccKind(
    family=PcccFamily.MICROLOGIX,
    identity=_identity(185, 2, 16, 0x405F1163, "1763-L16BWA B/16.00"),
    bulletin="1763-LEC",
    processor=0x95,
    series=1 << 5 | 15,
    directory=MICROLOGIX_1100,
    longs=True,
)
PLC_5_40E = PcccKind(
    family=PcccFamily.PLC_5,
    identity=_identity(23, 3, 1, 0x00785C40, "1785-L40E/E"),
    bulletin="",
    processor=0x4B,
    series=4 << 5 | 2,
    directory=None,
    high_word_first=True,
)
