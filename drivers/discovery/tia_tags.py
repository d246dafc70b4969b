"""PLC tags with absolute addresses: one line of a tag table or of a symbol table as a node."""

from drivers.base import AddressError
from drivers.discovery.comment_unit import split_unit
from drivers.discovery.tia_declarations import parse_declared
from drivers.discovery.tia_types import ArrayOf, Declared, Simple
from drivers.s7.address import Area, check_type, format_address, parse_address
from engine.discovery import BrowseNode, DiscoveryError
from engine.model import TypeSpec


def tag_node(name: str, type_text: str, address: str, comment: str, *, writable: bool = True) -> BrowseNode:
    """A tag with its address in the driver's own form, or with the reason why it cannot be read."""
    description, unit = split_unit(comment)
    node = BrowseNode(name, "", None, type_text, description, False, "", unit)
    declared = _declared(type_text)
    spec = _spec(declared)
    if spec is None:
        return _refused(node, _why_unreadable(type_text, declared))
    if address.strip().upper().endswith(":P"):
        return _refused(node, f"{address} is the module itself; read the process image instead")
    try:
        place = parse_address(address)
    except AddressError:
        return _refused(node, f"{address or 'no address'} is nothing that can be read as {type_text}")
    if spec.base.value == "BOOL" and place.bit is None and not place.hint:
        return _refused(node, f"{address} is no bit, as {type_text} needs")
    refusal = check_type(place, spec)
    if refusal:
        return _refused(node, refusal)
    writable = writable and place.area is not Area.INPUT
    return BrowseNode(name, format_address(place), spec, type_text, description, writable, "", unit)


def _declared(type_text: str) -> Declared | None:
    try:
        return parse_declared(type_text, "data type")
    except DiscoveryError:
        return None


def _spec(declared: Declared | None) -> TypeSpec | None:
    """The engine's word for it: an elementary type or an array of one dimension."""
    length = 0
    if isinstance(declared, ArrayOf) and len(declared.bounds) == 1 and declared.count <= _MAX_LENGTH:
        length, declared = declared.count, declared.element
    if not isinstance(declared, Simple) or declared.kind.base is None:
        return None
    chars = declared.chars if declared.name in ("STRING", "WSTRING") else 254
    return TypeSpec(declared.kind.base, length, chars)


_MAX_LENGTH = 10_000


def _why_unreadable(type_text: str, declared: Declared | None) -> str:
    if isinstance(declared, Simple) and declared.kind.reason:
        return declared.kind.reason
    return f"{type_text or 'nothing'} is no elementary type; only those can be read here"


def _refused(node: BrowseNode, reason: str) -> BrowseNode:
    return BrowseNode(node.name, "", None, node.type_text, node.description, False, reason, node.unit)
