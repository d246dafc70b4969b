"""Where a value is in a controller: the way to it, its bytes, and how they are meant. Pure."""

from dataclasses import dataclass

from drivers.logix import epath
from engine.model import TypeSpec


@dataclass(frozen=True, slots=True)
class Place:
    """Something on the way to a value that can be read by itself.

    ``path`` leads to it (to the array, where ``dims`` are given); ``prefix`` is how a reply names its type;
    ``offset`` is that of the wanted element from the start of the tag, ``size`` that of one element.
    ``first`` is the wanted element, counted through row by row. ``is_structure``: it has members.
    """

    path: bytes
    prefix: bytes
    offset: int
    size: int
    dims: tuple[int, ...] = ()
    first: int = 0
    is_structure: bool = False

    @property
    def element_path(self) -> bytes:
        """Where the wanted element is."""
        return self.path_to(self.first)

    def path_to(self, element: int) -> bytes:
        return self.path + epath.elements(epath.unflatten(element, self.dims)) if self.dims else self.path


@dataclass(frozen=True, slots=True)
class Point:
    """A value in the controller; ``index`` is its tag's position in a scan.

    ``trail`` leads from the tag to what is read for the value alone: the last place, ``count`` elements
    of it. ``offset`` is the value's first byte from the start of the tag and ``size`` its bytes.
    ``bit`` is the first bit of a BOOL in these bytes. ``is_bool``: read alone it is a byte of its own,
    where inside of a structure it is a bit. ``chars``: room of a string, ``variable``: a SHORT_STRING.
    ``code`` is its elementary type, 0 for a string structure.
    """

    index: int
    spec: TypeSpec
    trail: tuple[Place, ...]
    count: int
    offset: int
    size: int
    code: int
    bit: int = 0
    is_bool: bool = False
    chars: int = 0
    variable: bool = False

    @property
    def leaf(self) -> Place:
        return self.trail[-1]
