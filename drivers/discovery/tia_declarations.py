"""Declarations in STEP 7 sources: variables with their types, comments and attributes."""

from drivers.discovery.tia_source_tokens import Token, Tokens
from drivers.discovery.tia_types import (
    MAX_ELEMENTS,
    ArrayOf,
    Declared,
    Member,
    Open,
    Reference,
    Simple,
    Structure,
    type_named,
)


def parse_declared(text: str, source: str) -> Declared:
    """A data type alone, such as ``Array[0..9] of Real``; ``DiscoveryError`` if it is none."""
    tokens = Tokens(text, source, _unwatched)
    declared = read_type(tokens, 0)
    if tokens.peek().kind != "end":
        raise tokens.error(f"expected nothing behind the data type {declared.text}")
    return declared


def read_block_name(tokens: Tokens) -> str:
    """``"Filler"``, ``DB5`` or ``DB 5``."""
    token = tokens.peek()
    if token.kind not in ("word", "quoted"):
        raise tokens.error("expected the name of the block")
    tokens.take()
    if token.is_word(*_NUMBERED) and tokens.peek().kind == "number":
        return token.text.upper() + tokens.take().text
    return token.name


def read_members(tokens: Tokens, depth: int, end: str) -> tuple[Member, ...]:
    if depth > _MAX_NESTING:
        raise tokens.error(f"expected at most {_MAX_NESTING} structures inside each other")
    members: list[Member] = []
    while not tokens.take_word(end):
        if tokens.peek().kind not in ("word", "quoted"):
            raise tokens.error(f"expected the name of a variable or {end}")
        members += _member(tokens, depth)
    return tuple(members)


def read_type(tokens: Tokens, depth: int) -> Declared:
    if tokens.peek().kind == "attributes":
        tokens.take()
    token = tokens.peek()
    if token.is_word("STRUCT"):
        tokens.take()
        return Structure(read_members(tokens, depth + 1, "END_STRUCT"))
    if token.is_word("ARRAY"):
        return _array(tokens, depth)
    if token.kind == "quoted":
        tokens.take()
        return Reference(token.name, token.text)
    if token.kind != "word":
        raise tokens.error("expected a data type")
    return _named_type(tokens)


def read_attributes(token: Token) -> dict[str, str]:
    """``{ S7_Optimized_Access := 'FALSE'; A := 'b' }`` with names in upper case."""
    found: dict[str, str] = {}
    for item in token.text[1:-1].replace("\n", " ").split(";"):
        name, assign, value = item.partition(":=")
        if assign:
            found[name.strip().upper()] = value.strip().strip("'\"")
    return found


_NUMBERED = ("DB", "DI", "UDT", "FB", "SFB")
_MAX_NESTING = 32


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
        attributes = read_attributes(tokens.take())
    is_view = tokens.take_word("AT")
    if is_view:
        tokens.take()
    tokens.expect(":", f"and a type behind {names[-1]}")
    declared = read_type(tokens, depth)
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


def _named_type(tokens: Tokens) -> Declared:
    token = tokens.peek()
    if token.is_word(*_NUMBERED) and tokens.peek(1).kind == "number":
        name = read_block_name(tokens)
        return Reference(name, name)
    tokens.take()
    if token.is_word("REF_TO"):
        read_type(tokens, 0)
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
    element = read_type(tokens, depth)
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


def _unwatched(done: int, total: int | None, text: str) -> None:
    """Progress of what takes no time."""
