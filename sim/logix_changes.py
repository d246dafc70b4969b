"""The object (AC) of a Logix controller by whose counters clients see that its tags or types changed."""

import struct

from sim.cip_message import CipRefusedError, CipReply, CipRequest, Service, Status, parse_object
from sim.logix_browse import build_attribute_list, parse_attribute_numbers

CHANGES_CLASS = 0xAC
_COUNTERS = {1: "<H", 2: "<H", 3: "<I", 4: "<I", 10: "<I"}


class LogixChanges:
    """All counters are one: any change of tags or types is seen in each of them."""

    def __init__(self) -> None:
        self._count = 1

    def count(self) -> None:
        """Tags or types are others now."""
        self._count = self._count % 0xFFFF + 1

    def handle(self, request: CipRequest) -> CipReply:
        """Answer Get_Attribute_List."""
        _class, instance, _attribute = parse_object(request.path)
        if instance != 1:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        if request.service != Service.GET_ATTRIBUTE_LIST:
            raise CipRefusedError(Status.SERVICE_UNSUPPORTED)
        known = {number: struct.pack(layout, self._count) for number, layout in _COUNTERS.items()}
        return build_attribute_list({n: known.get(n) for n in parse_attribute_numbers(request.data)})
