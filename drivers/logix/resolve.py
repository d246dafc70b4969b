"""From an address and the controller's definitions to a value's place: its path, bytes and type. Pure.

An address that does not fit what the controller has is an ``AddressError`` that names both.
"""

from collections.abc import Callable
from math import prod

from drivers.base import AddressError
from drivers.logix import epath, types
from drivers.logix.address import Address, Part, format_address
from drivers.logix.agreement import check_type
from drivers.logix.place import Place, Point
from drivers.logix.symbols import (
    BIT_ARRAY,
    BOOL,
    NAMES,
    SHORT_STRING,
    SIZES,
    Member,
    Symbol,
    Template,
    type_text,
)
from engine.model import DataType, TypeSpec

Find = Callable[[str, str], Symbol | None]
"""A tag by the names of its program and its own."""


def resolve(
    index: int,
    address: Address,
    spec: TypeSpec,
    find: Find,
    *,
    by_instance: bool,
    bit_arrays: bool = True,
) -> Point:
    """The point at an address. ``by_instance``: tags of the controller go by number instead of name."""
    symbol = find(address.program, address.tag.name)
    if symbol is None:
        scope = f"program {address.program}" if address.program else "the controller"
        raise AddressError(f"{scope} has no tag {address.tag.name}")
    walk = _Walk(address, spec, symbol, by_instance=by_instance, bit_arrays=bit_arrays)
    for part in address.parts[1:]:
        walk.enter(part)
    return walk.arrive(index)


