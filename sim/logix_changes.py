"""The object (AC) of a Logix controller by whose counters clients see that its tags or types changed."""

import zlib

from sim.cip_message import CipRefusedError, CipReply, CipRequest, Service, Status, parse_object
from sim.logix_browse import build_attribute_list, parse_attribute_numbers

CHANGES_CLASS = 0xAC
_COUNTER_BYTES = {1: 2, 2: 2, 3: 4, 4: 4, 10: 4}


class LogixChanges:
    """All counters are one: any change of tags or types is seen in each of them.

    Where they stand comes from the changes themselves: two programs of as many tags do not count alike.
    """

    def __init__(self) -> None:
        self._count = 1

    def count(self, change: str) -> None:
        """Tags or types are others now; ``change`` names what came and its type."""
        before = self._count
        self._count = zlib.crc32(change.encode(), before)
        if (self._count ^ before) & 0xFFFF == 0:
            self._count ^= 1

    def handle(self, request: CipRequest) -> CipReply:
        """Answer Get_Attribute_List."""
        _class, instance, _attribute = parse_object(request.path)
        if instance != 1:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        if request.service != Service.GET_ATTRIBUTE_LIST:
            raise CipRefusedError(Status.SERVICE_UNSUPPORTED)
        known = {
            number: (self._count % (1 << 8 * size)).to_bytes(size, "little")
            for number, size in _COUNTER_BYTES.items()
        }
        return build_attribute_list({n: known.get(n) for n in parse_attribute_numbers(request.data)})
