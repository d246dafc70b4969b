"""From declared data blocks and the types they name to what people choose tags from."""

from collections.abc import Iterable, Mapping, Sequence

from drivers.discovery.tia_tree import block_node, count_readable
from drivers.discovery.tia_types import ArrayOf, DataBlock, Declared, Reference, Structure
from engine.discovery import Browsed, BrowseNode, DiscoveryError

SWITCH_OFF = (
    'In TIA Portal open its Properties > Attributes, switch off "Optimized block access", compile and '
    "download, then make the file again."
)


def browse_blocks(
    source: str,
    blocks: Sequence[DataBlock],
    types: Mapping[str, Declared],
    db_numbers: Mapping[str, int] | None = None,
) -> Browsed:
    """The trees of these blocks. Raises ``DiscoveryError`` if none of them has addresses.

    ``db_numbers``: numbers by the blocks' names, for those whose file does not tell them.
    """
    readable = [block for block in blocks if not block.optimised]
    notices = [
        f"{_title(block)} is left out: it has optimised access. {SWITCH_OFF}"
        for block in blocks
        if block.optimised
    ]
    if not readable:
        names = ", ".join(_title(block) for block in blocks)
        raise DiscoveryError(
            f"{source}: {names} has optimised access: its variables have no addresses. {SWITCH_OFF}"
        )
    roots: list[BrowseNode] = []
    for block in readable:
        number = (db_numbers or {}).get(block.name, block.number)
        roots.append(block_node(block, types, number))
        notices += _notices(block, number, types)
    count = sum(count_readable(block.type, types) for block in readable)
    family = "S7-300" if all(block.optimised is None for block in readable) else "S7-1500"
    return Browsed(source, "SIEMENS_S7", family, tuple(roots), None, tuple(notices), count)


def missing_types(blocks: Iterable[DataBlock], types: Mapping[str, Declared]) -> set[str]:
    """Names (upper case) of types that these blocks need and ``types`` does not have."""
    missing: set[str] = set()
    seen: set[str] = set()
    waiting: list[Declared] = [block.type for block in blocks]
    while waiting:
        declared = waiting.pop()
        if isinstance(declared, Structure):
            waiting += [member.type for member in declared.members]
        elif isinstance(declared, ArrayOf):
            waiting.append(declared.element)
        elif isinstance(declared, Reference) and declared.name.upper() not in seen:
            seen.add(declared.name.upper())
            meant = types.get(declared.name.upper())
            if meant is None:
                missing.add(declared.name.upper())
            else:
                waiting.append(meant)
    return missing


def _title(block: DataBlock) -> str:
    return f"The data block {block.name}"


def _notices(block: DataBlock, number: int | None, types: Mapping[str, Declared]) -> list[str]:
    notices: list[str] = []
    if number is None:
        notices.append(
            f"The file does not tell the number of the data block {block.name}: its addresses need it. "
            "TIA Portal shows it behind the name, as in Filler [DB5]."
        )
    if block.optimised is None:
        notices.append(
            f"{_title(block)} does not say whether its access is optimised; "
            "on an S7-1200 or S7-1500 it must not be."
        )
    missing = missing_types([block], types)
    if missing:
        names = ", ".join(sorted(missing))
        notices.append(
            f"{_title(block)} names types that are not in the file or beside it: {names}. Generate their "
            "sources into the same folder; what lies behind them has no address until then."
        )
    return notices