class _Walk:
    """One step after the other down from the tag; ``code`` and ``template`` are where it stands."""

    def __init__(
        self, address: Address, spec: TypeSpec, symbol: Symbol, *, by_instance: bool, bit_arrays: bool
    ) -> None:
        self._text = format_address(address)
        self._address, self._spec, self._bit_arrays = address, spec, bit_arrays
        self._trail: list[Place] = []
        if symbol.is_structure and symbol.template is None:
            raise AddressError(f"{self._text}: the controller does not tell how {symbol.name} is made up")
        if symbol.program:
            path = epath.named(f"Program:{symbol.program}") + epath.named(symbol.name)
        else:
            path = epath.symbol_instance(symbol.instance) if by_instance else epath.named(symbol.name)
        self._member: Member | None = None
        self._stand(address.tag, path, 0, symbol.code, symbol.template, symbol.dims)

    def enter(self, part: Part) -> None:
        """Go on to a member."""
        if self._template is None or (self._template.chars and part.name.upper() not in ("LEN", "DATA")):
            raise AddressError(f"{self._text}: type {self._type_text()} has no member {part.name}")
        self._need_element()
        member = self._template.by_name.get(part.name.lower())
        if member is None or member.hidden:
            raise AddressError(f"{self._text}: {self._template.name} has no member {part.name}")
        if not member.code and member.template is None:
            raise AddressError(f"{self._text}: the controller does not tell how {part.name} is made up")
        place = self._trail[-1]
        path = place.element_path + epath.named(member.name)
        self._member = member
        self._stand(part, path, place.offset + member.offset, member.code, member.template, member.dims)

    def arrive(self, index: int) -> Point:
        """The value where the walk has come to."""
        spec, length = self._spec, max(self._spec.length, 1)
        complaint = check_type(self._address, spec)
        if complaint:
            raise AddressError(complaint)
        if self._address.bit is not None:
            return self._bit_of_integer(index, self._address.bit)
        if self._is_bit_array:
            return self._bits(index, length)
        if self._dims and not spec.length:
            self._need_element()
        self._check_type()
        self._check_room(length)
        place = self._trail[-1]
        if spec.base is DataType.STRING and self._template is not None:
            chars = self._template.chars
            return self._point(index, length, length * place.size, chars=chars)
        if self._code == SHORT_STRING:
            return self._point(index, 1, 1 + spec.chars, variable=True)
        if self._code == BOOL:
            bit = self._member.bit if self._member is not None else 0
            return self._point(index, length, length, bit=bit, is_bool=True)
        return self._point(index, length, length * place.size)

    @property
    def _is_bit_array(self) -> bool:
        return self._bit_arrays and self._code == BIT_ARRAY and bool(self._dims)

    def _stand(
        self,
        part: Part,
        path: bytes,
        offset: int,
        code: int,
        template: Template | None,
        dims: tuple[int, ...],
    ) -> None:
        self._code, self._template, self._dims = code, template, dims
        self._has_index, self._first = bool(part.index), 0
        self._part = part
        if template is not None:
            prefix = epath.STRUCTURE + template.handle.to_bytes(2, "little")
            size = template.size
        else:
            prefix, size = code.to_bytes(2, "little"), SIZES.get(code, 1)
        first = self._position(part)
        self._bit = first % 32 if self._is_bit_array else 0
        element = first // 32 if self._is_bit_array else first
        self._first = element
        is_structure = template is not None
        self._trail.append(Place(path, prefix, offset + element * size, size, dims, element, is_structure))

    def _position(self, part: Part) -> int:
        """The element that an index means, counted through."""
        if not part.index:
            return 0
        dims = (self._dims[0] * 32,) if self._is_bit_array else self._dims
        if not dims:
            raise AddressError(f"{self._text}: {part.name} is of type {self._type_text()}, not an array")
        if len(part.index) != len(dims):
            raise AddressError(
                f"{self._text}: {part.name} is of type {self._type_text()}: {len(dims)} indices needed"
            )
        position = 0
        for number, length in zip(part.index, dims, strict=True):
            if number >= length:
                raise AddressError(
                    f"{self._text}: {part.name} is of type {self._type_text()}: no element {number}"
                )
            position = position * length + number
        return position

    def _need_element(self) -> None:
        if self._dims and not self._has_index:
            index = ",".join("0" * len(self._dims))
            raise AddressError(
                f"{self._text}: {self._part.name} is of type {self._type_text()}; "
                f"name an element, as in {self._part.name}[{index}]"
            )

    def _check_type(self) -> None:
        if self._template is not None:
            if self._spec.base is DataType.STRING and self._template.chars:
                return
            if not self._template.chars:
                raise AddressError(
                    f"{self._text} is a structure {self._template.name}; choose one of its members"
                )
        elif types.fits(self._spec.base, self._code):
            return
        raise self._mismatch()

    def _check_room(self, length: int) -> None:
        if self._spec.length and not self._dims:
            raise self._mismatch()
        room = prod(self._dims) - self._first if self._dims else 1
        if length > room:
            raise self._too_long(room)

    def _bit_of_integer(self, index: int, bit: int) -> Point:
        size = SIZES.get(self._code, 0)
        if self._template is not None or self._code not in _INTEGERS:
            raise AddressError(f"{self._text}: type {self._type_text()} has no bits")
        if bit >= 8 * size:
            raise AddressError(f"{self._text}: type {NAMES[self._code]} has bits 0 to {8 * size - 1}")
        if self._is_bit_array:
            raise AddressError(
                f"{self._text}: {self._part.name} is of type {self._type_text()}; name an element"
            )
        self._need_element()
        return self._point(index, 1, 1, bit=bit)

    def _bits(self, index: int, length: int) -> Point:
        if self._spec.base is not DataType.BOOL:
            raise self._mismatch()
        if not self._spec.length:
            self._need_element()
        room = (self._dims[0] - self._first) * 32 - self._bit
        if length > room:
            raise self._too_long(room)
        words = (self._bit + length + 31) // 32
        return self._point(index, words, 4 * words, bit=self._bit)

    def _point(
        self,
        index: int,
        count: int,
        size: int,
        *,
        bit: int = 0,
        is_bool: bool = False,
        chars: int = 0,
        variable: bool = False,
    ) -> Point:
        offset = self._trail[-1].offset
        if self._spec.base is DataType.BOOL and not is_bool:
            # The bytes that its bits are in, no more.
            offset, bit = offset + bit // 8, bit % 8
            size = (bit + max(self._spec.length, 1) + 7) // 8
        return Point(
            index,
            self._spec,
            tuple(self._trail),
            count,
            offset,
            size,
            self._code,
            bit,
            is_bool,
            chars,
            variable,
        )

    def _too_long(self, room: int) -> AddressError:
        """``room``: elements from the one that is named to the end of the array."""
        index = ",".join(str(number) for number in self._part.index)
        left = f": {room} element{'' if room == 1 else 's'} from [{index}] on" if index else ""
        return AddressError(
            f"{self._text}: the data type here is {self._spec}, the controller has {self._type_text()}{left}"
        )

    def _mismatch(self) -> AddressError:
        return AddressError(
            f"{self._text} is of type {self._type_text()} in the controller, "
            f"the data type here is {self._spec}"
        )

    def _type_text(self) -> str:
        return type_text(self._code, self._template, self._dims, bit_arrays=self._bit_arrays)


_INTEGERS = frozenset({0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xD1, 0xD2, 0xD3, 0xD4})
