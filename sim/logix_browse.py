"""Tag list and type definitions of a Logix controller: symbol object 6B, template object 6C."""

import struct
from collections.abc import Callable, Mapping
from enum import IntEnum

from sim.cip_message import (
    CipRefusedError,
    CipReply,
    CipRequest,
    PathKind,
    Service,
    Status,
    parse_object,
    parse_path,
)
from sim.logix_place import SYMBOL_CLASS
from sim.logix_tags import Scope, Scopes
from sim.logix_types import BOOL, Member, StructType, symbol_type_of

TEMPLATE_CLASS = 0x6C
_MOST_ATTRIBUTES = 16
_READ_TEMPLATE = 0x4C


class BrowseService(IntEnum):
    """Services to the symbol object."""

    GET_INSTANCE_ATTRIBUTE_LIST = 0x55


class Browse:
    """Answers what tools upload; refusals are raised as CipRefusedError."""

    def __init__(self, scopes: Scopes, templates: Mapping[int, StructType]) -> None:
        self._scopes = scopes
        self._templates = templates

    def on_symbols(self, request: CipRequest) -> CipReply:
        """Get_Instance_Attribute_List: as many symbols as fit; status 6 while there are more."""
        scope, start = self._scope_and_instance(request.path)
        numbers = parse_attribute_numbers(request.data)
        parts: list[bytes] = []
        size = 0
        for symbol in scope.listed_from(start):
            record = struct.pack("<I", symbol.instance) + b"".join(map(symbol.attribute, numbers))
            size += len(record)
            if size > request.max_reply:
                return CipReply(Status.PARTIAL if parts else Status.REPLY_TOO_LARGE, b"".join(parts))
            parts.append(record)
        return CipReply(data=b"".join(parts))

    def on_symbol(self, request: CipRequest) -> CipReply:
        """Get_Attribute_List of one symbol."""
        scope, instance = self._scope_and_instance(request.path)
        symbol = scope.by_instance(instance)
        if symbol is None:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        if request.service != Service.GET_ATTRIBUTE_LIST:
            raise CipRefusedError(Status.SERVICE_UNSUPPORTED)
        numbers = parse_attribute_numbers(request.data)
        return build_attribute_list(
            {number: _attribute_or_none(symbol.attribute, number) for number in numbers}
        )

    def on_template(self, request: CipRequest) -> CipReply:
        """Attributes of a template, or its definition from an offset on."""
        _class, instance, _attribute = parse_object(request.path)
        template = self._templates.get(instance)
        if template is None:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        if request.service == Service.GET_ATTRIBUTE_LIST:
            known = _template_attributes(template)
            return build_attribute_list({n: known.get(n) for n in parse_attribute_numbers(request.data)})
        if request.service != _READ_TEMPLATE:
            raise CipRefusedError(Status.SERVICE_UNSUPPORTED)
        return _read_definition(template, request)

    def _scope_and_instance(self, path: bytes) -> tuple[Scope, int]:
        segments = list(parse_path(path))
        scope = self._scopes.controller
        if segments and segments[0].kind is PathKind.SYMBOL:
            program = self._scopes.find_program(segments.pop(0).text)
            if program is None:
                raise CipRefusedError(Status.PATH_UNKNOWN)
            scope = program
        kinds = [segment.kind for segment in segments]
        if kinds not in ([PathKind.CLASS], [PathKind.CLASS, PathKind.INSTANCE]):
            raise CipRefusedError(Status.PATH_SEGMENT)
        if segments[0].number != SYMBOL_CLASS:
            raise CipRefusedError(Status.PATH_UNKNOWN)
        return scope, segments[1].number if len(segments) > 1 else 0


def parse_attribute_numbers(data: bytes) -> tuple[int, ...]:
    """The numbers of an attribute list; CipRefusedError where it is cut or too long."""
    (count,) = struct.unpack_from("<H", data) if len(data) >= 2 else (0,)
    if not 0 < count <= _MOST_ATTRIBUTES or len(data) < 2 + 2 * count:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    return struct.unpack_from(f"<{count}H", data, 2)


def build_attribute_list(values: Mapping[int, bytes | None]) -> CipReply:
    """The reply of Get_Attribute_List; None for what there is not."""
    parts = [struct.pack("<H", len(values))]
    for number, value in values.items():
        status = Status.ATTRIBUTE_UNSUPPORTED if value is None else Status.SUCCESS
        parts.append(struct.pack("<HH", number, status) + (value or b""))
    failed = any(value is None for value in values.values())
    return CipReply(Status.ATTRIBUTE_LIST if failed else Status.SUCCESS, b"".join(parts))


def build_definition(template: StructType) -> bytes:
    """The definition of a template as it is uploaded: member records, then names."""
    records = b"".join(map(_member_record, template.members))
    name = template.name
    if not template.predefined:
        name += ";n" + "".join("EB" if member.hidden else "EA" for member in template.members)
    names = "".join(f"{text}\0" for text in (name, *(member.name for member in template.members)))
    definition = records + names.encode("ascii")
    return definition + bytes(-len(definition) % 4)


def _member_record(member: Member) -> bytes:
    info = member.bit if member.type is BOOL and member.bit is not None else member.length
    kind = symbol_type_of(member.type, 1 if member.length else 0)
    return struct.pack("<HHI", info, kind, member.offset)


def _template_attributes(template: StructType) -> dict[int, bytes]:
    words = len(build_definition(template)) // 4 + 5
    return {
        1: struct.pack("<H", template.handle),
        2: struct.pack("<H", len(template.members)),
        3: struct.pack("<H", template.template_id),
        4: struct.pack("<I", words),
        5: struct.pack("<I", template.size),
    }


def _read_definition(template: StructType, request: CipRequest) -> CipReply:
    if len(request.data) < 6:
        raise CipRefusedError(Status.NOT_ENOUGH_DATA)
    offset, size = struct.unpack_from("<IH", request.data)
    asked = build_definition(template)[offset : offset + size]
    if len(asked) <= request.max_reply:
        return CipReply(data=asked)
    fitting = request.max_reply // 4 * 4
    if not fitting:
        raise CipRefusedError(Status.REPLY_TOO_LARGE)
    return CipReply(Status.PARTIAL, asked[:fitting])


def _attribute_or_none(attribute: Callable[[int], bytes], number: int) -> bytes | None:
    try:
        return attribute(number)
    except CipRefusedError:
        return None
