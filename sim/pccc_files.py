"""Data files of SLC-500, MicroLogix and PLC-5 controllers: types, sizes, memory as it goes over the wire."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

WORD = 2
STRING_CHARACTERS = 82
_HIGHEST_FILE = 999


class FileType(Enum):
    """A type of data file: its letter, its code in SLC commands, the words of one element."""

    OUTPUT = ("O", 0x82, 1)
    INPUT = ("I", 0x83, 1)
    STATUS = ("S", 0x84, 1)
    BIT = ("B", 0x85, 1)
    TIMER = ("T", 0x86, 3)
    COUNTER = ("C", 0x87, 3)
    CONTROL = ("R", 0x88, 3)
    INTEGER = ("N", 0x89, 1)
    FLOAT = ("F", 0x8A, 2)
    STRING = ("ST", 0x8D, 42)
    ASCII = ("A", 0x8E, 1)
    LONG = ("L", 0x91, 2)

    def __init__(self, letter: str, code: int, words: int) -> None:
        self.letter = letter
        self.code = code
        self.words = words

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return WORD * self.words


@dataclass(frozen=True, slots=True)
class DataFile:
    """One data file, its memory shared live; where it is not ``writable``, clients cannot change it."""

    type: FileType
    number: int
    memory: bytearray
    writable: bool = True

    @property
    def name(self) -> str:
        """Such as ``N7``; output, input and status files go without their number."""
        plain = self.type in (FileType.OUTPUT, FileType.INPUT, FileType.STATUS)
        return self.type.letter if plain else f"{self.type.letter}{self.number}"

    @property
    def elements(self) -> int:
        return len(self.memory) // self.type.size


class DataFiles:
    """All data files of a controller, by number."""

    def __init__(self) -> None:
        self._files: dict[int, DataFile] = {}

    def add(self, file_type: FileType, number: int, elements: int, *, writable: bool = True) -> DataFile:
        """Create a data file of so many elements, all zero; one of that number is replaced."""
        if not 0 <= number <= _HIGHEST_FILE or elements < 1:
            raise ValueError(f"{file_type.letter}{number} with {elements} elements is not a data file")
        file = DataFile(file_type, number, bytearray(elements * file_type.size), writable)
        self._files[number] = file
        return file

    def get(self, number: int) -> DataFile | None:
        return self._files.get(number)

    def __getitem__(self, number: int) -> DataFile:
        return self._files[number]

    def __iter__(self) -> Iterator[DataFile]:
        """In the order of their numbers."""
        return iter([self._files[number] for number in sorted(self._files)])

    def __len__(self) -> int:
        return len(self._files)


def to_words(values: Sequence[int]) -> bytes:
    """Integers of 16 bits; what is out of range keeps its low word, as a controller's move does."""
    return struct.pack(f"<{len(values)}H", *[value & 0xFFFF for value in values])


def from_words(data: bytes | bytearray) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // WORD}h", data)


def to_floats(values: Sequence[float], *, high_word_first: bool) -> bytes:
    """Floats as they lie in an F file. In a PLC-5 the high word comes first, each word low byte first."""
    data = struct.pack(f"<{len(values)}f", *values)
    return _swap_word_pairs(data) if high_word_first else data


def from_floats(data: bytes | bytearray, *, high_word_first: bool) -> tuple[float, ...]:
    plain = _swap_word_pairs(bytes(data)) if high_word_first else bytes(data)
    return struct.unpack(f"<{len(plain) // 4}f", plain)


def to_string(text: str) -> bytes:
    """One element of an ST file: length, then 82 characters with the bytes of each word swapped."""
    characters = text.encode("latin-1", "replace")[:STRING_CHARACTERS]
    return struct.pack("<H", len(characters)) + _swap_bytes(characters.ljust(STRING_CHARACTERS, b"\x00"))


def from_string(data: bytes | bytearray) -> str:
    """Read one element of an ST file; a length beyond what it can hold is taken as all of it."""
    length = int.from_bytes(data[:WORD], "little")
    return _swap_bytes(bytes(data[WORD:]))[:length].decode("latin-1")


def to_ascii(text: str) -> bytes:
    """Characters of an A file, two a word, swapped like those of a string."""
    characters = text.encode("latin-1", "replace")
    return _swap_bytes(characters.ljust(len(characters) + len(characters) % 2))


def _swap_bytes(data: bytes) -> bytes:
    swapped = bytearray(data)
    swapped[0::2], swapped[1::2] = data[1::2], data[0::2]
    return bytes(swapped)


def _swap_word_pairs(data: bytes) -> bytes:
    swapped = bytearray(data)
    swapped[0::4], swapped[1::4], swapped[2::4], swapped[3::4] = (
        data[2::4],
        data[3::4],
        data[0::4],
        data[1::4],
    )
    return bytes(swapped)
