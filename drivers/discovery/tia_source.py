"""Sources generated from blocks: data blocks (``.db``), PLC data types (``.udt``) and SCL (``.scl``).

What is read: declarations of DATA_BLOCK, TYPE and FUNCTION_BLOCK as TIA Portal and STEP 7 V5 write
them. Start values and code are passed over.
"""

from dataclasses import dataclass

from drivers.discovery.tia_source_tokens import Token, Tokens
from drivers.discovery.tia_types import (
    MAX_ELEMENTS,
    ArrayOf,
    DataBlock,
    Declared,
    Member,
    Open,
    Reference,
    Simple,
    Structure,
    type_named,
)
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
            name = _block_name(tokens)
            types[name.upper()] = _declaration(tokens, _TYPE_END, name)[0]
        elif token.is_word("FUNCTION_BLOCK"):
            name = _block_name(tokens)
            types[name.upper()] = _function_block(tokens, name)
        elif token.is_word("FUNCTION", "ORGANIZATION_BLOCK"):
            tokens.skip_behind(f"END_{token.text.upper()}")
    return Source(tuple(blocks), types)


def parse_declared(text: str, source: str) -> Declared:
    """A data type alone, such as ``Array[0..9] of Real``; ``DiscoveryError`` if it is none."""
    tokens = Tokens(text, source, _unwatched)
    declared = _type(tokens, 0)
    if tokens.peek().kind != "end":
        raise tokens.error(f"expected nothing behind the data type {declared.text}")
    return declared


_TYPE_END = ("END_TYPE",)
_BLOCK_END = ("END_DATA_BLOCK",)
_NUMBERED = ("DB", "DI", "UDT", "FB", "SFB")
_HEADER_LINES = ("TITLE", "AUTHOR", "FAMILY", "NAME")
_HEADER_WORDS = ("NON_RETAIN", "RETAIN", "READ_ONLY", "UNLINKED", "KNOW_HOW_PROTECT", "NETWORK")
_SECTIONS = ("VAR", "VAR_INPUT", "VAR_OUTPUT", "VAR_IN_OUT")
_SECTION_WORDS = ("RETAIN", "NON_RETAIN", "DB_SPECIFIC", "PUBLIC", "PRIVATE", "INTERNAL", "PROTECTED")
_LATER_SECTIONS = ("VAR_TEMP", "CONST", "LABEL")
_MAX_NESTING = 32


def _data_block(tokens: Tokens, line: int) -> DataBlock:
    name = _block_name(tokens)
    bare = tokens.peek(-1).kind != "quoted"
    number = int(name[2:]) if bare and name[:2].upper() == "DB" and name[2:].isdecimal() else None
    declared, attributes = _declaration(tokens, _BLOCK_END, "Struct")
    said = attributes.get("S7_OPTIMIZED_ACCESS", "").upper()
    return DataBlock(
        name, number, declared, said == "TRUE" if said else None, attributes.get("TITLE", ""), line
    )


def _block_name(tokens: Tokens) -> str:
    """``"Filler"``, ``DB5`` or ``DB 5``."""
    token = tokens.peek()
    if token.kind not in ("word", "quoted"):
        raise tokens.error("expected the name of the block")
    tokens.take()
    if token.is_word(*_NUMBERED) and tokens.peek().kind == "number":
        return token.text.upper() + tokens.take().text
    return token.name


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
            declared = Structure(_members(tokens, 0, "END_STRUCT"), title)
        elif not _header_item(tokens, attributes):
            declared = _type(tokens, 0)
        tokens.take_sign(";")
    if declared is None:
        declared = Structure(tuple(members), title)
    return declared, attributes


def _header_item(tokens: Tokens, attributes: dict[str, str]) -> bool:
    """Take one item of a block's header, if there is one."""
    token = tokens.peek()
    if token.kind == "attributes":
        attributes |= _attributes(tokens.take())
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
    members = _members(tokens, 0, "END_VAR")
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


def _members(tokens: Tokens, depth: int, end: str) -> tuple[Member, ...]:
    if depth > _MAX_NESTING:
        raise tokens.error(f"expected at most {_MAX_NESTING} structures inside each other")
    members: list[Member] = []
    while not tokens.take_word(end):
        if tokens.peek().kind not in ("word", "quoted"):
            raise tokens.error(f"expected the name of a variable or {end}")
        members += _member(tokens, depth)
    return tuple(members)


def _member(tokens: Tokens, depth: int) -> list[Member]:
    """``name {attributes} : type := start value; // comment``, or several names of one type."""
    start = tokens.position
    names = [tokens.take().name]
    attributes: dict[str, str] = {}
    while tokens.take_sign(","):
        if tokens.peek().kind not in ("word", "quoted"):
            raise tokens.error("expected one more name of a variable")
        names.append(tokens.take().name)
    if tokens.peek().kind == "attributes":
        attributes = _attributes(tokens.take())
    is_view = tokens.take_word("AT")
    if is_view:
        tokens.take()
    tokens.expect(":", f"and a type behind {names[-1]}")
    declared = _type(tokens, depth)
    _skip_start_value(tokens)
    if is_view:
        return []
    # The comment of a structure stands behind the word STRUCT; those inside belong to its members.
    comment = tokens.comment(start, tokens.find_word("STRUCT", start))
    writable = attributes.get("EXTERNALWRITABLE", "").upper() != "FALSE"
    return [Member(name, declared, comment, writable) for name in names]


