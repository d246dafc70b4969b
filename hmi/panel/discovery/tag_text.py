"""What the columns of the tree of tags say."""

from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from hmi.panel.discovery.tag_item import Check, TagItem
from hmi.panel.discovery.value_text import preview_text


class TagColumn(IntEnum):
    """In the order of the tree."""

    NAME = 0
    TYPE = 1
    ADDRESS = 2
    ACCESS = 3
    DESCRIPTION = 4
    VALUE = 5


def headers() -> tuple[str, ...]:
    """The names of the columns."""
    return (_tr("Name"), _tr("Type"), _tr("Address"), _tr("Access"), _tr("Description"), _tr("Value now"))


def cell_text(item: TagItem, column: TagColumn) -> str:
    """One cell; folders have a name and a type only."""
    node = item.node
    match column:
        case TagColumn.NAME:
            return node.name
        case TagColumn.TYPE:
            return node.type_text or (str(node.type) if node.type else "")
        case TagColumn.ADDRESS:
            return node.address if node.selectable else ""
        case TagColumn.ACCESS:
            return (_tr("Write") if node.writable else _tr("Read")) if node.selectable else ""
        case TagColumn.DESCRIPTION:
            return _remark(item)
        case TagColumn.VALUE:
            return preview_text(item.preview)


def spoken_item(item: TagItem) -> str:
    """Name, type, value, and whether it is chosen."""
    states = {Check.OFF: _tr("not chosen"), Check.PARTLY: _tr("partly chosen"), Check.ON: _tr("chosen")}
    columns = (TagColumn.NAME, TagColumn.TYPE, TagColumn.VALUE, TagColumn.DESCRIPTION)
    parts = [cell_text(item, column) for column in columns]
    if item.folder or item.node.selectable:
        parts.append(states[item.check])
    return ", ".join(part for part in parts if part)


def tool_tip(item: TagItem) -> str | None:
    """The whole of what may be cut off in its cell: why not, why the value is missing, or what it is."""
    return _remark(item) or item.node.address or None


def _remark(item: TagItem) -> str:
    """Why it has no value, that the plant file has it, why it cannot be a tag, or its description."""
    if item.preview is not None and item.preview.error:
        return item.preview.error
    if item.present:
        return _tr("In the plant file as {0}").format(item.present)
    return item.node.description if item.node.selectable else item.node.reason or item.node.description


def _tr(text: str) -> str:
    return QCoreApplication.translate("TagTree", text)
