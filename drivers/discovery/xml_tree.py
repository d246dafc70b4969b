"""XML files of engineering tools as element trees, without anything that XML can do to its reader."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

from engine.discovery import DiscoveryError, Progress

MAX_BYTES = 96 * 1024 * 1024
_CHUNK = 256 * 1024
_MAX_DEPTH = 200
_MAX_ELEMENTS = 5_000_000


def parse_xml(data: bytes, source: str, progress: Progress) -> Element:
    """The root element; names come without their namespaces. Raises ``DiscoveryError``.

    A document type, and with it every entity, is refused: no tool writes one.
    """
    builder = _Builder(source)
    parser = ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        for begin in range(0, len(data), _CHUNK):
            parser.Parse(data[begin : begin + _CHUNK], False)
            progress(begin, len(data), f"Reading {source}")
        parser.Parse(b"", True)
    except ExpatError as error:
        raise DiscoveryError(
            f"{source}, line {error.lineno}: expected XML, found something else ({error}). Export it again."
        ) from error
    except (LookupError, ValueError) as error:
        raise DiscoveryError(f"{source}: its XML is in an encoding that cannot be read ({error}).") from error
    return builder.root()


def text_of(element: Element, path: str) -> str:
    """The text of the first element at this path without white space around it, or an empty text."""
    return (element.findtext(path) or "").strip()


class _Builder:
    def __init__(self, source: str) -> None:
        self._source = source
        self._builder = TreeBuilder()
        self._depth = 0
        self._count = 0

    def root(self) -> Element:
        return self._builder.close()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _MAX_DEPTH or self._count > _MAX_ELEMENTS:
            raise DiscoveryError(f"{self._source} is too large or too deep to be an export of tags.")
        self._builder.start(_local(name), {_local(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(_local(name))

    def text(self, text: str) -> None:
        self._builder.data(text)

    def refuse(self, *_declaration: object) -> None:
        raise DiscoveryError(f"{self._source} has a document type (DTD): that is not an export of tags.")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
