"""Addresses of SLC-500, MicroLogix and PLC-5 data files as people write them.

``N7:0``, ``B3/17``, ``B3:1/1``, ``F8:12``, ``L9:0``, ``ST10:0``, ``A11:4``, ``S:1/5``, ``T4:0.ACC``,
``C5:0/DN``, ``R6:0.LEN``. Inputs and outputs are slot and word in an SLC or MicroLogix (``O:1.0``,
``I:0.2/3``, bits in decimal) and rack and group in a PLC-5 (``I:001/07``, all octal).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from drivers.base import AddressError
from drivers.pccc.family import Family
from engine.model import DataType, TypeSpec


class FileType(StrEnum):
    """Kinds of data files, by the letters of their addresses."""

    OUTPUT = "O"
    INPUT = "I"
    STATUS = "S"
    BIT = "B"
    TIMER = "T"
    COUNTER = "C"
    CONTROL = "R"
    INTEGER = "N"
    FLOAT = "F"
    LONG = "L"
    STRING = "ST"
    ASCII = "A"


IO_FILES = frozenset({FileType.OUTPUT, FileType.INPUT})
STRUCTURES = frozenset({FileType.TIMER, FileType.COUNTER, FileType.CONTROL})
"""Files whose elements are a control word and two numbers."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a value starts.

    ``element`` is the slot of an input or output of an SLC, its word in a PLC-5. ``word`` counts within
    the element: the word of a slot; 1 for PRE and LEN, 2 for ACC and POS, 0 for the control word that
    only its bits are addressed in; 1 for the upper bits of a long integer.
    """

    kind: FileType
    file: int
    element: int
    word: int = 0
    bit: int | None = None


def parse_address(text: str, family: Family) -> Address:
    """Read an address; ``AddressError`` says what was expected."""
    cleaned = re.sub(r"\s+", "", text).upper()
    flat = _BIT_OF_FILE.match(cleaned)
    if flat is not None:
        element, bit = _split(_bounded(text, "bit", int(flat["bit"]), 16 * _MAX_ELEMENT + 15))
        return Address(FileType.BIT, _file_number(text, FileType.BIT, flat["file"], family), element, 0, bit)
    match = _ADDRESS.match(cleaned)
    if match is None:
        raise AddressError(f"{text!r} is no {family} address; expected {_EXPECTED[family]}")
    kind = FileType(match["kind"])
    if kind is FileType.LONG and family is Family.PLC5:
        raise AddressError(f"{text!r}: a PLC-5 has no long integers; expected N, B, F, T, C, R, S, ST or A")
    file = _file_number(text, kind, match["file"], family)
    if kind in IO_FILES and family is Family.PLC5:
        return _octal(text, kind, file, match)
    element = _bounded(
        text, "element", int(match["element"]), _MAX_SLOT if kind in IO_FILES else _MAX_ELEMENT
    )
    if kind in STRUCTURES:
        return _member(text, kind, file, element, match)
    return _plain(text, kind, file, element, match)


def format_address(address: Address, family: Family) -> str:
    """The address in one canonical form; ``parse_address`` reads it back."""
    kind, bit = address.kind, address.bit
    if kind in IO_FILES and family is Family.PLC5:
        return f"{kind}:{address.element:03o}" + ("" if bit is None else f"/{bit:02o}")
    if kind in IO_FILES:
        return f"{kind}:{address.element}.{address.word}" + ("" if bit is None else f"/{bit}")
    start = "S:" if kind is FileType.STATUS else f"{kind}{address.file}:"
    if kind in STRUCTURES:
        return f"{start}{address.element}{_format_member(address)}"
    if bit is None:
        return f"{start}{address.element}"
    return f"{start}{address.element}/{16 * address.word + bit}"


def check_type(address: Address, spec: TypeSpec, family: Family) -> str:
    """Why this type cannot live at this address, or an empty text when it can."""
    where = format_address(address, family)
    if spec.base is DataType.BOOL:
        return _check_bool(address, spec, where)
    if address.bit is not None:
        return f"{where}: one bit is a BOOL, the data type is {spec}"
    expected = _TYPES.get(address.kind, _WORD_TYPES)
    if spec.base not in expected:
        return f"{where}: the data type is {spec}, expected {_listed(expected)}"
    if address.kind in STRUCTURES and spec.length:
        return f"{where}: the data type is {spec}, but a member of a {_NOUN[address.kind]} is one number"
    if spec.base is DataType.STRING:
        return _check_string(address, spec, where)
    return ""


STRING_CHARS = 82
"""Characters that an element of an ST file holds."""

ANY_LENGTH = 254
"""What ``TypeSpec.chars`` says where the plant file gave no length."""

CONTROL_BITS: dict[FileType, dict[str, int]] = {
    FileType.TIMER: {"EN": 15, "TT": 14, "DN": 13},
    FileType.COUNTER: {"CU": 15, "CD": 14, "DN": 13, "OV": 12, "UN": 11, "UA": 10},
    FileType.CONTROL: {"EN": 15, "EU": 14, "DN": 13, "EM": 12, "ER": 11, "UL": 10, "IN": 9, "FD": 8},
}
"""Names of the bits of a control word."""

MEMBERS: dict[FileType, dict[str, int]] = {
    FileType.TIMER: {"PRE": 1, "ACC": 2},
    FileType.COUNTER: {"PRE": 1, "ACC": 2},
    FileType.CONTROL: {"LEN": 1, "POS": 2},
}
"""Names of the words behind a control word."""

_SLC_FORMS = (
    "N7:0, N7:0/3, B3/17, B3:1/1, F8:0, L9:0, ST10:0, A11:0, S:1, T4:0.ACC, T4:0/DN, R6:0.LEN, "
    "I:0.2 or O:1.0/3"
)
_EXPECTED = {
    Family.SLC500: _SLC_FORMS,
    Family.MICROLOGIX: _SLC_FORMS,
    Family.PLC5: (
        "N7:0, N7:0/3, B3/17, B3:1/1, F8:0, ST10:0, A11:0, S:1, T4:0.ACC, T4:0/DN, R6:0.LEN, "
        "or, in octal, I:001, I:001/07 or O:012/17"
    ),
}
_ADDRESS = re.compile(
    r"^(?P<kind>ST|[NBFTCRSLAIO])(?P<file>\d{1,4})?:(?P<element>\d{1,6})"
    r"(?:\.(?P<member>\d{1,4}|[A-Z]{2,3}))?(?:/(?P<bit>\d{1,6}|[A-Z]{2}))?$"
)
_BIT_OF_FILE = re.compile(r"^B(?P<file>\d{1,4})?/(?P<bit>\d{1,7})$")
_DEFAULT_FILES = {
    FileType.OUTPUT: 0,
    FileType.INPUT: 1,
    FileType.STATUS: 2,
    FileType.BIT: 3,
    FileType.TIMER: 4,
    FileType.COUNTER: 5,
    FileType.CONTROL: 6,
    FileType.INTEGER: 7,
    FileType.FLOAT: 8,
}
_KIND_OF_FILE = {number: kind for kind, number in _DEFAULT_FILES.items()}
_FIXED_FILES = frozenset({FileType.OUTPUT, FileType.INPUT, FileType.STATUS})
_MAX_FILE = {Family.SLC500: 255, Family.MICROLOGIX: 255, Family.PLC5: 999}
_MAX_ELEMENT = 65535
_MAX_SLOT = 255
_MAX_SLOT_WORD = 255
_MAX_OCTAL = 0o377
_WORD_TYPES = frozenset({DataType.INT, DataType.UINT, DataType.WORD})
_TYPES = {
    FileType.FLOAT: frozenset({DataType.REAL}),
    FileType.LONG: frozenset({DataType.DINT, DataType.UDINT, DataType.DWORD}),
    FileType.STRING: frozenset({DataType.STRING}),
    FileType.ASCII: _WORD_TYPES | {DataType.STRING},
}
_WITHOUT_BITS = {FileType.FLOAT: "a floating-point number", FileType.STRING: "a string"}
_NOUN = {FileType.TIMER: "timer", FileType.COUNTER: "counter", FileType.CONTROL: "control structure"}


def _file_number(text: str, kind: FileType, digits: str | None, family: Family) -> int:
    default = _DEFAULT_FILES.get(kind)
    if digits is None:
        if default is None:
            raise AddressError(f"{text!r}: an {kind} file needs its number, as in {kind}10:0")
        return default
    number = int(digits)
    if kind in _FIXED_FILES and number != default:
        raise AddressError(f"{text!r}: the {kind} file has number {default}; expected {kind}:0 and so on")
    if kind not in _FIXED_FILES and not 3 <= number <= _MAX_FILE[family]:
        raise AddressError(f"{text!r}: there is no file {number}; expected 3 to {_MAX_FILE[family]}")
    usual = _KIND_OF_FILE.get(number)
    if family is Family.PLC5 and usual is not None and usual is not kind:
        # It is asked by number alone, and would answer with the bytes of the other type.
        raise AddressError(
            f"{text!r}: file {number} of a PLC-5 has the letter {usual}; expected {usual}{number}"
        )
    return number


def _octal(text: str, kind: FileType, file: int, match: re.Match[str]) -> Address:
    if match["member"] is not None:
        raise AddressError(f"{text!r}: a PLC-5 counts {kind} words by rack and group; expected {kind}:001/07")
    element = _bounded(text, "word", _from_octal(text, match["element"]), _MAX_OCTAL, "o")
    if match["bit"] is None:
        return Address(kind, file, element)
    return Address(kind, file, element, 0, _bounded(text, "bit", _from_octal(text, match["bit"]), 15, "o"))


def _from_octal(text: str, digits: str) -> int:
    if not digits.isdigit() or set(digits) & set("89"):
        raise AddressError(f"{text!r}: inputs and outputs of a PLC-5 are counted in octal; {digits} is not")
    return int(digits, 8)


def _member(text: str, kind: FileType, file: int, element: int, match: re.Match[str]) -> Address:
    """A word or a bit of a timer, counter or control structure; never its whole control word."""
    bits, words = CONTROL_BITS[kind], MEMBERS[kind]
    member, bit = match["member"], match["bit"]
    if member in bits and bit is None:
        return Address(kind, file, element, 0, bits[member])
    if member is None and bit in bits:
        return Address(kind, file, element, 0, bits[bit])
    if member is None and bit is not None and bit.isdigit():
        return Address(kind, file, element, 0, _bounded(text, "bit", int(bit), 15))
    if member in words and (bit is None or bit.isdigit()):
        number = None if bit is None else _bounded(text, "bit", int(bit), 15)
        return Address(kind, file, element, words[member], number)
    names = ", ".join((*words, *bits))
    raise AddressError(f"{text!r}: a {_NOUN[kind]} is addressed by its members; expected one of {names}")


def _plain(text: str, kind: FileType, file: int, element: int, match: re.Match[str]) -> Address:
    member, bit = match["member"], match["bit"]
    for name in (member, bit):
        if name is not None and not name.isdigit():
            raise AddressError(f"{text!r}: {name} is a member of timers, counters or control structures only")
    if member is not None and kind not in IO_FILES:
        raise AddressError(
            f"{text!r}: only inputs and outputs have a word behind a dot; expected / and a bit"
        )
    word = 0 if member is None else _bounded(text, "word", int(member), _MAX_SLOT_WORD)
    if bit is None:
        return Address(kind, file, element, word)
    if kind in _WITHOUT_BITS:
        raise AddressError(f"{text!r}: {_WITHOUT_BITS[kind]} has no bits")
    last = 15
    if kind is FileType.LONG:
        last = 31
    elif kind in IO_FILES and member is None:
        # Terminals of a module are numbered on over its words: I:0/20 is I:0.1/4.
        last = 16 * _MAX_SLOT_WORD + 15
    more, number = _split(_bounded(text, "bit", int(bit), last))
    return Address(kind, file, element, word + more, number)


def _split(bit: int) -> tuple[int, int]:
    """(word, bit in it): whole numbers, as a quotient in floating point puts B3/17 into the wrong bit."""
    return divmod(bit, 16)


def _bounded(text: str, what: str, number: int, last: int, base: str = "d") -> int:
    if number > last:
        raise AddressError(f"{text!r}: there is no {what} {number:{base}}; expected 0 to {last:{base}}")
    return number


def _format_member(address: Address) -> str:
    if address.word:
        name = next(name for name, word in MEMBERS[address.kind].items() if word == address.word)
        return f".{name}" if address.bit is None else f".{name}/{address.bit}"
    names = (name for name, bit in CONTROL_BITS[address.kind].items() if bit == address.bit)
    return f"/{next(names, address.bit)}"


def _check_bool(address: Address, spec: TypeSpec, where: str) -> str:
    if address.bit is None:
        if address.kind in _WITHOUT_BITS:
            return f"{where}: a BOOL is one bit, and {_WITHOUT_BITS[address.kind]} has none"
        return f"{where}: a BOOL needs its bit, as in {where}/0"
    if spec.length and address.kind in STRUCTURES | {FileType.LONG}:
        return f"{where}: the data type is {spec}; arrays of bits lie in N, B, S, A, I and O files"
    return ""


def _check_string(address: Address, spec: TypeSpec, where: str) -> str:
    if address.kind is FileType.STRING:
        if spec.chars in range(1, STRING_CHARS + 1) or spec.chars == ANY_LENGTH:
            return ""
        return f"{where}: the data type is {spec}, but a string here has {STRING_CHARS} characters at most"
    if spec.chars == ANY_LENGTH:
        return f"{where}: the file does not tell how long the text is; expected a length, as in STRING[20]"
    if spec.length:
        return f"{where}: the data type is {spec}; arrays of strings lie in ST files"
    return ""


def _listed(types: frozenset[DataType]) -> str:
    names = sorted(types)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
