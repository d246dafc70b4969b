"""What was found and browsed, one JSON object a line, for machines. Pure."""

import json
from typing import Any

from engine.discovery import Browsed, Found, PlantEdit, Preview
from hmi.discover_select import Chosen


def found_line(found: Found) -> str:
    """A controller that answered."""
    target = found.target
    return _line(
        "controller",
        type=target.type,
        family=target.family,
        host=target.host,
        port=target.port,
        rack=target.rack,
        slot=target.slot,
        product=found.product,
        vendor=found.vendor,
        firmware=found.firmware,
        serial=found.serial,
        state=found.state,
        note=found.note,
    )


def browsed_line(browsed: Browsed) -> str:
    """What the tags that follow are of; the folders of memory that has no names are told here."""
    target = browsed.target
    return _line(
        "source",
        source=browsed.source,
        type=browsed.type,
        family=browsed.family,
        host=None if target is None else target.host,
        notices=browsed.notices,
        roots=[{"name": root.name, "type_text": root.type_text} for root in browsed.roots],
    )


def tag_line(chosen: Chosen, preview: Preview | None) -> str:
    """Something that can be a tag; with a preview its value or what is wrong."""
    node = chosen.node
    more = {} if preview is None else {"value": preview.value, "error": preview.error}
    return _line(
        "tag",
        path=[*chosen.path, node.name],
        address=node.address,
        data_type=str(node.type),
        type_text=node.type_text,
        writable=node.writable,
        description=node.description,
        unit=node.unit,
        **more,
    )


def edit_line(edit: PlantEdit, *, written: bool) -> str:
    """What became of the plant file."""
    return _line(
        "change",
        path=str(edit.path),
        diff=edit.diff,
        added=edit.added,
        changed=edit.changed,
        problems=edit.problems,
        notices=edit.notices,
        written=written,
    )


def _line(kind: str, **fields: Any) -> str:
    return json.dumps({"kind": kind, **fields}, ensure_ascii=False)
