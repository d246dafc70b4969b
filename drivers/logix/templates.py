"""Structure definitions as a controller tells them, taken apart. Pure."""

import struct
from collections.abc import Callable
from typing import NamedTuple

from drivers.logix.symbols import BOOL, DINT, SINT, Member, Template

_ATTRIBUTES = {4: "<I", 5: "<I", 2: "<H", 1: "<H"}
_MEMBER = struct.Struct("<HHI")
_STRUCTURE = 0x8000
_TEMPLATE_ID = 0x0FFF
_USER_DEFINED = range(0x100, 0xF00)
_HIDDEN = ("ZZZZZZZZZZ", "__")
_MOST_WORDS = 0x40000
_CONTROL_WORDS = frozenset({"CTL", "Control"})


class TemplateInfo(NamedTuple):
    """The sizes of a definition: ``words`` of four bytes, ``size`` of the structure in bytes."""

    words: int
    size: int
    members: int
    handle: int

    @property
    def definition_size(self) -> int:
        """Bytes that can be read of the definition: the words count a header that is not told."""
        return max(self.words * 4 - 21, 0)


def info_request() -> bytes:
    """The data of a Get_Attribute_List of a template."""
    return struct.pack(f"<{len(_ATTRIBUTES) + 1}H", len(_ATTRIBUTES), *_ATTRIBUTES)


def parse_info(data: bytes) -> TemplateInfo:
    """From the answer to it. Raises ``ValueError``."""
    values: dict[int, int] = {}
    try:
        position = 2
        for _ in range(int.from_bytes(data[:2], "little")):
            attribute, status = struct.unpack_from("<HH", data, position)
            if status or attribute not in _ATTRIBUTES:
                raise ValueError("a structure without sizes")
            form = _ATTRIBUTES[attribute]
            (values[attribute],) = struct.unpack_from(form, data, position + 4)
            position += 4 + struct.calcsize(form)
        info = TemplateInfo(values[4], values[5], values[2], values[1])
    except (struct.error, KeyError):
        raise ValueError("a structure without sizes") from None
    if info.words > _MOST_WORDS:
        raise ValueError("a structure that is larger than any")
    return info


def parse_template(
    number: int, info: TemplateInfo, data: bytes, nested: Callable[[int], Template | None]
) -> Template:
    """The structure with this id; ``nested`` gives those inside of it. Raises ``ValueError``."""
    start = info.members * _MEMBER.size
    if len(data) < start:
        raise ValueError("a structure whose definition is cut off")
    title, *names = data[start:].split(b"\0")
    name = title.decode("latin-1").split(";")[0]
    predefined = number not in _USER_DEFINED
    members = []
    for n in range(info.members):
        raw = names[n] if n < len(names) else b""
        members.append(_member(raw.decode("latin-1"), data[n * 8 : n * 8 + 8], predefined, nested))
    if any(member.offset >= max(info.size, 1) for member in members):
        raise ValueError("a structure whose members lie outside of it")
    known = tuple(members)
    return Template(
        number, "STRING" if name == "ASCIISTRING82" else name, info.handle, info.size, known, _chars(known)
    )


def _member(name: str, raw: bytes, predefined: bool, nested: Callable[[int], Template | None]) -> Member:
    info, kind, offset = _MEMBER.unpack(raw)
    hidden = not name or name.startswith(_HIDDEN) or (predefined and name in _CONTROL_WORDS)
    if kind & _STRUCTURE:
        return Member(name, 0, nested(kind & _TEMPLATE_ID), info, offset, hidden=hidden)
    code = kind & 0xFF
    if code == BOOL:
        return Member(name, code, None, 0, offset + info // 8, info % 8, hidden)
    return Member(name, code, None, info, offset, hidden=hidden)


def _chars(members: tuple[Member, ...]) -> int:
    """How many characters fit, if these are the members of a string; 0 if they are not."""
    if [member.name for member in members] != ["LEN", "DATA"]:
        return 0
    length, data = members
    if length.code != DINT or length.dims or length.offset or data.code != SINT or data.offset != 4:
        return 0
    return data.length
