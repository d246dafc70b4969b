"""A simulated Logix controller behind an EtherNet/IP port: its tags, types, program name and clock."""

import itertools
from collections.abc import Sequence

from engine.clock import Clock, SystemClock
from sim.cip_message import CipReply, CipRequest, Service, Status, parse_object
from sim.logix_access import TagAccess, TagService
from sim.logix_browse import TEMPLATE_CLASS, Browse, BrowseService
from sim.logix_changes import CHANGES_CLASS, LogixChanges
from sim.logix_clock import CLOCK_CLASS, LogixClock
from sim.logix_place import SYMBOL_CLASS, Places
from sim.logix_tags import Access, LogixTag, Scopes, SystemSymbol, memory_size
from sim.logix_types import (
    ATOMICS,
    LAST_USER_TEMPLATE,
    PREDEFINED,
    Field,
    LogixType,
    StructType,
    lay_out,
    stored_as,
    string_type,
)
from sim.logix_values import TagContents, decode, encode, to_path

_PROGRAM_NAME_CLASS = 0x64
_FIRST_TEMPLATE = 0x311
_TAG_SERVICES = frozenset(TagService)
_SYMBOL_SEGMENT, _CLASS_SEGMENT = 0x91, 0x20


class LogixController:
    """Tags over live memory, and the answers to requests about them (CipObjects).

    ``micro800``: a Micro800's ways: no program name, structures are not in the tag list. Whoever shares
    the memory holds the server's lock while touching it.
    """

    def __init__(
        self, program_name: str = "Brimline", *, micro800: bool = False, clock: Clock | None = None
    ) -> None:
        self.program_name = program_name
        self.clock = LogixClock(clock or SystemClock())
        self._changes = LogixChanges()
        self._micro800 = micro800
        self._scopes = Scopes(micro800=micro800)
        self._templates = {template.template_id: template for template in PREDEFINED.values()}
        self._types: dict[str, LogixType] = {**ATOMICS, **PREDEFINED}
        self._template_ids = itertools.count(_FIRST_TEMPLATE)
        self._places = Places(self._scopes)
        self._access = TagAccess(self._places)
        self._browse = Browse(self._scopes, self._templates)
        if not micro800:
            self._scopes.controller.add_system("Task:MainTask", SystemSymbol.TASK)
            self._scopes.controller.add_system("Map:Local", SystemSymbol.MAP)

    def add_struct(self, name: str, fields: Sequence[tuple[str, str] | tuple[str, str, int]]) -> StructType:
        """Define a structure of members given as name, type's name and, for an array, length."""
        declared = [Field(each[0], self._types[each[1]], *each[2:]) for each in fields]
        return self._add_type(lay_out(name, self._next_template(), declared))

    def add_string_type(self, name: str, chars: int) -> StructType:
        """Define a STRING type of another length than 82."""
        return self._add_type(string_type(name, self._next_template(), chars))

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
        """Add a tag, of the controller or of ``program``; ``memory`` is shared live, else it is new.

        ``dims`` are up to three; those of a BOOL array are in BOOLs, 32 of which make an element.
        """
        kind, dimensions = self._types[type_name], tuple(dims)
        if len(dimensions) == 1:
            kind, length = stored_as(kind, dimensions[0])
            dimensions = (length,)
        size = memory_size(kind, dimensions)
        memory = bytearray(size) if memory is None else memory
        if len(memory) < size:
            raise ValueError(f"{name} takes {size} bytes, the memory has {len(memory)}")
        tag = LogixTag(name, kind, dimensions, memory, access)
        scope = self._scopes.controller if program is None else self._scopes.program(program)
        scope.add(tag)
        self._changes.count(f"{program or ''}:{name} {type_name}{dimensions}")
        self._places.forget()
        return tag

    def peek(self, address: str) -> TagContents | tuple[TagContents, ...]:
        """The value at an address; a tuple of a whole array. CipRefusedError where there is none."""
        return decode(self._places.find(to_path(address)))

    def poke(self, address: str, value: TagContents | tuple[TagContents, ...]) -> None:
        """Put a value to an address, whatever its access for clients."""
        encode(self._places.find(to_path(address)), value)

    def handle(self, request: CipRequest) -> CipReply:
        """Answer one request."""
        path, service = request.path, request.service
        first = path[0] if path else None
        if first == _CLASS_SEGMENT and path[1:2] == bytes((TEMPLATE_CLASS,)):
            return self._browse.on_template(request)
        if service in _TAG_SERVICES:
            return self._access.handle(request)
        if service == BrowseService.GET_INSTANCE_ATTRIBUTE_LIST:
            return self._browse.on_symbols(request)
        if first == _SYMBOL_SEGMENT or path[:2] == bytes((_CLASS_SEGMENT, SYMBOL_CLASS)):
            return self._browse.on_symbol(request)
        return self._on_object(request)

    def _on_object(self, request: CipRequest) -> CipReply:
        class_code, instance, _attribute = parse_object(request.path)
        if class_code == CLOCK_CLASS and not self._micro800:
            return self.clock.handle(request)
        if class_code == CHANGES_CLASS and not self._micro800:
            return self._changes.handle(request)
        if class_code == _PROGRAM_NAME_CLASS and instance == 1 and not self._micro800:
            return self._on_program_name(request.service)
        return CipReply(Status.PATH_UNKNOWN)

    def _on_program_name(self, service: int) -> CipReply:
        if service != Service.GET_ATTRIBUTES_ALL:
            return CipReply(Status.SERVICE_UNSUPPORTED)
        name = self.program_name.encode("ascii")
        return CipReply(data=len(name).to_bytes(2, "little") + name)

    def _next_template(self) -> int:
        """Some clients take a template whose id ends in the code of an elementary type for that type."""
        number = next(self._template_ids)
        while number & 0xFF in (0x00, 0xA0) or number & 0xFF >= 0xC0:
            number = next(self._template_ids)
        if number > LAST_USER_TEMPLATE:
            raise ValueError("no more structures can be defined")
        return number

    def _add_type(self, struct_type: StructType) -> StructType:
        if struct_type.name in self._types:
            raise ValueError(f"there is a type {struct_type.name} already")
        self._types[struct_type.name] = struct_type
        self._changes.count(f"{struct_type.name} {struct_type.handle} {struct_type.template_id}")
        self._templates[struct_type.template_id] = struct_type
        return struct_type
