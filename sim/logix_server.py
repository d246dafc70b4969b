"""Simulated ControlLogix, CompactLogix and Micro800 controllers on EtherNet/IP."""

from collections.abc import Sequence

from engine.clock import Clock
from sim.enip_server import ENIP_PORT, EnipFaults, EnipIdentity, EnipServer, ServerStartError
from sim.logix_controller import LogixController
from sim.logix_tags import Access, LogixTag
from sim.logix_types import StructType
from sim.logix_values import TagContents
from sim.server_loop import ServerLoop

__all__ = [
    "COMPACTLOGIX",
    "CONTROLLOGIX",
    "MICRO800",
    "Access",
    "EnipFaults",
    "EnipIdentity",
    "LogixServer",
    "ServerStartError",
]

CONTROLLOGIX = EnipIdentity()
COMPACTLOGIX = EnipIdentity(
    product_code=211, major=33, minor=12, serial=0x60A7C0DE, product_name="5069-L320ER/A"
)
MICRO800 = EnipIdentity(
    product_code=154, major=12, minor=11, serial=0x4C500001, product_name="2080-LC50-24QWB"
)
_MICRO800_PREFIX = "2080"


class LogixServer(EnipServer):
    """A Logix controller that listens; see EnipServer for host, port, loop, clock, slot, udp and faults.

    An identity whose product name begins with 2080 makes it a Micro800: no backplane, no Multiple Service
    Packet, no Large Forward Open, no program name, no structures in the tag list.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = ENIP_PORT,
        identity: EnipIdentity = CONTROLLOGIX,
        *,
        program_name: str = "Brimline",
        loop: ServerLoop | None = None,
        clock: Clock | None = None,
        max_connections: int = 32,
        slot: int | None = None,
        udp: bool = False,
    ) -> None:
        micro800 = identity.product_name.startswith(_MICRO800_PREFIX)
        self.controller = LogixController(program_name, micro800=micro800, clock=clock)
        super().__init__(
            host,
            port,
            identity,
            self.controller,
            loop=loop,
            clock=clock,
            large_forward_open=not micro800,
            multiple_services=not micro800,
            max_connections=max_connections,
            slot=slot,
            backplane=not micro800,
            udp=udp,
        )

    def add_struct(self, name: str, fields: Sequence[tuple[str, str] | tuple[str, str, int]]) -> StructType:
        """Define a structure of members given as name, type's name and, for an array, length."""
        with self.lock:
            return self.controller.add_struct(name, fields)

    def add_string_type(self, name: str, chars: int) -> StructType:
        """Define a STRING type of another length than 82."""
        with self.lock:
            return self.controller.add_string_type(name, chars)

    def add_tag(
        self,
        name: str,
        type_name: str,
        dims: Sequence[int] = (),
        *,
        program: str | None = None,
        memory: bytearray | None = None,
        access: Access = Access.READ_WRITE,
    ) -> LogixTag:
        """Add a tag, of the controller or of ``program``, over new memory or over ``memory``, shared live."""
        with self.lock:
            return self.controller.add_tag(
                name, type_name, dims, program=program, memory=memory, access=access
            )

    def peek(self, address: str) -> TagContents | tuple[TagContents, ...]:
        """The value at an address such as ``Program:Main.Fill[3].Level``; a tuple of a whole array."""
        with self.lock:
            return self.controller.peek(address)

    def poke(self, address: str, value: TagContents | tuple[TagContents, ...]) -> None:
        """Put a value to an address, as the controller's program would."""
        with self.lock:
            self.controller.poke(address, value)
