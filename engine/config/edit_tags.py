"""What a change of one connection's tags means for the text of the plant file, character by character."""

from collections.abc import Collection, Iterable, Mapping

from engine.config.edit_render import Rendered, flow, render_connection, render_tag
from engine.config.edit_spans import Layout, Span, Splice
from engine.discovery import ConnectionEntry, DiscoveryError, TagChanges, TagEntry

_BY_HAND = "change it by hand, or write it over several lines and try again"


def connection_splices(
    layout: Layout, index: int, changes: TagChanges, present: Mapping[str, tuple[int, TagEntry]]
) -> list[Splice]:
    """Changes for the connection at ``index``; ``present``: its tags by name with their index."""
    connection = _connections(layout, changes.connection_id).items[index]  # type: ignore[index]
    if connection.flow or connection.entries is None:
        raise DiscoveryError(f"{changes.connection_id} is written in braces in one line: {_BY_HAND}")
    new = [tag for tag in changes.put if tag.name not in present]
    old = [(present[tag.name], tag) for tag in changes.put if tag.name in present]
    gone = [present[name][0] for name in changes.remove if name in present]
    pair = connection.entry("tags")
    if pair is None:
        return _first_tags(layout, connection, new)
    tags = pair[1]
    _refuse_alias(connection, tags, changes.connection_id)
    if new and tags.flow and not layout.text[tags.start + 1 : tags.end - 1].strip():
        return _in_place_of_none(layout, connection, tags, new)
    splices: list[Splice] = []
    for (at, before), tag in old:
        splices += _changed_tag(layout, _inside(tags, at, changes.connection_id), before, tag)
    if gone and len(gone) == len(tags.items or ()) and not new:
        return [Splice(tags.start, tags.end, "[]")]
    return [*splices, *_removed(layout, tags, gone), *_added(layout, tags, new, frozenset(gone))]


def new_connection_splices(layout: Layout, entry: ConnectionEntry, tags: Iterable[TagEntry]) -> list[Splice]:
    """A connection behind the last one, or the first of all."""
    newline, root = layout.newline, layout.root
    pair = root.entry("plc_connections") if root is not None else None
    known = pair[1] if pair is not None else None
    if known is not None and known.items and not known.flow:
        indent, at, key = known.column, _behind(layout, known.items[-1]), ""
    elif pair is not None and known is not None and not known.items:
        indent, at, key = 2, known.end, ""
        empty = Splice(known.start, known.end, "")
        text = _connection_text(entry, tags, indent, newline)
        return [empty, Splice(at, at, newline + text.rstrip(newline))]
    elif pair is None:
        indent, at, key = 2, len(layout.text), f"plc_connections:{newline}"
    else:
        raise DiscoveryError(f"plc_connections is written in brackets in one line: {_BY_HAND}")
    gap = "" if layout.text[:at].endswith(("\n", "\r")) else newline
    return [Splice(at, at, gap + newline + key + _connection_text(entry, tags, indent, newline))]


def _connection_text(entry: ConnectionEntry, tags: Iterable[TagEntry], indent: int, newline: str) -> str:
    pad = " " * (indent + 4)
    lines = [f"{pad}- {flow(render_tag(tag))}{newline}" for tag in tags]
    head = render_connection(entry, indent, newline)
    return head + newline + "".join(lines) if lines else head + " []" + newline


def _connections(layout: Layout, name: str) -> Span:
    pair = layout.root.entry("plc_connections") if layout.root is not None else None
    if pair is None or not pair[1].items:
        raise DiscoveryError(f"there is no connection {name} in the plant file")
    return pair[1]


def _refuse_alias(connection: Span, tags: Span, name: str) -> None:
    if not connection.start <= tags.start <= tags.end <= connection.end:
        raise DiscoveryError(f"the tags of {name} are shared with another place by an alias (*): {_BY_HAND}")


def _inside(tags: Span, index: int, name: str) -> Span:
    span = (tags.items or ())[index]
    if not tags.start <= span.start <= span.end <= tags.end:
        raise DiscoveryError(f"a tag of {name} is shared with another place by an alias (*): {_BY_HAND}")
    return span


def _first_tags(layout: Layout, connection: Span, new: list[TagEntry]) -> list[Splice]:
    if not new:
        return []
    return [_lines(layout, connection, connection, new, f"{' ' * connection.column}tags:{layout.newline}")]


