"""Tags and structures as the controller itself tells them, over a session.

pycomm3 can upload them too, but only in its own session, in one go and without progress; its result is a tree
of dictionaries with a generated class for each structure, and it gives up on the whole controller for one
structure that cannot be read. The decoding here is our own (``drivers.logix.templates``).
"""

import struct
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from drivers.base import ConnectError, DriverError
from drivers.cip.families import LOGIX_FAMILIES, allen_bradley_family
from drivers.cip.frames import CipReply, FrameError
from drivers.cip.identity import CipIdentity
from drivers.cip.session import CipSession
from drivers.cip.status import GENERAL, PARTIAL, PASSING, PATH_UNKNOWN, PROGRAM_LOADING, SUCCESS, describe
from drivers.logix import epath, templates
from drivers.logix.symbols import Symbol, SymbolAccess, SymbolTable, Template

Progress = Callable[[int, int | None, str], None]
"""``progress(done, total or None, text)``; may raise to cancel."""


class Definitions:
    """What is known of a controller's tags; asks only for what somebody wants to know, and once.

    Raises ``DriverError`` where the session fails.
    """

    def __init__(self, session: CipSession, identity: CipIdentity) -> None:
        self._session = session
        self.bit_arrays = not identity.is_micro800
        self._tells_access = identity.major >= _ACCESS_SINCE
        self._other_family = _other_family(identity.product_name)
        self._scopes: dict[str, dict[str, Symbol]] = {}
        self._templates: dict[int, Template | None] = {}
        self._programs: tuple[str, ...] = ()
        self._passing = 0

    @property
    def is_partial(self) -> bool:
        """Whether the controller once did not tell something that it may tell at another time."""
        return self._passing > 0

    def find(self, program: str, name: str) -> Symbol | None:
        """A tag by name, whatever its case, with its structure."""
        scope = self._scope(program, _quiet)
        symbol = scope.get(name.lower())
        if symbol is not None and symbol.is_structure and symbol.template is None:
            symbol = replace(symbol, template=self._template(symbol.template_id))
            if symbol.template_id in self._templates:
                scope[name.lower()] = symbol
        return symbol

    def everything(self, progress: Progress) -> SymbolTable:
        """All tags of the controller and its programs, with all structures."""
        symbols = list(self._scope("", progress).values())
        for program in self._programs:
            symbols += self._scope(program, progress).values()
        wanted = sorted({symbol.template_id for symbol in symbols if symbol.is_structure})
        found: dict[int, Template | None] = {}
        for done, number in enumerate(wanted):
            progress(done, len(wanted), "Reading data types")
            found[number] = self._template(number)
        complete = (
            replace(symbol, template=found[symbol.template_id]) if symbol.is_structure else symbol
            for symbol in symbols
        )
        return SymbolTable(complete, self._programs, bit_arrays=self.bit_arrays)

    def _scope(self, program: str, progress: Progress) -> dict[str, Symbol]:
        known = self._scopes.get(program.lower())
        if known is not None:
            return known
        symbols, programs = self._list(program, progress)
        if not program:
            self._programs = programs
        scope = {symbol.name.lower(): symbol for symbol in symbols}
        self._scopes[program.lower()] = scope
        return scope

    def _list(self, program: str, progress: Progress) -> tuple[list[Symbol], tuple[str, ...]]:
        prefix = epath.named(f"Program:{program}") if program else b""
        symbols: list[Symbol] = []
        programs: list[str] = []
        start = 0
        where = f"program {program}" if program else "the controller"
        while True:
            progress(len(symbols), None, f"Reading the tags of {where}")
            status, data = self._page(prefix, start)
            if status == PATH_UNKNOWN and program:
                return [], ()
            last = _take_page(data, program, symbols, programs, self._tells_access)
            if last is None or (status == PARTIAL and last < start):
                raise self._nonsense("a list of tags that cannot be read")
            if status == SUCCESS:
                return symbols, tuple(programs)
            start = last + 1

    def _page(self, prefix: bytes, start: int) -> tuple[int, bytes]:
        path = prefix + epath.symbol_instance(start)
        reply = self._session.request(_GET_INSTANCES, path, _attributes(self._tells_access))
        if reply.status in _ATTRIBUTE_REFUSED and self._tells_access:
            self._tells_access = False
            reply = self._session.request(_GET_INSTANCES, path, _attributes(False))
        if reply.status not in (SUCCESS, PARTIAL) and not (prefix and reply.status == PATH_UNKNOWN):
            self._session.close()
            reason = describe(reply.status, reply.extended) + self._other_family
            raise ConnectError(f"the controller does not tell its tags: {reason}")
        return reply.status, reply.data

    def _template(self, number: int) -> Template | None:
        """A structure, None where the controller does not tell it."""
        if number in self._templates:
            return self._templates[number]
        # A structure cannot contain itself; one that says so is left out.
        self._templates[number] = None
        before = self._passing
        template = self._templates[number] = self._read_template(number)
        if self._passing != before:
            # It, or a structure within it, may be told the next time.
            del self._templates[number]
        return template

    def _read_template(self, number: int) -> Template | None:
        path = _TEMPLATE_CLASS + struct.pack("<HH", 0x25, number)
        reply = self._session.request(_GET_ATTRIBUTES, path, templates.info_request())
        if reply.status:
            self._passing += _is_passing(reply)
            return None
        try:
            info = templates.parse_info(reply.data)
            data = self._read_definition(path, info.definition_size)
            return None if data is None else templates.parse_template(number, info, data, self._template)
        except ValueError:
            return None

    def _read_definition(self, path: bytes, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            wanted = struct.pack("<IH", len(data), min(size - len(data), 0xFFFF))
            reply = self._session.request(epath.READ, path, wanted)
            if reply.status not in (SUCCESS, PARTIAL):
                self._passing += _is_passing(reply)
                return None
            data += reply.data
            if reply.status == SUCCESS or not reply.data:
                break
        return data

    def _nonsense(self, what: str) -> DriverError:
        return self._session.give_up(FrameError(what))


def upload(session: CipSession, identity: CipIdentity, progress: Progress) -> SymbolTable:
    """Everything the controller tells of its tags. What ``progress`` raises ends it; the session lives on.

    Raises ``DriverError``. A structure that the controller does not tell is None at its tags.
    """
    return Definitions(session, identity).everything(progress)


def _other_family(product: str) -> str:
    """What is of another family cannot tell its tags this way: the reason says what it is."""
    family = allen_bradley_family(product)
    if family in ("", *LOGIX_FAMILIES):
        return ""
    return f"; check the family: it says that it is {product}, which is {family}, no Logix controller"


_GET_INSTANCES = 0x55
_GET_ATTRIBUTES = 0x03
_TEMPLATE_CLASS = bytes.fromhex("206c")
_ACCESS_SINCE = 18
_ATTRIBUTE_REFUSED = frozenset({0x09, 0x0A, 0x14})
_FIXED = {True: struct.Struct("<HIIIIB"), False: struct.Struct("<HIIII")}
_SYSTEM = 0x1000
_STRUCTURE = 0x8000
_BASE_TAG = 1 << 26
_MODULE_PARTS = frozenset({"I", "O", "C", "S", "I1", "O1", "I2", "O2", "SI", "SO"})


def _is_passing(reply: CipReply) -> bool:
    """Refused for the moment: short of resources, in another state, or a program is being loaded."""
    loading = reply.status == GENERAL and reply.extended[:1] == (PROGRAM_LOADING,)
    return reply.status in PASSING or loading


def _quiet(_done: int, _total: int | None, _text: str) -> None:
    return


def _attributes(with_access: bool) -> bytes:
    """Name, type, kind of symbol, dimensions, and external access."""
    wanted = (1, 2, 6, 8, 10) if with_access else (1, 2, 6, 8)
    return struct.pack(f"<{len(wanted) + 1}H", len(wanted), *wanted)


def _take_page(
    data: bytes, program: str, symbols: list[Symbol], programs: list[str], with_access: bool
) -> int | None:
    """Add the symbols of one answer; the last instance in it, None if it cannot be read."""
    fixed, position, instance = _FIXED[with_access], 0, -1
    try:
        while position < len(data):
            instance, length = _RECORD.unpack_from(data, position)
            position += _RECORD.size
            name = data[position : position + length].decode("latin-1")
            position += length
            kind, control, *rest = fixed.unpack_from(data, position)
            position += fixed.size
            if name.startswith("Program:"):
                programs.append(name.removeprefix("Program:"))
            elif not kind & _SYSTEM and _is_for_people(name):
                access = rest[3] if with_access else SymbolAccess.READ_WRITE
                symbols.append(_symbol(name, program, instance, kind, control, rest[:3], access))
    except struct.error:
        return None
    return instance


_RECORD = struct.Struct("<IH")


def _is_for_people(name: str) -> bool:
    """Tags of programs and of modules; not what the controller keeps for itself."""
    if name.startswith("__"):
        return False
    return ":" not in name or name.rsplit(":", 1)[1] in _MODULE_PARTS


def _symbol(
    name: str, program: str, instance: int, kind: int, control: int, dims: Iterable[int], access: int
) -> Symbol:
    structure = kind & _STRUCTURE
    return Symbol(
        name,
        program,
        instance,
        0 if structure else kind & 0xFF,
        kind & 0x0FFF if structure else 0,
        tuple(dims)[: kind >> 13 & 3],
        _access(access),
        not control & _BASE_TAG,
    )


def _access(code: int) -> SymbolAccess:
    known: Collection[int] = tuple(SymbolAccess)
    return SymbolAccess(code) if code in known else SymbolAccess.NONE
