"""What was found and browsed, as text for people. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.config.problems import printable
from engine.discovery import Browsed, BrowseNode, Found, Preview
from engine.model import TypeSpec, Value
from hmi.discover_select import Chosen, is_bare_memory

_COLUMNS = ("ADDRESS", "FAMILY", "PRODUCT", "FIRMWARE", "SERIAL", "STATE")
_LONGEST_NAME = 48
_ELEMENTS = 8

Previews = Mapping[tuple[str, TypeSpec | None], Preview]
"""By address and type, see ``preview_key``."""


def preview_key(seen: BrowseNode | Preview) -> tuple[str, TypeSpec | None]:
    """One address may be seen as several types, each with a value of its own."""
    return seen.address, seen.type


def format_found(found: Sequence[Found]) -> Iterator[str]:
    """A table of controllers, below each what has to be known of it."""
    rows = [_COLUMNS, *(_cells(each) for each in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for index, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if index and found[index - 1].note:
            yield f"    {printable(found[index - 1].note)}"


def _cells(found: Found) -> tuple[str, ...]:
    target = found.target
    cells = (
        f"{target.host}:{target.port}",
        f"{target.family or '-'}{f' slot {target.slot}' if target.slot and target.family else ''}",
        found.product,
        found.firmware,
        found.serial,
        found.state,
    )
    return tuple(printable(cell) or "-" for cell in cells)


def format_browsed(browsed: Browsed, previews: Previews) -> Iterator[str]:
    """The tree; arrays and words are not taken apart, memory without names is not listed place by place."""
    yield from format_head(browsed)
    rows = list(_tree(browsed.roots, 0, 1 if is_bare_memory(browsed) else None))
    width = min(max((2 * depth + len(node.name) for depth, node in rows), default=0), _LONGEST_NAME)
    for depth, node in rows:
        name = printable(f"{'  ' * depth}{node.name}").ljust(width)
        yield f"{name}  {_describe(node, previews)}".rstrip()


def format_chosen(chosen: Sequence[Chosen], previews: Previews) -> Iterator[str]:
    """Only what was chosen, a line each."""
    width = min(max((len(each.node.address) for each in chosen), default=0), _LONGEST_NAME)
    for each in chosen:
        node = each.node
        name = "" if node.name in node.address else f"  {node.name}"
        yield printable(
            f"{node.address.ljust(width)}{name}  {_describe(node, previews, address=False)}"
        ).rstrip()


def format_head(browsed: Browsed) -> Iterator[str]:
    """What it is, and what has to be known of it."""
    kind = " ".join(text for text in (browsed.type, browsed.family) if text)
    count = "" if is_bare_memory(browsed) else f", {browsed.count} tags"
    yield printable(f"{browsed.source} ({kind}){count}")
    for notice in browsed.notices:
        yield printable(f"  {notice}")


def format_value(value: Value | None) -> str:
    """A value in few characters."""
    if isinstance(value, tuple):
        shown = ", ".join(format_value(each) for each in value[:_ELEMENTS])
        return f"[{shown}{', …' if len(value) > _ELEMENTS else ''}]"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.6g}"
    return repr(value) if isinstance(value, str) else str(value)


def _tree(nodes: Iterable[BrowseNode], depth: int, deepest: int | None) -> Iterator[tuple[int, BrowseNode]]:
    for node in nodes:
        yield depth, node
        if node.expand is not None and not node.selectable and (deepest is None or depth + 1 < deepest):
            yield from _tree(node.expand(), depth + 1, deepest)


def _describe(node: BrowseNode, previews: Previews, *, address: bool = True) -> str:
    parts = [node.type_text or (str(node.type) if node.type else "")]
    if node.selectable:
        parts.append("read/write" if node.writable else "read only")
        if address:
            parts.append(node.address)
    parts += [node.unit, node.description, node.reason]
    preview = previews.get(preview_key(node)) if node.selectable else None
    if preview is not None:
        parts.append(f"= {preview.error or format_value(preview.value)}")
    return printable("  ".join(part for part in parts if part))
