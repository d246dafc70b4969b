"""TIA Portal XML (Openness, SimaticML): PLC tag tables, data blocks and data types."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

from drivers.discovery.tag_folders import Entry
from drivers.discovery.tia_blocks import browse_blocks
from drivers.discovery.tia_declarations import parse_declared
from drivers.discovery.tia_files import with_neighbour_types
from drivers.discovery.tia_source import Source
from drivers.discovery.tia_tables import browse_tags
from drivers.discovery.tia_tags import tag_node
from drivers.discovery.tia_types import ArrayOf, DataBlock, Declared, Member, Simple, Structure
from drivers.discovery.xml_tree import text_of
from engine.discovery import Browsed, DiscoveryError, Progress

BLOCKS = ("SW.Blocks.GlobalDB", "SW.Blocks.InstanceDB", "SW.Blocks.ArrayDB", "SW.Blocks.DB")
TABLE = "SW.Tags.PlcTagTable"


def browse_document(
    path: Path, root: Element, progress: Progress, db_numbers: Mapping[str, int] | None = None
) -> Browsed:
    """The blocks of the file, or else its tag tables. Raises ``DiscoveryError``."""
    blocks = tuple(_block(element, path.name) for tag in BLOCKS for element in root.iter(tag))
    if blocks:
        types: dict[str, Declared] = {
            text_of(element, "AttributeList/Name").upper(): _interface(element, path.name)
            for element in root.iter("SW.Types.PlcStruct")
        }
        known = with_neighbour_types(path, Source(blocks, types), progress)
        return browse_blocks(path.name, blocks, known, db_numbers)
    tables = list(root.iter(TABLE))
    if tables:
        return browse_tags(path.name, [entry for table in tables for entry in _table(table, len(tables))])
    raise DiscoveryError(
        f"{path.name}: expected a PLC tag table or a data block ({TABLE}, {BLOCKS[0]}), found "
        f"{_content(root)}. Export the tag table or the block from TIA Portal."
    )


def _table(table: Element, tables: int) -> Iterator[Entry]:
    folders = (text_of(table, "AttributeList/Name") or "PLC tags",) if tables > 1 else ()
    for tag in table.iter("SW.Tags.PlcTag"):
        attributes = tag.find("AttributeList")
        if attributes is None or not text_of(attributes, "Name"):
            continue
        type_text = text_of(attributes, "DataTypeName") or text_of(tag, "LinkList/DataType/Name")
        writable = text_of(attributes, "ExternalWritable").lower() != "false"
        address = text_of(attributes, "LogicalAddress")
        yield (
            folders,
            tag_node(text_of(attributes, "Name"), type_text, address, _comment(tag), writable=writable),
        )


def _comment(tag: Element) -> str:
    texts = {
        text_of(item, "AttributeList/Culture"): text_of(item, "AttributeList/Text")
        for item in tag.iter("MultilingualTextItem")
    }
    return _in_english(texts)


def _in_english(texts: Mapping[str, str]) -> str:
    """The English text, or the first one that there is."""
    return texts.get("en-US") or texts.get("en-GB") or next((text for text in texts.values() if text), "")


def _block(element: Element, source: str) -> DataBlock:
    attributes = element.find("AttributeList")
    name = text_of(element, "AttributeList/Name")
    if attributes is None or not name:
        raise DiscoveryError(f"{source}: expected the Name of a data block, found none. Export it again.")
    digits = text_of(attributes, "Number")
    number = (
        int(digits) if digits.isdecimal() and 1 <= len(digits) <= 5 and 1 <= int(digits) <= 65535 else None
    )
    layout = text_of(attributes, "MemoryLayout").lower()
    optimised = layout == "optimized" if layout else None
    declared: Declared = _interface(element, source)
    if text_of(attributes, "ArrayDataType"):
        declared = _array_block(attributes, source)
    return DataBlock(name, number, declared, optimised)


def _array_block(attributes: Element, source: str) -> Declared:
    limit = text_of(attributes, "ArrayLimit") or text_of(attributes, "ArrayLimitUpperBound") or "0"
    return _parse(f"Array[0..{limit}] of {text_of(attributes, 'ArrayDataType')}", source, "the array block")


def _interface(element: Element, source: str) -> Structure:
    sections = element.find("AttributeList/Interface/Sections")
    if sections is None:
        sections = element.find("Interface/Sections")
    if sections is None:
        raise DiscoveryError(f"{source}: expected an Interface with Sections, found none. Export it again.")
    return Structure(_in_sections(sections, source), text_of(element, "AttributeList/Name") or "Struct")


def _in_sections(sections: Element, source: str) -> tuple[Member, ...]:
    """Members one section after the other, as they lie in the block; what it does not keep is left out."""
    members: list[Member] = []
    for section in sections.findall("Section"):
        kind = section.get("Name", "")
        if kind in ("Temp", "Constant", "Return"):
            continue
        found = [_member(member, source) for member in section.findall("Member")]
        if kind == "InOut":
            found = [_passed(member) for member in found]
        if found:
            members += [replace(found[0], section=True), *found[1:]]
    return tuple(members)


def _passed(member: Member) -> Member:
    if isinstance(member.type, Simple) and member.type.kind.size <= 4:
        return member
    return replace(member, type=Simple("POINTER", member.type.text))


def _member(element: Element, source: str) -> Member:
    name = element.get("Name", "")
    texts = {
        text.get("Lang", ""): (text.text or "").strip()
        for text in element.findall("Comment/MultiLanguageText")
    }
    writable = not any(
        attribute.get("Name") == "ExternalWritable" and (attribute.text or "").strip().lower() == "false"
        for attribute in element.findall("AttributeList/BooleanAttribute")
    )
    return Member(name, _declared(element, name, source), _in_english(texts), writable)


def _declared(element: Element, name: str, source: str) -> Declared:
    """The type; members of structures and of data types stand below the member itself."""
    text = element.get("Datatype", "").strip()
    sections = element.find("Sections")
    nested = tuple(_member(member, source) for member in element.findall("Member"))
    if sections is not None:
        nested = _in_sections(sections, source)
    head, of, last = text.rpartition(" of ")
    if text.lower() != "struct" and last.lower() != "struct" and not nested:
        return _parse(text, source, name)
    if _is_system_type(last):
        return _parse(text, source, name)
    structure = Structure(nested, last)
    if not of:
        return structure
    array = _parse(f"{head} of Byte", source, name)
    return replace(array, element=structure) if isinstance(array, ArrayOf) else array


def _is_system_type(text: str) -> bool:
    """``IEC_TIMER`` or ``DTL`` show their parts too, but their layout is the system's own."""
    return re.fullmatch(r"\w+", text) is not None and text.lower() != "struct"


def _parse(text: str, source: str, name: str) -> Declared:
    try:
        return parse_declared(text, source)
    except DiscoveryError as error:
        raise DiscoveryError(f"{source}: the data type {text!r} of {name} cannot be read: {error}") from error


def _content(root: Element) -> str:
    kinds = [child.tag for child in root if child.tag.startswith(("SW.", "Hmi."))]
    return ", ".join(kinds[:3]) or f"<{root.tag}>"
