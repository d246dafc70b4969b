"""A simulated controller into which another program can be loaded, and that tells so, as Logix does."""

import struct

from sim.cip_message import CipReply, CipRequest
from sim.logix_controller import LogixController

_CHANGES = bytes.fromhex("20ac2401")
_DEFINITIONS = bytes.fromhex("206c")
_ATTRIBUTES = {1: "<H", 2: "<H", 3: "<I", 4: "<I", 10: "<I"}


class Reloadable:
    """Implements ``sim.cip_message.CipObjects``. ``tells_changes``: it has the class that counts them.

    ``changes_always``: these counters are others each time they are asked for.
    ``refuses_definitions``: it is short of resources when asked for a structure.

    ``requests`` are those that came, of tags and of everything else but the counters.
    """

    def __init__(self, controller: LogixController, *, tells_changes: bool = True) -> None:
        self.controller = controller
        self.tells_changes = tells_changes
        self.changes_always = False
        self.refuses_definitions = False
        self.requests: list[CipRequest] = []
        self._loads = 1

    def load(self, controller: LogixController) -> None:
        """Download another program."""
        self.controller = controller
        self._loads += 1

    def handle(self, request: CipRequest) -> CipReply:
        if request.path == _CHANGES:
            return self._changes() if self.tells_changes else CipReply(0x05)
        self.requests.append(request)
        if self.refuses_definitions and request.path.startswith(_DEFINITIONS):
            return CipReply(0x02)
        return self.controller.handle(request)

    def _changes(self) -> CipReply:
        self._loads += self.changes_always
        values = b"".join(
            struct.pack("<HH", number, 0) + struct.pack(form, self._loads)
            for number, form in _ATTRIBUTES.items()
        )
        return CipReply(data=len(_ATTRIBUTES).to_bytes(2, "little") + values)
