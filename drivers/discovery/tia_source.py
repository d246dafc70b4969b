"""Sources generated from blocks: data blocks (``.db``), PLC data types (``.udt``) and SCL (``.scl``).

What is read: declarations of DATA_BLOCK, TYPE and FUNCTION_BLOCK as TIA Portal and STEP 7 V5 write
them. Start values and code are passed over.
"""

from dataclasses import dataclass

from drivers.discovery.tia_declarations import read_attributes, read_block_name, read_members, read_type
from drivers.discovery.tia_source_tokens import Tokens
from drivers.discovery.tia_types import DataBlock, Declared, Member, Simple, Structure
from engine.discovery import Progress


@dataclass(frozen=True, slots=True)
class Source:
    """What one file declares. ``types`` by upper-case name, function blocks among them."""

    blocks: tuple[DataBlock, ...]
    types: dict[str, Declared]


def parse_source(text: str, source: str, progress: Progress) -> Source:
    """Read the declarations; ``DiscoveryError`` names ``source``, the line and what was expected."""
    tokens = Tokens(text.replace("\r\n", "\n").replace("\r", "\n"), source, progress)
    blocks: list[DataBlock] = []
    types: dict[str, Declared] = {}
    while (token := tokens.take()).kind != "end":
        if token.is_word("DATA_BLOCK"):
            blocks.append(_data_block(tokens, token.line))
        elif token.is_word("TYPE"):
            name = read_block_name(tokens)
            types[name.upper()] = _declaration(tokens, _TYPE_END, name)[0]
        elif token.is_word("FUNCTION_BLOCK"):
            name = read_block_name(tokens)
            types[name.upper()] = _function_block(tokens, name)
        elif token.is_word("FUNCTION", "ORGANIZATION_BLOCK"):
            tokens.skip_behind(f"END_{token.text.upper()}")
    return Source(tuple(blocks), types)


_TYPE_END = ("END_TYPE",)
_BLOCK_END = ("END_DATA_BLOCK",)
_HEADER_LINES = ("TITLE", "AUTHOR", "FAMILY", "NAME")
_HEADER_WORDS = ("NON_RETAIN", "RETAIN", "READ_ONLY", "UNLINKED", "KNOW_HOW_PROTECT", "NETWORK")
_SECTIONS = ("VAR", "VAR_INPUT", "VAR_OUTPUT", "VAR_IN_OUT")
_SECTION_WORDS = ("RETAIN", "NON_RETAIN", "DB_SPECIFIC", "PUBLIC", "PRIVATE", "INTERNAL", "PROTECTED")
_LATER_SECTIONS = ("VAR_TEMP", "CONST", "LABEL")


def _data_block(tokens: Tokens, line: int) -> DataBlock:
    name = read_block_name(tokens)
    bare = tokens.peek(-1).kind != "quoted"
    number = int(name[2:]) if bare and name[:2].upper() == "DB" and name[2:].isdecimal() else None
    declared, attributes = _declaration(tokens, _BLOCK_END, "Struct")
    said = attributes.get("S7_OPTIMIZED_ACCESS", "").upper()
    return DataBlock(
        name, number, declared, said == "TRUE" if said else None, attributes.get("TITLE", ""), line
    )


def _declaration(tokens: Tokens, ends: tuple[str, ...], title: str) -> tuple[Declared, dict[str, str]]:
    """The header and the declaration of a data block or data type, up to its end."""
    attributes: dict[str, str] = {}
    declared: Declared | None = None
    members: list[Member] = []
    while not tokens.take_word(*ends):
        token = tokens.peek()
        if token.kind == "end":
            raise tokens.error(f"expected {ends[0]}")
        if token.is_word("BEGIN"):
            tokens.skip_behind(*ends)
            break
        if token.is_word("VAR"):
            members += _section(tokens)
        elif token.is_word("STRUCT"):
            tokens.take()
            declared = Structure(read_members(tokens, 0, "END_STRUCT"), title)
        elif not _header_item(tokens, attributes):
            declared = read_type(tokens, 0)
        tokens.take_sign(";")
    if declared is None:
        declared = Structure(tuple(members), title)
    return declared, attributes


def _header_item(tokens: Tokens, attributes: dict[str, str]) -> bool:
    """Take one item of a block's header, if there is one."""
    token = tokens.peek()
    if token.kind == "attributes":
        attributes |= read_attributes(tokens.take())
    elif token.is_word(*_HEADER_LINES) and tokens.peek(1).text in ("=", ":"):
        start = tokens.position
        tokens.skip_line()
        if token.is_word("TITLE"):
            words = (tokens.peek(index - tokens.position).name for index in range(start + 2, tokens.position))
            attributes["TITLE"] = " ".join(words)
    elif token.is_word("VERSION"):
        tokens.take()
        while tokens.peek().text in (":", ".") or tokens.peek().kind == "number":
            tokens.take()
    elif token.is_word(*_HEADER_WORDS):
        tokens.take()
    else:
        return False
    return True


def _function_block(tokens: Tokens, name: str) -> Structure:
    """The instance data of a function block: inputs, outputs, in/outs, then statics."""
    members: list[Member] = []
    header: dict[str, str] = {}
    while not tokens.take_word("END_FUNCTION_BLOCK"):
        token = tokens.peek()
        if token.kind == "end":
            raise tokens.error("expected END_FUNCTION_BLOCK")
        if token.is_word("BEGIN"):
            tokens.skip_behind("END_FUNCTION_BLOCK")
            break
        if token.is_word(*_SECTIONS):
            members += _section(tokens)
        elif token.is_word(*_LATER_SECTIONS):
            tokens.skip_behind("END_VAR", "END_CONST", "END_LABEL")
        elif not _header_item(tokens, header):
            tokens.take()
    return Structure(tuple(members), name)


def _section(tokens: Tokens) -> tuple[Member, ...]:
    """``VAR ... END_VAR``; of what is passed by VAR_IN_OUT and not elementary the block keeps a pointer."""
    opening = tokens.take()
    if tokens.peek().is_word("CONSTANT", "CONST"):
        tokens.skip_behind("END_VAR")
        return ()
    while tokens.take_word(*_SECTION_WORDS) or tokens.peek().kind == "attributes":
        if tokens.peek().kind == "attributes":
            tokens.take()
    members = read_members(tokens, 0, "END_VAR")
    if opening.is_word("VAR_IN_OUT"):
        members = tuple(_passed(member) for member in members)
    if not members:
        return ()
    first = members[0]
    opened = Member(first.name, first.type, first.comment, first.writable, section=True)
    return (opened, *members[1:])


def _passed(member: Member) -> Member:
    if isinstance(member.type, Simple) and member.type.kind.size <= 4:
        return member
    return Member(member.name, Simple("POINTER", member.type.text), member.comment, member.writable)