def _skip_start_value(tokens: Tokens) -> None:
    """What stands up to the semicolon; END_STRUCT may do without one."""
    if tokens.peek().kind == "assign":
        while tokens.peek().kind != "end" and tokens.peek().text != ";":
            if tokens.peek().is_word("END_STRUCT", "END_VAR"):
                return
            tokens.take()
    if not tokens.take_sign(";") and not tokens.peek(-1).is_word("END_STRUCT"):
        raise tokens.error("expected ';' behind the variable")


def _type(tokens: Tokens, depth: int) -> Declared:
    if tokens.peek().kind == "attributes":
        tokens.take()
    token = tokens.peek()
    if token.is_word("STRUCT"):
        tokens.take()
        return Structure(_members(tokens, depth + 1, "END_STRUCT"))
    if token.is_word("ARRAY"):
        return _array(tokens, depth)
    if token.kind == "quoted":
        tokens.take()
        return Reference(token.name, token.text)
    if token.kind != "word":
        raise tokens.error("expected a data type")
    return _named_type(tokens)


def _named_type(tokens: Tokens) -> Declared:
    token = tokens.peek()
    if token.is_word(*_NUMBERED) and tokens.peek(1).kind == "number":
        name = _block_name(tokens)
        return Reference(name, name)
    tokens.take()
    if token.is_word("REF_TO"):
        _type(tokens, 0)
        return Open(token.text, "a reference has no fixed place in the block")
    simple = type_named(token.text)
    if simple is None:
        return Reference(token.text, token.text)
    if simple.name in ("STRING", "WSTRING") and tokens.peek().text in ("[", "("):
        return _string(tokens, simple)
    return simple


def _string(tokens: Tokens, simple: Simple) -> Declared:
    close = "]" if tokens.take().text == "[" else ")"
    length = tokens.peek()
    if length.kind in ("word", "quoted") or length.text == "#":
        while tokens.peek().kind != "end" and not tokens.take_sign(close):
            tokens.take()
        return Open(f"{simple.text}[{length.text}]", f"its length {length.text} is a constant from elsewhere")
    if length.kind != "number" or len(length.text) > 5:
        raise tokens.error("expected the length of the string")
    tokens.take()
    tokens.expect(close, "behind the length of the string")
    return Simple(simple.name, f"{simple.text}[{length.text}]", int(length.text))


def _array(tokens: Tokens, depth: int) -> Declared:
    line = tokens.take().line
    tokens.expect("[", "behind ARRAY")
    bounds: list[tuple[int, int]] = []
    constant = ""
    while not tokens.take_sign("]"):
        token = tokens.peek()
        if token.kind in ("word", "quoted") or token.text in ("#", "*"):
            constant = constant or token.text
            tokens.take()
        elif constant:
            if token.kind == "end":
                raise tokens.error("expected ']' behind the bounds of the array")
            tokens.take()
        else:
            low = _integer(tokens)
            if tokens.peek().kind != "range":
                raise tokens.error("expected '..' between the bounds of the array")
            tokens.take()
            if tokens.peek().kind in ("word", "quoted") or tokens.peek().text == "#":
                constant = tokens.peek().text
                continue
            bounds.append((low, _integer(tokens)))
            tokens.take_sign(",")
    if not tokens.take_word("OF"):
        raise tokens.error("expected OF behind the bounds of the array")
    element = _type(tokens, depth)
    if constant or not bounds:
        return Open(
            f"Array of {element.text}", f"the bound {constant or '*'} of the array is not in the file"
        )
    array = ArrayOf(tuple(bounds), element)
    if any(low > high for low, high in bounds) or array.count > MAX_ELEMENTS:
        raise tokens.error(f"expected an array that fits a data block in line {line}, not {array.text}")
    return array


def _integer(tokens: Tokens) -> int:
    sign = -1 if tokens.take_sign("-") else 1
    if sign > 0:
        tokens.take_sign("+")
    token = tokens.peek()
    if token.kind != "number" or len(token.text) > 10:
        raise tokens.error("expected a whole number as the bound of the array")
    tokens.take()
    return sign * int(token.text)


def _attributes(token: Token) -> dict[str, str]:
    """``{ S7_Optimized_Access := 'FALSE'; A := 'b' }`` with names in upper case."""
    found: dict[str, str] = {}
    for item in token.text[1:-1].replace("\n", " ").split(";"):
        name, assign, value = item.partition(":=")
        if assign:
            found[name.strip().upper()] = value.strip().strip("'\"")
    return found


def _unwatched(done: int, total: int | None, text: str) -> None:
    """Progress of what takes no time."""