def _lines(layout: Layout, connection: Span, after: Span, new: list[TagEntry], head: str = "") -> Splice:
    """A line for each tag, behind the line on which ``after`` ends."""
    newline, at = layout.newline, _behind(layout, after)
    pad = " " * connection.column
    gap = "" if layout.text[:at].endswith(("\n", "\r")) else newline
    lines = [f"{pad}  - {flow(render_tag(tag))}{newline}" for tag in new]
    return Splice(at, at, gap + head + "".join(lines))


def _in_place_of_none(layout: Layout, connection: Span, tags: Span, new: list[TagEntry]) -> list[Splice]:
    """``[]`` becomes a list with a line for each tag; what follows on its line stays there."""
    start = len(layout.text[: tags.start].rstrip(" "))
    return [Splice(start, tags.end, ""), _lines(layout, connection, tags, new)]


def _behind(layout: Layout, span: Span) -> int:
    """The start of the line after a block; a comment at the end of its last line stays with it."""
    return layout.line_end(max(span.start, span.end - 1))


def _added(layout: Layout, tags: Span, new: list[TagEntry], gone: frozenset[int]) -> list[Splice]:
    if not new:
        return []
    texts = [flow(render_tag(tag)) for tag in new]
    items = tags.items or ()
    if tags.flow:
        left = len(items) - len(gone)
        trailing = layout.text[items[-1].end : tags.end].lstrip().startswith(",") if items else False
        comma = ", " if left and not trailing else (" " if left else "")
        return [Splice(tags.end - 1, tags.end - 1, comma + ", ".join(texts))]
    at, newline = _behind(layout, items[-1]), layout.newline
    gap = "" if layout.text[:at].endswith(("\n", "\r")) else newline
    lines = "".join(f"{' ' * tags.column}- {text}{newline}" for text in texts)
    return [Splice(at, at, gap + lines)]


def _removed(layout: Layout, tags: Span, gone: list[int]) -> list[Splice]:
    items = tags.items or ()
    if not tags.flow:
        return [
            Splice(layout.line_start(_dash(layout, items[index])), _behind(layout, items[index]), "")
            for index in sorted(gone)
        ]
    splices = []
    for index in sorted(gone):
        last = index + 1 == len(items)
        # The comma goes with what stands before it, so that neighbours can go together.
        start = items[index].start
        if last and (kept := [i for i in range(index) if i not in gone]):
            start = items[kept[-1]].end if kept[-1] == index - 1 else start
        splices.append(Splice(start, tags.end - 1 if last else items[index + 1].start, ""))
    return splices


def _dash(layout: Layout, item: Span) -> int:
    return layout.text.rindex("-", 0, item.start)


def _changed_tag(layout: Layout, span: Span, before: TagEntry, after: TagEntry) -> list[Splice]:
    """Only the keys whose values change; everything else of the tag stays as somebody wrote it."""
    old, new = render_tag(before), render_tag(after)
    changed = {key: text for key, text in new.items() if old.get(key) != text}
    dropped = [key for key in old if key not in new]
    splices = []
    missing: Rendered = {}
    for key, text in changed.items():
        pair = span.entry(key)
        if pair is None:
            missing[key] = text
        else:
            splices.append(Splice(pair[1].start, pair[1].end, text))
    return splices + _without(layout, span, dropped) + _with_keys(layout, span, missing)


def _with_keys(layout: Layout, span: Span, missing: Rendered) -> list[Splice]:
    if not missing:
        return []
    if span.flow:
        at = (span.entries or ())[-1][1].end
        return [Splice(at, at, "".join(f", {key}: {text}" for key, text in missing.items()))]
    at = _behind(layout, span)
    gap = "" if layout.text[:at].endswith(("\n", "\r")) else layout.newline
    pad = " " * span.column
    return [
        Splice(at, at, gap + "".join(f"{pad}{key}: {text}{layout.newline}" for key, text in missing.items()))
    ]


def _without(layout: Layout, span: Span, keys: Collection[str]) -> list[Splice]:
    entries = span.entries or ()
    indices = [i for i, pair in enumerate(entries) if pair[0].value in keys]
    # Those in front go together; name, address and data_type cannot be dropped, so that one is behind them.
    lead = next(i for i in range(len(entries)) if i not in indices) if entries else 0
    splices = [Splice(entries[0][0].start, entries[lead][0].start, "")] if lead else []
    for index in indices[lead:]:
        if span.flow:
            splices.append(Splice(entries[index - 1][1].end, entries[index][1].end, ""))
        else:
            key, value = entries[index]
            splices.append(Splice(layout.line_start(key.start), _behind(layout, value), ""))
    return splices
