"""Tag definitions for tests."""

from typing import Any

from engine.model import Access, TagDef, parse_type


def tag_def(name: str = "FillLevel", data_type: str = "REAL", **fields: Any) -> TagDef:
    fields.setdefault("connection", "line1")
    fields.setdefault("address", "DB1,0")
    if fields.pop("writable", False):
        fields["access"] = Access.READ_WRITE
    return TagDef(name=name, type=parse_type(data_type), **fields)
