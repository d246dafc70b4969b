"""Names for tags that are taken over from a controller or a file: short where they are unique. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

from engine.discovery import BrowseNode, TagEntry

_LONGEST = 128
_SEPARATOR = "_"


def propose_names(
    nodes: Sequence[BrowseNode],
    paths: Sequence[Sequence[str]] = (),
    taken: Collection[str] = (),
) -> list[TagEntry]:
    """Plant file entries for the selectable ones of ``nodes``, each with a name of its own.

    ``paths``: for each node the names of the folders it lies in, outermost first, where they are known.
    ``taken``: names that the connection has already. A name is the node's own; where that is not unique,
    as much of its path is put in front as it takes, and a number behind it where even that is not enough.
    """
    chosen = [
        (node, _candidates(node, path))
        for node, path in zip_longest(nodes, paths[: len(nodes)], fillvalue=())
        if isinstance(node, BrowseNode) and node.selectable
    ]
    names = _shortest_unique([candidates for _, candidates in chosen], {name.casefold() for name in taken})
    return [_entry(node, name) for (node, _), name in zip(chosen, names, strict=True)]


def _entry(node: BrowseNode, name: str) -> TagEntry:
    return TagEntry(name, node.address, str(node.type), node.description, node.unit)


def _candidates(node: BrowseNode, path: Sequence[str]) -> list[str]:
    """Possible names, short ones first."""
    if not _PLACE.match(node.address):
        return _suffixes(_PART.findall(node.address)) or [_NAMELESS]
    place = _clean(node.address)
    if node.name in node.address:
        is_named = node.name.upper() in _MEMBERS and path and path[-1] not in node.address
        return [*_suffixes((*path, node.name)), place] if is_named else [place]
    named = _suffixes((*path, node.name))
    return [*named, _joined((named[0], place))] if named else [place]


_PLACE = re.compile(r"%?DB\d|%?[MIQEAV][XBWD]?\d|(?:ST|[NBFTCRSLAIO])\d*[:/]\d", re.IGNORECASE)
"""Addresses of memory, such as DB1.DBD8, M0.1 or N7:0; all others are made of names."""
_PART = re.compile(r"[^.\[\]{},\s]+")


_NAMELESS = "Tag"
_MEMBERS = frozenset(
    {
        "PRE",
        "ACC",
        "EN",
        "TT",
        "DN",
        "CU",
        "CD",
        "OV",
        "UN",
        "UA",
        "LEN",
        "POS",
        "EU",
        "EM",
        "ER",
        "UL",
        "IN",
        "FD",
        "DATA",
        "CTL",
    }
)
"""Members of timers, counters and the like: their names alone say nothing."""


def _suffixes(texts: Iterable[str]) -> list[str]:
    """The last part, the last two, ...; none of them a mere number, nor a member's common name."""
    parts = [part for part in map(_clean, texts) if part]
    starts = [start for start in range(len(parts) - 1, -1, -1) if not parts[start].isdigit()]
    if len(starts) > 1 and parts[starts[0]].upper() in _MEMBERS:
        del starts[0]
    return list(dict.fromkeys(name for start in starts if (name := _joined(parts[start:]))))


def _clean(text: str) -> str:
    """Fit for the plant file and for a topic: letters, digits and ``_``."""
    return re.sub(r"\W+", _SEPARATOR, text.removeprefix("Program:")).strip(_SEPARATOR)


def _joined(parts: Iterable[str]) -> str:
    return _SEPARATOR.join(parts)[-_LONGEST:].strip(_SEPARATOR)


def _shortest_unique(candidates: Sequence[Sequence[str]], taken: set[str]) -> list[str]:
    """For each the first of its candidates that nobody else has at the same length or shorter."""
    level = [0] * len(candidates)
    while True:
        names = [options[at] for options, at in zip(candidates, level, strict=True)]
        used = Counter(name.casefold() for name in names)
        longer = [
            index
            for index, (options, name) in enumerate(zip(candidates, names, strict=True))
            if (used[name.casefold()] > 1 or name.casefold() in taken) and level[index] + 1 < len(options)
        ]
        if not longer:
            return _numbered(names, taken)
        for index in longer:
            level[index] += 1


def _numbered(names: Iterable[str], taken: set[str]) -> list[str]:
    """The names, with numbers behind those that are not unique."""
    used = set(taken)
    unique: list[str] = []
    for name in names:
        free, number = name, 2
        while free.casefold() in used:
            free = f"{name[: _LONGEST - 8]}{_SEPARATOR}{number}"
            number += 1
        used.add(free.casefold())
        unique.append(free)
    return unique
